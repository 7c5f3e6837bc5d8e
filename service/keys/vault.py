"""Secrets that the service keeps in its database, sealed under the installation's master key.

Sealed are the signing keys held for operators who wish it, the blinding secret, and the data keys of restricted
values. What is sealed is 12 bytes of nonce and AES-256-GCM, bound to the kind and the name of the secret. Entries
signed with a key held here say so in their header (`custody: service`): it proves what the service recorded for the
operator, not that the operator alone could have signed.

The master key comes from the environment or from a file; see `masterkey`. The row of the blinding secret tells
which one is in force: a process that holds another looks again at its sources before it seals or opens anything.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from hmac import digest as hmac_digest
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from ledger.signing.jws import Ed25519EventSigner
from service.db import tables
from service.errors import NotFoundError, SettingsError
from service.keys.masterkey import make_master_key, read_master_key, read_master_keys, write_secret
from service.settings import Settings

__all__ = ["Vault", "derive_blinding", "make_master_key", "write_secret"]

NONCE = 12
CUSTODY = b""
"""The kind of operators' signing keys: they were sealed before there were kinds."""
SECRET = b"secret"
BLINDING = "blinding"
"""The row of `sealed_secret` that holds the blinding secret."""
READ_BLINDING = f"SELECT sealed FROM sealed_secret WHERE name = '{BLINDING}'"
"""Plain: every commit that seals something asks it."""


class Vault:
    """Seals and opens secrets. Opened signers are kept in memory."""

    def __init__(self, master_key: bytes, *, sources: Callable[[], Iterable[bytes]] = tuple) -> None:
        """`sources` gives the keys that may be in force by now, read anew."""
        self._cipher = AESGCM(master_key)
        self._sources = sources
        self._seen: bytes | None = None
        self._signers: dict[str, Ed25519EventSigner] = {}
        self.blinding = derive_blinding(master_key)
        """The secret for salts and for opaque stand-ins. It is the same for ever; see `attach`."""

    @classmethod
    def open(cls, file: Path) -> "Vault":
        """The vault of the master key in `file` alone. Raises SettingsError."""
        return cls(read_master_key(file))

    @classmethod
    def of(cls, settings: Settings, connection: Connection) -> "Vault":
        """The vault of this installation, with the master key that its database is sealed with. SettingsError."""
        keys = read_master_keys(settings)
        vault = cls(keys[0], sources=lambda: read_master_keys(settings))
        vault.attach(connection)
        return vault

    def attach(self, connection: Connection) -> None:
        """Learn from the database which master key is in force, and the blinding secret. Cheap when nothing changed.

        Call it in the transaction that will store something sealed. Raises SettingsError where no key at hand fits.
        """
        row = connection.exec_driver_sql(READ_BLINDING).scalar_one_or_none()
        if row is None or bytes(row) == self._seen:
            return  # without a row the register is older than the row, and the secret follows from the master key
        sealed = bytes(row)
        for cipher in self._ciphers():
            try:
                self.blinding = _decrypt(cipher, SECRET, BLINDING, sealed)
            except InvalidTag:
                continue
            self._cipher, self._seen = cipher, sealed
            return
        raise SettingsError("the master key is not the one that this register's secrets are sealed with")

    def is_in_force(self, connection: Connection) -> bool:
        """Whether this vault's own key is the one that the database is sealed with, as far as its row tells."""
        column = tables.sealed_secret.c
        row = connection.execute(select(column.sealed).where(column.name == BLINDING)).scalar_one_or_none()
        try:
            return row is not None and bool(_decrypt(self._cipher, SECRET, BLINDING, bytes(row)))
        except InvalidTag:
            return False

    def seal(self, kind: bytes, name: str, secret: bytes) -> bytes:
        """`secret`, readable again only as this `kind` and `name`. Call `attach` first, in the same transaction."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, _bound_to(kind, name))

    def open_sealed(self, kind: bytes, name: str, sealed: bytes) -> bytes:
        """The inverse of `seal`. Raises SettingsError where the master key, the kind or the name is another."""
        for cipher in self._ciphers():
            try:
                return _decrypt(cipher, kind, name, sealed)
            except InvalidTag:
                continue
        raise SettingsError(f"the master key does not open {name}: it is not the one it was sealed with")

    def _ciphers(self) -> Iterator[AESGCM]:
        """The one in use, then those of the sources, which are read only where it does not fit."""
        yield self._cipher
        yield from map(AESGCM, self._sources())

    def seal_blinding(self, connection: Connection, blinding: bytes) -> None:
        """Store the blinding secret of a new register."""
        sealed = self.seal(SECRET, BLINDING, blinding)
        connection.execute(tables.sealed_secret.insert().values(name=BLINDING, sealed=sealed))
        self.blinding, self._seen = blinding, sealed

    def make_key(self, connection: Connection, kid: str) -> Ed25519EventSigner:
        """Make and store a key for `kid`; it may sign once its entry stands."""
        self.attach(connection)
        seed = os.urandom(32)
        connection.execute(tables.custody_key.insert().values(kid=kid, sealed=self.seal(CUSTODY, kid, seed)))
        return Ed25519EventSigner(kid, seed, custodial=True)

    def signer(self, connection: Connection, kid: str) -> Ed25519EventSigner:
        """The signer of `kid`. Raises NotFoundError where the service does not hold it."""
        signer = self._signers.get(kid)
        if signer is None:
            query = select(tables.custody_key.c.sealed).where(tables.custody_key.c.kid == kid)
            sealed = connection.execute(query).scalar_one_or_none()
            if sealed is None:
                raise NotFoundError(f"the service holds no key {kid}")
            seed = self.open_sealed(CUSTODY, kid, bytes(sealed))
            signer = self._signers[kid] = Ed25519EventSigner(kid, seed, custodial=True)
        return signer


def derive_blinding(master_key: bytes) -> bytes:
    """The blinding secret of a register that was founded when it still followed from the master key."""
    return hmac_digest(master_key, b"packtrail blinding v1", "sha256")


def _bound_to(kind: bytes, name: str) -> bytes:
    return kind + b"\n" + name.encode() if kind else name.encode()


def _decrypt(cipher: AESGCM, kind: bytes, name: str, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], _bound_to(kind, name))
    except ValueError:  # what is stored is shorter than a nonce
        raise InvalidTag from None
