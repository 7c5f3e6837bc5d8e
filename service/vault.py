"""Signing keys that the service holds for operators who wish it, sealed under the installation's master key.

A sealed key is 12 bytes of nonce and AES-256-GCM of the 32-byte seed, bound to its key id. Entries signed with such a
key say so in their header (`custody: service`): it proves what the service recorded for the operator, not that the
operator alone could have signed.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error
from hmac import digest as hmac_digest
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from ledger.jws import Ed25519EventSigner
from service.db import tables
from service.errors import NotFoundError, SettingsError

NONCE = 12


def write_secret(file: Path, text: str) -> None:
    """Create a file that only its owner can read. Raises FileExistsError rather than replace one."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def make_master_key(file: Path) -> None:
    """Create the master key."""
    write_secret(file, b64encode(AESGCM.generate_key(256)).decode() + "\n")


class Vault:
    """Seals and opens operators' keys. Opened signers are kept in memory."""

    def __init__(self, master_key: bytes) -> None:
        self._cipher = AESGCM(master_key)
        self.blinding = hmac_digest(master_key, b"packtrail blinding v1", "sha256")
        """A secret for salts and for opaque stand-ins, that follows from the master key."""
        self._signers: dict[str, Ed25519EventSigner] = {}

    @classmethod
    def open(cls, file: Path) -> "Vault":
        """The vault of the master key in `file`. Raises SettingsError."""
        try:
            key = b64decode(file.read_bytes().strip(), validate=True)
        except FileNotFoundError:
            raise SettingsError(f"no master key at {file}: run packtrail init, or restore it") from None
        except Error:
            key = b""
        if len(key) != 32:
            raise SettingsError(f"{file} does not hold a master key of 32 bytes in base64")
        return cls(key)

    def make_key(self, connection: Connection, kid: str) -> Ed25519EventSigner:
        """Make and store a key for `kid`; it may sign once its `register_key` is an entry."""
        seed = os.urandom(32)
        nonce = os.urandom(NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, seed, kid.encode())
        connection.execute(tables.custody_key.insert().values(kid=kid, sealed=sealed))
        return Ed25519EventSigner(kid, seed, custodial=True)

    def signer(self, connection: Connection, kid: str) -> Ed25519EventSigner:
        """The signer of `kid`. Raises NotFoundError where the service does not hold it."""
        signer = self._signers.get(kid)
        if signer is None:
            query = select(tables.custody_key.c.sealed).where(tables.custody_key.c.kid == kid)
            sealed = connection.execute(query).scalar_one_or_none()
            if sealed is None:
                raise NotFoundError(f"the service holds no key {kid}")
            signer = self._signers[kid] = Ed25519EventSigner(kid, self._open(kid, sealed), custodial=True)
        return signer

    def _open(self, kid: str, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], kid.encode())
        except (InvalidTag, ValueError):  # ValueError: what is stored is shorter than a nonce
            raise SettingsError(f"the master key does not open {kid}: it is not the one it was sealed with") from None
