"""Keys, events and entries that are the same in every run."""

from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.entry import Event, Link, build_entry, build_event
from ledger.notes.note import Ed25519Signer
from ledger.signing.jws import ES256, Ed25519EventSigner, EventSigner, Header, sign_event
from ledger.signing.keyring import key_body

ORIGIN = "golden.test/log"
AUTHORITY = Ed25519EventSigner("authority/k1", b"a" * 32)
MAKER = Ed25519EventSigner("maker/k1", b"m" * 32)
MAKER_NEXT = Ed25519EventSigner("maker/k2", b"n" * 32)
OTHER = Ed25519EventSigner("other/k1", b"o" * 32)
LOG_KEY = Ed25519Signer(ORIGIN, b"l" * 32)
PACK, MODULE = "001PE12ABCDEFGG2T0000001", "001ME12ABCDEFGG2R0000001"


class Card:
    """A P-256 key."""

    def __init__(self, kid: str, secret: int) -> None:
        self.header = Header(ES256, kid, False)
        self.key = ec.derive_private_key(secret, ec.SECP256R1())
        self.public_key = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    def sign(self, signing_input: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(signing_input, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def members(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The members of an event."""
    return {
        "actor": "maker",
        "body": {"mass_g": 412_000, "site": "重庆"},
        "id": f"01907c5e-7b1a-7c3d-8e4f-{number:012x}",
        "log": ORIGIN,
        "occurred_at": "2026-05-01T12:30:01.123Z",
        "subjects": [PACK, MODULE],
        "type": "register",
        "v": 1,
    } | changes


def event(signer: EventSigner, type_: str, body: dict[str, Any], **more: Any) -> Event:
    """An event by the owner of `signer` about no battery, unless `more` says otherwise."""
    given = {"actor": signer.header.operator, "type": type_, "body": body, "subjects": []} | more
    return build_event(members(**given))


def opening(authority: Ed25519EventSigner = AUTHORITY, *log_keys: str) -> dict[str, Any]:
    """The body of `open_log`; without `log_keys` the log signs with LOG_KEY alone."""
    keys = list(log_keys) or [LOG_KEY.vkey]
    return {"authority_key": key_body(authority.header, authority.public_key), "log_keys": keys}


def entry(signer: EventSigner = MAKER) -> bytes:
    """An entry of two subjects: the first of one, the third of the other."""
    built = build_event(members())
    chain = [Link(PACK, 1, b""), Link(MODULE, 3, b"\1" * 32)]
    return build_entry(
        built.data, sign_event(built.data, signer), at="2026-05-01T12:31:00.000Z", chain=chain, previous=b"\2" * 32
    )
