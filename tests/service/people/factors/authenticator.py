"""An authenticator in software: makes passkeys and answers challenges, honestly or not."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def to_text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def to_bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One passkey. `origin` and `host` are what its browser believes to be on."""

    def __init__(self, *, origin: str = "https://id.example.cn", host: str = "id.example.cn") -> None:
        self.origin = origin
        self.host = host
        self.flags = PRESENT | VERIFIED
        self.count = 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(32)
        self.user = b""

    def make(self, options: Mapping[str, Any], *, fmt: str = "none", **client: object) -> str:
        """The answer to registration options. `client`: changes of the client data."""
        self.user = to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + encode_cbor(cose)
        data = self._data(self.flags | ATTESTED) + attested
        response = {
            "clientDataJSON": to_text(self._client("webauthn.create", options, client)),
            "attestationObject": to_text(encode_cbor({"fmt": fmt, "attStmt": {}, "authData": data})),
            "transports": ["internal"],
        }
        return self._answer(response)

    def answer(self, options: Mapping[str, Any], **client: object) -> str:
        """The answer to authentication options, counted on by one. `client`: changes of the client data."""
        self.count += 1
        told, data = self._client("webauthn.get", options, client), self._data(self.flags)
        response = {
            "clientDataJSON": to_text(told),
            "authenticatorData": to_text(data),
            "signature": to_text(self.key.sign(data + sha256(told).digest(), ec.ECDSA(SHA256()))),
            "userHandle": to_text(self.user),
        }
        return self._answer(response)

    def _data(self, flags: int) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: Mapping[str, Any], changes: Mapping[str, object]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(told | dict(changes)).encode()

    def _answer(self, response: Mapping[str, Any]) -> str:
        id_ = to_text(self.credential)
        return json.dumps({"id": id_, "rawId": id_, "type": "public-key", "response": response})
