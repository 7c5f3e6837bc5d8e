"""Cosignatures: exact messages, round trips, and tampering with every part."""

import struct
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError, SignatureError
from ledger.notes.checkpoint import Checkpoint, format_checkpoint
from ledger.notes.cosignature import (
    Ed25519CosignatureVerifier,
    Ed25519Cosigner,
    MLDSA44Signer,
    MLDSA44Verifier,
    cosignature_time,
    cosigned_message,
)
from ledger.notes.note import Verifier, open_note, parse_vkey, sign_note
from ledger.notes.vkey import split_vkey

SEED = bytes(range(32))
ROOT = bytes(range(32, 64))
CHECKPOINT = Checkpoint("log.example", 20852163, ROOT)
TEXT = format_checkpoint(CHECKPOINT)
NOW = 1679315147

ED25519 = Ed25519Cosigner("witness.example/w1", SEED, timestamp=NOW)
MLDSA44 = MLDSA44Signer("witness.example/w1", SEED, timestamp=NOW)
ED25519_KEY, MLDSA44_KEY = parse_vkey(ED25519.vkey), parse_vkey(MLDSA44.vkey)
BOTH: list[tuple[Ed25519Cosigner | MLDSA44Signer, Verifier]] = [(ED25519, ED25519_KEY), (MLDSA44, MLDSA44_KEY)]


def test_an_ed25519_cosignature_signs_header_time_and_text() -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    signed = key.sign(b"cosignature/v1\ntime 1679315147\n" + TEXT)
    assert ED25519.sign(TEXT) == struct.pack(">Q", NOW) + signed


def test_an_ml_dsa_cosignature_signs_the_record_of_the_specification() -> None:
    signature = MLDSA44.sign(TEXT)
    record = (
        b"subtree/v1\n\0"
        + b"\x12witness.example/w1"
        + NOW.to_bytes(8, "big")
        + b"\x0blog.example"
        + bytes(8)
        + (20852163).to_bytes(8, "big")
        + ROOT
    )
    assert cosigned_message("witness.example/w1", NOW, CHECKPOINT) == record
    assert signature[:8] == NOW.to_bytes(8, "big")
    MLDSA44PrivateKey.from_seed_bytes(SEED).public_key().verify(signature[8:], record)


def test_key_ids_are_made_of_name_kind_and_key() -> None:
    for signer, kind, length in ((ED25519, 4, 32), (MLDSA44, 6, 1312)):
        name, found, public_key = split_vkey(signer.vkey)
        assert (name, found, len(public_key)) == ("witness.example/w1", kind, length)
        assert signer.key_id == sha256(b"witness.example/w1\n" + bytes([kind]) + public_key).digest()[:4]


@settings(max_examples=20)
@given(
    st.text(st.characters(min_codepoint=33, codec="utf-8"), min_size=1, max_size=60),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**63 - 1),
)
def test_cosignatures_of_any_checkpoint_verify(origin: str, size: int, root: bytes, time: int) -> None:
    text = format_checkpoint(Checkpoint(origin, size, root))
    for signer, verifier in BOTH:
        signature = signer.at(time).sign(text)
        assert cosignature_time(signature) == time
        verifier.verify(text, signature)


def test_a_signer_at_another_time_is_the_same_key_and_leaves_the_first_as_it_was() -> None:
    for signer, _ in BOTH:
        later = signer.at(NOW + 1)
        assert (later.name, later.key_id, later.vkey) == (signer.name, signer.key_id, signer.vkey)
        assert cosignature_time(later.sign(TEXT)) == NOW + 1
        assert cosignature_time(signer.sign(TEXT)) == NOW


def test_a_log_signs_its_own_checkpoint_without_a_time() -> None:
    signer = MLDSA44Signer("log.example", SEED)
    assert cosignature_time(signer.sign(TEXT)) == 0
    opened = open_note(sign_note(TEXT, [signer]), [parse_vkey(signer.vkey)])
    assert opened.verified == (("log.example", signer.key_id),)


