"""Signatures of organisations: detached JWS with the payload left readable (RFC 7515, RFC 7797, RFC 8037).

The protected header is canonical JSON of exactly

    {"alg":"EdDSA","b64":false,"crit":["b64"],"kid":"<operator>/<key>","typ":"application/vnd.packtrail.event+json"}

with `"custody":"service"` between crit and kid where the service holds the key on the operator's wish. `alg` is EdDSA
(Ed25519) or ES256 (P-256, for smart cards). The signing input is BASE64URL(header) "." event bytes; the text form is
BASE64URL(header) ".." BASE64URL(signature). Every other header is refused, so there is nothing to negotiate.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from nacl import bindings as sodium

from ledger import canonical
from ledger.errors import MalformedError, SignatureError
from ledger.signing.ed25519 import is_acceptable_key, verify_strict

TYP = "application/vnd.packtrail.event+json"
EDDSA = "EdDSA"
ES256 = "ES256"

_KID = re.compile(r"[a-z][a-z0-9-]{1,39}/[a-z0-9][a-z0-9._-]{0,39}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{85}[AQgw]")
"""64 bytes: the last digit carries two bits, the others of it are not set."""


@dataclass(frozen=True, slots=True)
class Header:
    """Protected header: algorithm, key id, and whether the service held the key."""

    alg: str
    kid: str
    custodial: bool

    @property
    def operator(self) -> str:
        """The operator whose key it is: the key id up to the slash."""
        return self.kid.partition("/")[0]


class Jws(NamedTuple):
    """A parsed detached signature. `encoded_header` are the bytes that were signed before the dot."""

    header: Header
    encoded_header: bytes
    signature: bytes


class EventSigner(Protocol):
    """Whoever signs events for an operator: 64 bytes of signature over the signing input."""

    header: Header

    def sign(self, signing_input: bytes) -> bytes: ...


class Ed25519EventSigner:
    """Signs events with an Ed25519 seed of 32 bytes."""

    def __init__(self, kid: str, seed: bytes, *, custodial: bool = False) -> None:
        self.header = Header(EDDSA, kid, custodial)
        self.public_key, self._secret = sodium.crypto_sign_seed_keypair(seed)

    def sign(self, signing_input: bytes) -> bytes:
        signed: bytes = sodium.crypto_sign(signing_input, self._secret)
        return signed[:64]


def is_kid(text: str) -> bool:
    """Whether `text` is a key id: operator, slash, key name."""
    return _KID.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def encode_header(header: Header) -> bytes:
    """BASE64URL of the canonical header."""
    members: dict[str, object] = {
        "alg": header.alg,
        "b64": False,
        "crit": ["b64"],
        "kid": header.kid,
        "typ": TYP,
    }
    if header.custodial:
        members["custody"] = "service"
    return _encode(canonical.encode(members))


def sign_event(event: bytes, signer: EventSigner) -> str:
    """The detached JWS of canonical `event` bytes."""
    encoded = encode_header(signer.header)
    return (encoded + b".." + _encode(signer.sign(encoded + b"." + event))).decode()


def parse_jws(text: str) -> Jws:
    """Parse `header..signature`. Raises MalformedError."""
    header, dots, signature = text.partition("..")
    if not dots or not text.isascii():
        raise MalformedError("not a detached JWS")
    if not _SIGNATURE.fullmatch(signature):
        raise MalformedError("a JWS signature is 64 bytes in base64url")
    return Jws(_parse_header(header), header.encode(), base64.urlsafe_b64decode(signature + "=="))


def verify_event(event: bytes, jws: Jws, public_key: bytes) -> None:
    """Raise SignatureError unless `jws` signs `event` under `public_key` (32 bytes, or 33 of a compressed point)."""
    verify_signature(jws.header.alg, public_key, jws.signature, jws.encoded_header + b"." + event)


def verify_signature(alg: str, public_key: bytes, signature: bytes, message: bytes) -> None:
    """Raise SignatureError unless `signature` of 64 bytes is that of `public_key` over `message`."""
    if alg == EDDSA:
        verify_strict(public_key, signature, message)
    else:
        _verify_es256(public_key, signature, message)


def check_public_key(alg: str, public_key: bytes) -> None:
    """Raise MalformedError unless the key may be registered: right shape, on the curve, not of small order."""
    if alg == EDDSA:
        if not is_acceptable_key(public_key):
            raise MalformedError("not an acceptable Ed25519 public key")
    elif alg == ES256:
        _p256(public_key)
    else:
        raise MalformedError("alg is EdDSA or ES256")


@lru_cache(maxsize=4096)
def _parse_header(text: str) -> Header:
    data = _decode(text)
    members = canonical.decode(data)
    if not isinstance(members, dict):
        raise MalformedError("a JWS header is an object")
    alg, kid, custody = members.get("alg"), members.get("kid"), members.get("custody")
    if alg not in (EDDSA, ES256) or not isinstance(kid, str) or not is_kid(kid):
        raise MalformedError("a JWS header names alg EdDSA or ES256 and a kid operator/key")
    header = Header(alg, kid, custody is not None)
    if encode_header(header) != text.encode():
        raise MalformedError("a JWS header has exactly alg, b64, crit, kid, typ and, in custody, custody")
    return header


@lru_cache(maxsize=4096)
def _p256(public_key: bytes) -> ec.EllipticCurvePublicKey:
    if len(public_key) != 33:
        raise MalformedError("a P-256 public key is a compressed point of 33 bytes")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    except ValueError:
        raise MalformedError("not a point of P-256") from None


def _verify_es256(public_key: bytes, signature: bytes, message: bytes) -> None:
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        _p256(public_key).verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, MalformedError):
        raise SignatureError("the ES256 signature does not match") from None


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(text: str) -> bytes:
    if not _BASE64URL.fullmatch(text):
        raise MalformedError("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise MalformedError("not base64url") from None
    if _encode(data) != text.encode():
        raise MalformedError("base64url with stray bits")
    return data
