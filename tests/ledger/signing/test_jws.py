"""Organisations' signatures: one header, one spelling, two algorithms, nothing to negotiate."""

import base64
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from ledger.entry import build_event
from ledger.errors import MalformedError, SignatureError
from ledger.signing.jws import (
    EDDSA,
    ES256,
    Ed25519EventSigner,
    Header,
    check_public_key,
    encode_header,
    is_kid,
    parse_jws,
    sign_event,
    verify_event,
)
from tests.ledger.golden import MAKER, OTHER, Card, members

EVENT = build_event(members()).data
CARD = Card("maker/card-1", 0xBA77E41)
CUSTODY = Ed25519EventSigner("maker/custody-1", b"c" * 32, custodial=True)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HEADER: dict[str, Any] = {
    "alg": "EdDSA",
    "b64": False,
    "crit": ["b64"],
    "kid": "maker/k1",
    "typ": "application/vnd.packtrail.event+json",
}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jws_with(header: object, *, signature: bytes = b"\0" * 64) -> str:
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return b64(text) + ".." + b64(signature)


@pytest.mark.parametrize("signer", [MAKER, CUSTODY, CARD], ids=["Ed25519", "custody", "ES256"])
def test_a_signature_verifies_and_says_who_signed(signer: Any) -> None:
    parsed = parse_jws(sign_event(EVENT, signer))
    assert parsed.header == signer.header
    assert parsed.header.operator == "maker"
    verify_event(EVENT, parsed, signer.public_key)


@pytest.mark.parametrize("signer", [MAKER, CUSTODY, CARD], ids=["Ed25519", "custody", "ES256"])
@given(data=st.data())
def test_any_other_event_key_header_or_signature_is_refused(signer: Any, data: st.DataObject) -> None:
    parsed = parse_jws(sign_event(EVENT, signer))
    at, bit = data.draw(st.integers(0, 63)), 1 << data.draw(st.integers(0, 7))
    signature = bytes([*parsed.signature[:at], parsed.signature[at] ^ bit, *parsed.signature[at + 1 :]])
    place = data.draw(st.integers(0, len(EVENT) - 1))
    other = EVENT[:place] + bytes([EVENT[place] ^ bit]) + EVENT[place + 1 :]
    for event, jws, key in (
        (EVENT, type(parsed)(parsed.header, parsed.encoded_header, signature), signer.public_key),
        (other, parsed, signer.public_key),
        (EVENT + b" ", parsed, signer.public_key),
        (EVENT, type(parsed)(parsed.header, parsed.encoded_header + b"A", parsed.signature), signer.public_key),
        (EVENT, parsed, OTHER.public_key),
        (EVENT, parsed, b""),
    ):
        with pytest.raises(SignatureError):
            verify_event(event, jws, key)


def test_the_signing_input_is_that_of_rfc_7515_with_the_payload_of_rfc_7797() -> None:
    parsed = parse_jws(sign_event(EVENT, MAKER))
    key = Ed25519PrivateKey.from_private_bytes(b"m" * 32)
    assert key.sign(parsed.encoded_header + b"." + EVENT) == parsed.signature
    assert json.loads(base64.urlsafe_b64decode(parsed.encoded_header + b"==")) == HEADER


def test_es256_signatures_go_both_ways_with_another_implementation() -> None:
    parsed = parse_jws(sign_event(EVENT, CARD))
    r, s = int.from_bytes(parsed.signature[:32]), int.from_bytes(parsed.signature[32:])
    message = parsed.encoded_header + b"." + EVENT
    CARD.key.public_key().verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        CARD.key.public_key().verify(encode_dss_signature(r, s), message + b"x", ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (0, 0), (ORDER, 1), (1, ORDER), (2**256 - 1, 2**256 - 1), (1, 1)])
def test_es256_values_out_of_range_are_refused(r: int, s: int) -> None:
    encoded = encode_header(CARD.header).decode()
    jws = parse_jws(encoded + ".." + b64(r.to_bytes(32) + s.to_bytes(32)))
    with pytest.raises(SignatureError):
        verify_event(EVENT, jws, CARD.public_key)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in HEADER.items() if key != name}


@pytest.mark.parametrize(
    "header",
    [
        HEADER | {"alg": "none"},
        HEADER | {"alg": "HS256"},
        HEADER | {"alg": "ES384"},
        HEADER | {"alg": "EdDSA "},
        HEADER | {"alg": "eddsa"},
        HEADER | {"alg": ["EdDSA"]},
        HEADER | {"alg": None},
        HEADER | {"b64": True},
        HEADER | {"b64": "false"},
        HEADER | {"b64": 0},
        HEADER | {"crit": []},
        HEADER | {"crit": ["b64", "exp"]},
        HEADER | {"crit": ["b64", "b64"]},
        HEADER | {"crit": "b64"},
        HEADER | {"kid": "maker"},
        HEADER | {"kid": "Maker/k1"},
        HEADER | {"kid": "maker/k1/x"},
        HEADER | {"kid": "../k1"},
        HEADER | {"kid": 5},
        HEADER | {"typ": "JWT"},
        HEADER | {"custody": "service"},
        without("alg"), without("b64"), without("crit"), without("kid"), without("typ"),
        HEADER | {"zip": "DEF"},
        HEADER | {"jwk": {"kty": "OKP"}},
        HEADER | {"x5u": "https://example.com/key"},
        {**without("typ"), "custody": "operator", "typ": HEADER["typ"]},
        {**without("typ"), "custody": "", "typ": HEADER["typ"]},
        {**without("typ"), "custody": True, "typ": HEADER["typ"]},
        dict(reversed(HEADER.items())),
        {"b64": False, **without("b64")},
        [HEADER], "header", 5, True, {},
    ],
)  # fmt: skip
def test_every_other_header_is_refused(header: object) -> None:
    with pytest.raises(MalformedError):
        parse_jws(jws_with(header))


