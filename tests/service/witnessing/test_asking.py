"""One request to a witness, over a real socket, whoever is at the other end."""

import time
from http.server import BaseHTTPRequestHandler

import pytest

from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import Ed25519Signer, format_signatures, parse_vkey, sign_text, split_note
from service.witnessing.asking import (
    MAX_ANSWER,
    Reply,
    WitnessError,
    explain,
    fetch_held,
    read_cosignatures,
    read_held_size,
    submit,
)
from tests.service.witnessing.places import hostile, nobody, saying

LOG = Ed25519Signer("log.test", b"l" * 32)
TEXT = split_note(sign_checkpoint(Checkpoint("log.test", 5, b"r" * 32), [LOG]))[0]
COSIGNER = Ed25519Cosigner("w.test", b"w" * 32, timestamp=1_790_000_000)
SECOND = MLDSA44Signer("w.test", b"w" * 32, timestamp=1_790_000_000)
KEYS = [parse_vkey(COSIGNER.vkey), parse_vkey(SECOND.vkey)]


def lines(*signers: Ed25519Cosigner | MLDSA44Signer, text: bytes = TEXT) -> Reply:
    return Reply(200, format_signatures(sign_text(text, signers)))


def test_what_a_witness_is_sent_and_says_comes_through() -> None:
    with hostile(saying(200, b"hello\n")) as place:
        assert submit(place.url, b"old 0\n\nnote\n") == Reply(200, b"hello\n")
        assert fetch_held(place.url, "log.test").status == 200
    assert place.received[0] == ("/w/add-checkpoint", b"old 0\n\nnote\n")
    assert place.received[1][0].removeprefix("/w/").removesuffix("/checkpoint").isalnum()


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500, 503])
def test_a_refusal_is_an_answer_too(status: int) -> None:
    with hostile(saying(status, b"7\n")) as place:
        assert submit(place.url, b"x") == Reply(status, b"7\n")


def test_nobody_there_is_told_in_words() -> None:
    with pytest.raises(WitnessError, match="cannot be reached"):
        submit(nobody(), b"x")


def test_a_redirect_is_not_followed() -> None:
    with hostile(saying(200, b"elsewhere")) as other:
        for status in (301, 302, 303, 307, 308):
            with hostile(saying(status, b"", Location=f"{other.url}/add-checkpoint")) as place:
                assert submit(place.url, b"x").status == status
    assert other.received == []


def test_an_endless_answer_is_cut_off() -> None:
    def flood(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65_536)

    with hostile(flood) as place, pytest.raises(WitnessError, match=f"more than {MAX_ANSWER}"):
        submit(place.url, b"x")


def test_an_answer_that_drips_is_cut_off() -> None:
    def drip(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    with hostile(drip) as place, pytest.raises(WitnessError, match="in time"):
        submit(place.url, b"x", seconds=0.3)


def test_silence_is_cut_off() -> None:
    def be_silent(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        time.sleep(1)

    with hostile(be_silent) as place, pytest.raises(WitnessError):
        submit(place.url, b"x", seconds=0.2)


def test_what_is_no_http_is_told_as_such() -> None:
    def babble(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.wfile.write(b"\x00\x01 nonsense\r\n\r\n")

    with hostile(babble) as place, pytest.raises(WitnessError):
        submit(place.url, b"x")


def test_cosignatures_are_kept_by_key_once_they_are_verified() -> None:
    found = read_cosignatures(lines(COSIGNER, SECOND), TEXT, KEYS)
    assert set(found) == {COSIGNER.vkey, SECOND.vkey}
    assert set(read_cosignatures(lines(COSIGNER, SECOND), TEXT, KEYS[:1])) == {COSIGNER.vkey}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b""),
        Reply(200, b"\n"),
        Reply(200, "— w.test AAAA\n".encode()),
        Reply(200, b"\xff\n"),
        lines(COSIGNER, text=TEXT.replace(b"\n5\n", b"\n6\n")),
        lines(COSIGNER.at(0)),
        lines(SECOND.at(0)),
        lines(Ed25519Cosigner("w.test", b"x" * 32, timestamp=1)),
        lines(Ed25519Cosigner("other", b"w" * 32, timestamp=1)),
    ],
)
def test_no_good_cosignature_is_none(reply: Reply) -> None:
    with pytest.raises(WitnessError):
        read_cosignatures(reply, TEXT, KEYS)


def test_one_wrong_cosignature_beside_a_right_one_refuses_both() -> None:
    wrong = lines(SECOND, text=TEXT.replace(b"\n5\n", b"\n6\n"))
    with pytest.raises(WitnessError, match="does not hold"):
        read_cosignatures(Reply(200, lines(COSIGNER).body + wrong.body), TEXT, KEYS)


def test_the_size_of_a_conflict_is_read_strictly() -> None:
    assert read_held_size(Reply(409, b"42\n")) == 42
    for body in (
        b"",
        b"\n",
        b"-1\n",
        b"+1\n",
        b"01\n",
        b" 1\n",
        b"1\n\n",
        b"99999999999999999999\n",
        b"\xff\n",
        b"many\n",
    ):
        with pytest.raises(WitnessError):
            read_held_size(Reply(409, body))


def test_what_a_witness_says_is_shown_short_and_without_tricks() -> None:
    told = explain(Reply(403, "\x1b[31m你好\n\n  evil\x07".encode() + b"x" * 5000))
    assert told.startswith("answered 403: ")
    assert len(told) < 250
    assert "\x1b" not in told and "\n" not in told
