"""Signatures over a tree head with the time they were made: what a witness gives, and the log's own ML-DSA signature.

Both kinds are a 64-bit time in seconds since 1970 followed by the signature proper.

    0x04  Ed25519    over "cosignature/v1\\ntime <seconds>\\n" and the whole checkpoint text
    0x06  ML-DSA-44  over a binary record of signer name, time, origin, size and root; extension lines are not covered

The time 0 in kind 0x06 means that nothing is said about time: so the log signs its own checkpoints. There is no
clock in here; a signer carries the time it will sign with, and `at` gives the same signer at another time.

Source: C2SP tlog-cosignature, FIPS 204 (pure ML-DSA, empty context).
"""

import struct
from copy import copy
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ledger.errors import MalformedError, SignatureError
from ledger.notes.treehead import Checkpoint, parse_checkpoint
from ledger.notes.vkey import ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, NamedKey
from ledger.signing import ed25519
from ledger.strict import MAX_SIZE

MLDSA44_KEY_SIZE = 1312
TIME_SIZE = 8
SEED_SIZE = 32


class _Cosigner(NamedKey):
    """A key that signs with the time it carries, in seconds since 1970."""

    def __init__(self, name: str, public_key: bytes, timestamp: int) -> None:
        super().__init__(name, public_key)
        self._timestamp = _check_time(timestamp)

    def at(self, timestamp: int) -> Self:
        other = copy(self)
        other._timestamp = _check_time(timestamp)
        return other


class Ed25519Cosigner(_Cosigner):
    """A witness's key of kind 0x04. Use one key for one name: the signature does not cover the name."""

    kind = ED25519_COSIGNATURE

    def __init__(self, name: str, seed: bytes, *, timestamp: int) -> None:
        _check_seed(seed)
        public_key, self._secret = ed25519.derive_key_pair(seed)
        super().__init__(name, public_key, timestamp)

    def sign(self, text: bytes) -> bytes:
        message = _ed25519_message(text, self._timestamp)
        return struct.pack(">Q", self._timestamp) + ed25519.sign(self._secret, message)


class Ed25519CosignatureVerifier(NamedKey):
    kind = ED25519_COSIGNATURE

    def __init__(self, name: str, public_key: bytes) -> None:
        if not ed25519.is_acceptable_key(public_key):
            raise MalformedError("not an acceptable Ed25519 key")
        super().__init__(name, public_key)
        self._public_key = public_key

    def verify(self, text: bytes, signature: bytes) -> None:
        timestamp = cosignature_time(signature)
        ed25519.verify_strict(self._public_key, signature[TIME_SIZE:], _ed25519_message(text, timestamp))


class MLDSA44Signer(_Cosigner):
    """A key of kind 0x06, from a 32-byte seed."""

    kind = MLDSA44_COSIGNATURE

    def __init__(self, name: str, seed: bytes, *, timestamp: int = 0) -> None:
        _check_seed(seed)
        self._private_key = MLDSA44PrivateKey.from_seed_bytes(seed)
        public_key = self._private_key.public_key().public_bytes_raw()
        super().__init__(name, public_key, timestamp)

    def sign(self, text: bytes) -> bytes:
        """MalformedError if `text` is not a checkpoint."""
        message = cosigned_message(self.name, self._timestamp, parse_checkpoint(text))
        return struct.pack(">Q", self._timestamp) + self._private_key.sign(message)


class MLDSA44Verifier(NamedKey):
    kind = MLDSA44_COSIGNATURE

    def __init__(self, name: str, public_key: bytes) -> None:
        self._public_key = load_mldsa44_key(public_key)
        super().__init__(name, public_key)

    def verify(self, text: bytes, signature: bytes) -> None:
        timestamp = cosignature_time(signature)
        try:
            message = cosigned_message(self.name, timestamp, parse_checkpoint(text))
        except MalformedError as error:
            raise SignatureError("an ML-DSA-44 key signs checkpoints only") from error
        verify_mldsa44(self._public_key, signature[TIME_SIZE:], message)


def load_mldsa44_key(public_key: bytes) -> MLDSA44PublicKey:
    if len(public_key) != MLDSA44_KEY_SIZE:
        raise MalformedError("ML-DSA-44 key is not 1,312 bytes")
    return MLDSA44PublicKey.from_public_bytes(public_key)


def verify_mldsa44(public_key: MLDSA44PublicKey, signature: bytes, message: bytes) -> None:
    """Pure ML-DSA-44 with the empty context."""
    try:
        public_key.verify(signature, message)
    except InvalidSignature:
        raise SignatureError("ML-DSA-44 signature is wrong") from None


def cosignature_time(signature: bytes) -> int:
    """Seconds since 1970 at which a signature of kind 0x04 or 0x06 says it was made; trust it only once verified."""
    if len(signature) <= TIME_SIZE:
        raise SignatureError("cosignature is too short")
    timestamp = int.from_bytes(signature[:TIME_SIZE], "big")
    if timestamp > MAX_SIZE:
        raise SignatureError("cosignature time out of range")
    return timestamp


def cosigned_message(name: str, timestamp: int, checkpoint: Checkpoint) -> bytes:
    """The record that an ML-DSA-44 key signs. MalformedError if name or origin exceed 255 bytes."""
    return b"".join(
        (
            b"subtree/v1\n\0",
            _short(name),
            struct.pack(">Q", timestamp),
            _short(checkpoint.origin),
            struct.pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        )
    )


def _short(text: str) -> bytes:
    data = text.encode()
    if not 1 <= len(data) <= 255:
        raise MalformedError("name or origin is longer than 255 bytes")
    return bytes([len(data)]) + data


def _ed25519_message(text: bytes, timestamp: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % timestamp + text


def _check_seed(seed: bytes) -> None:
    if len(seed) != SEED_SIZE:
        raise MalformedError("seed is not 32 bytes")


def _check_time(timestamp: int) -> int:
    if not 0 <= timestamp <= MAX_SIZE:
        raise MalformedError("time out of range")
    return timestamp
