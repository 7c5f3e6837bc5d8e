"""Checkpoints: their text, and whose signature makes them one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError, SignatureError
from ledger.notes.checkpoint import Checkpoint, format_checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import Ed25519Signer, format_note, parse_vkey, sign_note, split_note

ROOT = bytes(range(32))
ORIGIN = "log.example"
CHECKPOINT = Checkpoint(ORIGIN, 7, ROOT)
GOOD = format_checkpoint(CHECKPOINT)

CLASSIC = Ed25519Signer(ORIGIN, bytes(32))
QUANTUM = MLDSA44Signer(ORIGIN, bytes(32))
WITNESS = Ed25519Cosigner("witness.example", bytes(32), timestamp=1)
CLASSIC_KEY, QUANTUM_KEY, WITNESS_KEY = (parse_vkey(signer.vkey) for signer in (CLASSIC, QUANTUM, WITNESS))

lines = st.text(st.characters(min_codepoint=32, codec="utf-8"), min_size=1, max_size=30)


def test_a_checkpoint_is_written_as_the_specification_says() -> None:
    assert GOOD == b"log.example\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


@given(lines, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3))
def test_a_checkpoint_comes_back(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@given(st.binary(max_size=40), st.integers(0, len(GOOD)), st.integers(0, 10))
def test_any_bytes_are_a_checkpoint_or_refused(noise: bytes, at: int, cut: int) -> None:
    data = GOOD[:at] + noise + GOOD[at + cut :]
    try:
        checkpoint = parse_checkpoint(data)
    except MalformedError:
        return
    assert format_checkpoint(checkpoint) == data


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n\n",
        GOOD[:-1],
        GOOD + b"\n",
        b"\n" + GOOD,
        GOOD.replace(b"log.example", b""),
        GOOD.replace(b"log.example", b"log\0example"),
        GOOD.replace(b"log.example", b"log\xffexample"),
        GOOD.replace(b"\n7\n", b"\n07\n"),
        GOOD.replace(b"\n7\n", b"\n-7\n"),
        GOOD.replace(b"\n7\n", b"\n+7\n"),
        GOOD.replace(b"\n7\n", b"\n7 \n"),
        GOOD.replace(b"\n7\n", b"\n\n"),
        GOOD.replace(b"\n7\n", b"\n9223372036854775808\n"),
        GOOD.replace(b"8=", b"9="),
        GOOD.replace(b"8=", b"8"),
        GOOD.replace(b"AAEC", b""),
        b"log.example\n7\n",
        GOOD + b"extension",
        GOOD + b"extension\n\n",
        GOOD + b"\nextension\n",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 7, ROOT),
        Checkpoint("a\nb", 7, ROOT),
        Checkpoint("\ud800", 7, ROOT),
        Checkpoint(ORIGIN, -1, ROOT),
        Checkpoint(ORIGIN, 2**63, ROOT),
        Checkpoint(ORIGIN, 7, ROOT[:31]),
        Checkpoint(ORIGIN, 7, ROOT, ("",)),
        Checkpoint(ORIGIN, 7, ROOT, ("a\nb",)),
    ],
)
def test_what_could_not_be_read_back_is_not_written(checkpoint: Checkpoint) -> None:
    with pytest.raises(MalformedError):
        format_checkpoint(checkpoint)


def test_a_checkpoint_opens_with_any_key_of_the_log() -> None:
    note = sign_checkpoint(CHECKPOINT, [CLASSIC, QUANTUM])
    for keys in ([CLASSIC_KEY], [QUANTUM_KEY], [CLASSIC_KEY, QUANTUM_KEY, WITNESS_KEY]):
        assert open_checkpoint(note, keys, origin=ORIGIN) == CHECKPOINT


def test_all_keys_given_for_the_log_can_be_required() -> None:
    keys = [CLASSIC_KEY, QUANTUM_KEY, WITNESS_KEY]
    both = sign_checkpoint(CHECKPOINT, [CLASSIC, QUANTUM])
    assert open_checkpoint(both, keys, origin=ORIGIN, require_all=True) == CHECKPOINT
    for lone in (CLASSIC, QUANTUM):
        note = sign_checkpoint(CHECKPOINT, [lone])
        assert open_checkpoint(note, keys, origin=ORIGIN) == CHECKPOINT
        with pytest.raises(SignatureError):
            open_checkpoint(note, keys, origin=ORIGIN, require_all=True)


def test_a_witness_cannot_stand_in_for_the_log() -> None:
    note = sign_checkpoint(CHECKPOINT, [WITNESS])
    for keys in ([WITNESS_KEY], [CLASSIC_KEY, WITNESS_KEY]):
        with pytest.raises(SignatureError):
            open_checkpoint(note, keys, origin=ORIGIN)


def test_a_wrong_signature_by_a_known_witness_spoils_the_checkpoint() -> None:
    text, signatures = split_note(sign_checkpoint(CHECKPOINT, [CLASSIC, WITNESS]))
    broken = signatures[1]._replace(signature=bytes(72))
    note = format_note(text, [signatures[0], broken])
    assert open_checkpoint(note, [CLASSIC_KEY], origin=ORIGIN) == CHECKPOINT
    with pytest.raises(SignatureError):
        open_checkpoint(note, [CLASSIC_KEY, WITNESS_KEY], origin=ORIGIN)


def test_a_checkpoint_of_another_log_is_refused_though_signed_by_a_trusted_key() -> None:
    note = sign_checkpoint(Checkpoint("other.example", 7, ROOT), [CLASSIC])
    with pytest.raises(SignatureError):
        open_checkpoint(note, [CLASSIC_KEY], origin=ORIGIN)


def test_a_log_whose_key_is_not_named_like_its_origin_can_be_opened_by_saying_so() -> None:
    checkpoint = Checkpoint("a database tree", 7, ROOT)
    note = sign_checkpoint(checkpoint, [CLASSIC])
    assert open_checkpoint(note, [CLASSIC_KEY], origin="a database tree", key_name=ORIGIN) == checkpoint
    with pytest.raises(SignatureError):
        open_checkpoint(note, [CLASSIC_KEY], origin="a database tree")


def test_a_signed_note_that_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(MalformedError):
        open_checkpoint(sign_note(b"hello\n", [CLASSIC]), [CLASSIC_KEY], origin=ORIGIN)