def test_the_header_of_these_tests_is_accepted_so_that_the_refusals_mean_something() -> None:
    assert parse_jws(jws_with(HEADER)).header == Header(EDDSA, "maker/k1", False)
    custody = {"alg": "EdDSA", "b64": False, "crit": ["b64"], "custody": "service", **without("alg")}
    custody = {key: custody[key] for key in sorted(custody)}
    assert parse_jws(jws_with(custody)).header == Header(EDDSA, "maker/k1", True)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(HEADER).encode(),
        json.dumps(HEADER, separators=(",", ":")).encode() + b"\n",
        json.dumps(HEADER, separators=(",", ":")).encode().replace(b"EdDSA", b"Ed\\u0044SA"),
        json.dumps(HEADER, separators=(",", ":")).encode().replace(b'{"alg"', b'{"alg":"EdDSA","alg"'),
        b"\xef\xbb\xbf" + json.dumps(HEADER, separators=(",", ":")).encode(),
        b"",
        b"\xff",
    ],
)
def test_the_header_has_one_spelling(text: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_jws(jws_with(text))


GOOD = sign_event(EVENT, MAKER)
HEAD, _, TAIL = GOOD.partition("..")


@pytest.mark.parametrize(
    "text",
    [
        "", "..", ".", "...", HEAD, HEAD + "." + TAIL, HEAD + "..", ".." + TAIL, HEAD + "..." + TAIL,
        HEAD + ".." + b64(EVENT) + "." + TAIL,
        HEAD + "." + b64(EVENT) + "." + TAIL,
        HEAD + "=.." + TAIL, HEAD + ".." + TAIL + "==", HEAD + ".." + TAIL + "=",
        " " + GOOD, GOOD + " ", GOOD + "\n", GOOD + "A", GOOD[:-1],
        HEAD + ".." + TAIL[:-1] + chr(ord(TAIL[-1]) + 1),
        HEAD + ".." + TAIL.replace(TAIL[5], "+", 1), HEAD + ".." + TAIL.replace(TAIL[5], "/", 1),
        HEAD + ".." + b64(b"\0" * 63), HEAD + ".." + b64(b"\0" * 65), HEAD + ".." + b64(b""),
        HEAD + ".." + TAIL.replace(TAIL[5], "Ａ", 1), "é" + GOOD,
    ],
)  # fmt: skip
def test_the_text_has_one_spelling(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_jws(text)


@given(st.text(max_size=80))
def test_any_text_gives_a_signature_or_malformed_error(text: str) -> None:
    for attempt in (text, HEAD + ".." + text, text + ".." + TAIL, HEAD[:-5] + text + ".." + TAIL):
        try:
            parsed = parse_jws(attempt)
        except MalformedError:
            continue
        assert (parsed.encoded_header + b".." + b64(parsed.signature).encode()).decode() == attempt


def test_a_key_must_be_of_the_right_shape_before_it_may_be_registered() -> None:
    check_public_key(EDDSA, MAKER.public_key)
    check_public_key(ES256, CARD.public_key)
    point = CARD.key.public_key()
    for alg, key in (
        (EDDSA, CARD.public_key),
        (EDDSA, b""),
        (EDDSA, b"\0" * 32),
        (EDDSA, b"\1" + b"\0" * 31),
        (EDDSA, b"\xff" * 32),
        (EDDSA, bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
        (ES256, MAKER.public_key),
        (ES256, point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)),
        (ES256, b"\0" * 33),
        (ES256, b"\2" + b"\xff" * 32),
        (ES256, b"\4" + CARD.public_key[1:]),
        (ES256, b""),
        ("none", MAKER.public_key),
        (None, MAKER.public_key),
    ):
        with pytest.raises(MalformedError):
            check_public_key(alg, key)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("maker/k1", True), ("a1/0", True), ("cq-cells/custody-1", True), ("a" * 40 + "/" + "k" * 40, True),
        ("a" * 41 + "/k", False), ("maker/" + "k" * 41, False), ("maker/", False), ("/k", False), ("m/k", False),
        ("maker/-k", False), ("maker/k ", False), ("maker/k\n", False), ("1maker/k", False), ("maker/K", False),
    ],
)  # fmt: skip
def test_a_key_id_is_an_operator_and_a_name(text: str, is_one: bool) -> None:
    assert is_kid(text) is is_one