def test_a_note_with_one_ml_dsa_signature_has_the_size_that_was_planned_for() -> None:
    assert 3_200 < len(sign_note(TEXT, [MLDSA44])) < 3_500


@pytest.mark.parametrize("change", [0, 7, 8, 40, 71, -1])
def test_a_changed_cosignature_is_refused(change: int) -> None:
    for signer, verifier in BOTH:
        changed = bytearray(signer.sign(TEXT))
        changed[change] ^= 1
        with pytest.raises(SignatureError):
            verifier.verify(TEXT, bytes(changed))


@pytest.mark.parametrize(
    "other",
    [
        Checkpoint("lag.example", 20852163, ROOT),
        Checkpoint("log.example", 20852162, ROOT),
        Checkpoint("log.example", 20852163, ROOT[::-1]),
    ],
)
def test_a_cosignature_does_not_carry_over_to_another_tree_head(other: Checkpoint) -> None:
    for signer, verifier in BOTH:
        with pytest.raises(SignatureError):
            verifier.verify(format_checkpoint(other), signer.sign(TEXT))


def test_only_the_ed25519_kind_covers_extension_lines() -> None:
    extended = format_checkpoint(Checkpoint("log.example", 20852163, ROOT, ("more",)))
    MLDSA44_KEY.verify(extended, MLDSA44.sign(TEXT))
    with pytest.raises(SignatureError):
        ED25519_KEY.verify(extended, ED25519.sign(TEXT))


def test_an_ml_dsa_signature_is_bound_to_the_signers_name() -> None:
    renamed = MLDSA44Verifier("witness.example/w2", split_vkey(MLDSA44.vkey)[2])
    with pytest.raises(SignatureError):
        renamed.verify(TEXT, MLDSA44.sign(TEXT))


def test_a_plain_ed25519_signature_is_no_cosignature() -> None:
    plain = Ed25519PrivateKey.from_private_bytes(SEED).sign(TEXT)
    for signature in (plain, bytes(8) + plain):
        with pytest.raises(SignatureError):
            ED25519_KEY.verify(TEXT, signature)


@pytest.mark.parametrize("length", [0, 7, 8, 9, 71, 73, 2427, 2429])
def test_cosignatures_of_another_length_are_refused(length: int) -> None:
    for signer, verifier in BOTH:
        with pytest.raises(SignatureError):
            verifier.verify(TEXT, (signer.sign(TEXT) + bytes(2500))[:length])


@pytest.mark.parametrize("length", [0, 7, 8])
def test_a_time_alone_or_less_is_no_cosignature(length: int) -> None:
    with pytest.raises(SignatureError):
        cosignature_time(bytes(length))


def test_times_beyond_63_bits_are_refused() -> None:
    with pytest.raises(SignatureError):
        cosignature_time(b"\x80" + bytes(71))
    for signer, _ in BOTH:
        for time in (-1, 2**63):
            with pytest.raises(MalformedError):
                signer.at(time)
    with pytest.raises(MalformedError):
        Ed25519Cosigner("w", SEED, timestamp=-1)


def test_an_ml_dsa_key_signs_checkpoints_only() -> None:
    with pytest.raises(MalformedError):
        MLDSA44.sign(b"not a checkpoint\n")
    with pytest.raises(SignatureError):
        MLDSA44_KEY.verify(b"not a checkpoint\n", MLDSA44.sign(TEXT))


def test_names_and_origins_up_to_255_bytes_can_be_signed() -> None:
    cosigned_message("n" * 255, 0, Checkpoint("o" * 255, 1, ROOT))
    for name, origin in (("n" * 256, "o"), ("n", "o" * 256), ("n", "电" * 86)):
        with pytest.raises(MalformedError):
            cosigned_message(name, 0, Checkpoint(origin, 1, ROOT))


def test_keys_of_another_length_are_refused() -> None:
    with pytest.raises(MalformedError):
        MLDSA44Verifier("w", bytes(1311))
    with pytest.raises(MalformedError):
        Ed25519CosignatureVerifier("w", bytes(32))
    with pytest.raises(MalformedError):
        MLDSA44Signer("w", bytes(31))
