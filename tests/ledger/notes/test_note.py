"""Signed notes: what is signed, who has signed, and what is no note."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import (
    Ed25519Signer,
    Ed25519Verifier,
    NoteSignature,
    format_note,
    format_signatures,
    format_signing_key,
    open_note,
    parse_signatures,
    parse_signing_key,
    parse_vkey,
    sign_note,
    sign_text,
    split_note,
)
from ledger.notes.vkey import format_vkey

LOG = Ed25519Signer("log.example", bytes(32))
OTHER = Ed25519Signer("other.example", b"\1" * 32)
LOG_KEY, OTHER_KEY = parse_vkey(LOG.vkey), parse_vkey(OTHER.vkey)
TEXT = "first line\n\nthird line: 电池\n".encode()

lines = st.text(st.characters(min_codepoint=32, codec="utf-8"), max_size=20)
texts = st.lists(lines, min_size=1, max_size=5).map(lambda each: ("\n".join(each) + "\n").encode())


def tampered(signature: NoteSignature) -> NoteSignature:
    return signature._replace(signature=bytes([signature.signature[0] ^ 1]) + signature.signature[1:])


def test_a_note_looks_as_the_specification_draws_it() -> None:
    note = sign_note(b"text\n", [LOG, OTHER])
    text, blank, first, second, end = note.decode().split("\n")
    assert (text, blank, end) == ("text", "", "")
    assert first.startswith("— log.example ")
    assert second.startswith("— other.example ")


@given(texts)
def test_a_note_opens_to_its_text_and_signers(text: bytes) -> None:
    """Also when the text has blank lines, ends with one, or looks like a signature."""
    opened = open_note(sign_note(text, [LOG, OTHER]), [LOG_KEY, OTHER_KEY])
    assert opened.text == text
    assert opened.verified == ((LOG.name, LOG.key_id), (OTHER.name, OTHER.key_id))


def test_a_note_within_a_note_keeps_the_inner_signatures_as_text() -> None:
    inner = sign_note(TEXT, [OTHER])
    opened = open_note(sign_note(inner, [LOG]), [LOG_KEY, OTHER_KEY])
    assert opened.text == inner
    assert opened.verified == ((LOG.name, LOG.key_id),)


def test_unknown_signatures_are_ignored() -> None:
    opened = open_note(sign_note(TEXT, [OTHER, LOG]), [LOG_KEY])
    assert [made.name for made in opened.signatures] == ["other.example", "log.example"]
    assert opened.verified == ((LOG.name, LOG.key_id),)


def test_a_signature_with_a_known_name_but_another_id_is_ignored_and_so_is_the_reverse() -> None:
    grease = [NoteSignature(LOG.name, b"\0\0\0\0", b"x"), NoteSignature("grease.example", LOG.key_id, b"x")]
    opened = open_note(format_note(TEXT, [*grease, *sign_text(TEXT, [LOG])]), [LOG_KEY])
    assert opened.verified == ((LOG.name, LOG.key_id),)


def test_a_note_without_a_known_signature_is_refused() -> None:
    with pytest.raises(SignatureError):
        open_note(sign_note(TEXT, [OTHER]), [LOG_KEY])
    with pytest.raises(SignatureError):
        open_note(sign_note(TEXT, [OTHER]), [])


def test_a_wrong_signature_by_a_known_key_spoils_a_note_that_another_key_signed_well() -> None:
    good, bad = sign_text(TEXT, [LOG]), tampered(sign_text(TEXT, [OTHER])[0])
    open_note(format_note(TEXT, [*good, bad]), [LOG_KEY])
    for order in ([*good, bad], [bad, *good]):
        with pytest.raises(SignatureError):
            open_note(format_note(TEXT, order), [LOG_KEY, OTHER_KEY])


def test_a_second_signature_by_the_same_key_must_be_right_too_and_counts_once() -> None:
    good = sign_text(TEXT, [LOG])[0]
    assert open_note(format_note(TEXT, [good, good]), [LOG_KEY]).verified == ((LOG.name, LOG.key_id),)
    with pytest.raises(SignatureError):
        open_note(format_note(TEXT, [good, tampered(good)]), [LOG_KEY])


def test_a_signature_does_not_carry_over_to_another_text() -> None:
    _, signatures = split_note(sign_note(TEXT, [LOG]))
    with pytest.raises(SignatureError):
        open_note(format_note(TEXT + b"more\n", signatures), [LOG_KEY])


@pytest.mark.parametrize("count", [1, 16, 100])
def test_up_to_100_signatures_are_accepted(count: int) -> None:
    grease = [NoteSignature(f"grease{n}.example", b"abcd", b"x") for n in range(count - 1)]
    assert len(open_note(format_note(TEXT, [*grease, *sign_text(TEXT, [LOG])]), [LOG_KEY]).signatures) == count


def test_more_than_100_signatures_are_refused() -> None:
    grease = [NoteSignature(f"grease{n}.example", b"abcd", b"x") for n in range(101)]
    with pytest.raises(MalformedError):
        format_note(TEXT, grease)


def test_sixteen_ml_dsa_signatures_fit_into_a_note() -> None:
    text = b"log.example\n0\n" + b"A" * 43 + b"=\n"
    signers = [MLDSA44Signer(f"witness{n}.example", bytes([n]) * 32) for n in range(16)]
    opened = open_note(sign_note(text, signers), [parse_vkey(signer.vkey) for signer in signers])
    assert len(opened.verified) == 16


GOOD = sign_note(b"text\n", [LOG])
LINE = GOOD.split(b"\n")[2]


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\n",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        LINE + b"\n",
        b"\n" + LINE + b"\n",
        b"text\n" + LINE + b"\n",
        GOOD.rstrip(b"\n"),
        GOOD + b"\n",
        GOOD + b"text\n",
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"text", b"te\txt"),
        GOOD.replace(b"text", b"te\0xt"),
        GOOD.replace(b"text", b"te\xffxt"),
        GOOD.replace("—".encode(), b"-"),
        GOOD.replace("— ".encode(), "—  ".encode()),
        GOOD.replace("— ".encode(), "—".encode()),
        GOOD.replace(b"log.example", b""),
        GOOD.replace(b"log.example", b"log+example"),
        GOOD.replace(b"log.example", b"log example"),
        GOOD.replace(b"log.example", "log\u00a0example".encode()),
        GOOD.replace(b"log.example ", b"log.example"),
        GOOD.replace(LINE, LINE + b" "),
        GOOD.replace(LINE, LINE + b"="),
        GOOD.replace(LINE, "— log.example AAAAAA==".encode()),
        GOOD.replace(LINE, "— log.example ".encode()),
        GOOD.replace(LINE, "— log.example A".encode()),
        b"x" * 1_000_000 + b"\n\n" + LINE + b"\n",
    ],
)
def test_what_is_not_a_note_is_refused(note: bytes) -> None:
    with pytest.raises(MalformedError):
        split_note(note)
    with pytest.raises(MalformedError):
        open_note(note, [LOG_KEY])


@given(st.binary(max_size=80), st.integers(0, len(GOOD)), st.integers(0, 10))
def test_any_bytes_are_a_note_or_refused(noise: bytes, at: int, cut: int) -> None:
    data = GOOD[:at] + noise + GOOD[at + cut :]
    try:
        text, signatures = split_note(data)
    except MalformedError:
        return
    assert format_note(text, signatures) == data


@pytest.mark.parametrize("at", range(len(GOOD)))
def test_no_byte_of_a_note_with_one_signature_may_change(at: int) -> None:
    for bit in (1, 32, 128):
        with pytest.raises(LedgerError):
            open_note(GOOD[:at] + bytes([GOOD[at] ^ bit]) + GOOD[at + 1 :], [LOG_KEY])


@pytest.mark.parametrize("text", [b"", b"text", b"text\r\n", b"te\0xt\n", b"\xff\n", "\u0007\n".encode()])
def test_a_text_that_no_note_can_hold_is_not_signed(text: bytes) -> None:
    with pytest.raises(MalformedError):
        sign_note(text, [LOG])


def test_a_note_needs_a_signer() -> None:
    with pytest.raises(MalformedError):
        sign_note(TEXT, [])


def test_signature_lines_come_back_as_a_witness_sends_them() -> None:
    made = sign_text(TEXT, [LOG, OTHER])
    assert parse_signatures(format_signatures(made)) == made
    assert format_note(TEXT, made) == TEXT + b"\n" + format_signatures(made)
    for broken in (b"", b"\n", format_signatures(made)[:-1], b"\n" + format_signatures(made)):
        with pytest.raises(MalformedError):
            parse_signatures(broken)


# Keys


@pytest.mark.parametrize("kind", [0x01, 0x04, 0x06])
def test_signing_keys_of_every_kind_come_back_and_match_their_public_keys(kind: int) -> None:
    text = format_signing_key("log.example", bytes(range(32)), kind=kind)
    signer = parse_signing_key(text)
    verifier = parse_vkey(signer.vkey)
    checkpoint = b"log.example\n0\n" + b"A" * 43 + b"=\n"
    verifier.verify(checkpoint, signer.sign(checkpoint))
    assert (verifier.name, verifier.key_id, verifier.vkey) == (signer.name, signer.key_id, signer.vkey)


def test_the_kinds_of_a_key_differ_in_their_ids() -> None:
    seed = bytes(32)
    made: list[Any] = [Ed25519Signer("a", seed), Ed25519Cosigner("a", seed, timestamp=1), MLDSA44Signer("a", seed)]
    assert len({signer.key_id for signer in made}) == 3


def test_a_signing_key_whose_id_does_not_fit_is_refused() -> None:
    text = format_signing_key("log.example", bytes(32))
    with pytest.raises(MalformedError):
        parse_signing_key(text.replace("log.example", "lag.example"))


@pytest.mark.parametrize("kind", [0, 2, 3, 5, 7, 255])
def test_keys_of_other_kinds_are_refused(kind: int) -> None:
    with pytest.raises(MalformedError):
        parse_vkey(format_vkey("log.example", kind, bytes(32)))
    with pytest.raises(MalformedError):
        format_signing_key("log.example", bytes(32), kind=kind)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32), b"\1" + bytes(31), bytes(33), bytes(1311)])
@pytest.mark.parametrize("kind", [0x01, 0x04, 0x06])
def test_public_keys_that_are_none_are_refused(kind: int, key: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_vkey(format_vkey("log.example", kind, key))


def test_a_seed_of_another_length_is_refused() -> None:
    for kind in (0x01, 0x04, 0x06):
        with pytest.raises(MalformedError):
            format_signing_key("log.example", bytes(31), kind=kind)


def test_a_verifier_does_not_show_in_its_text_what_a_signer_keeps() -> None:
    assert "000000" not in repr(LOG)
    assert isinstance(LOG_KEY, Ed25519Verifier)
