"""Restricted values: a salted commitment stands in the entry, value and salt beside the log, where they can be erased.

commitment = SHA-256("commit/v1\\n" || salt of 32 bytes || JCS(value)), written in base64.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection

from ledger import canonical
from ledger.entry import format_hash
from service.db import bulk, tables

SALT = 32


@dataclass(frozen=True, slots=True)
class Private:
    """A restricted value with its salt. `name` is the field's, e.g. vin."""

    name: str
    value: str
    salt: bytes

    @property
    def commitment(self) -> bytes:
        return commit(self.value, self.salt)

    @property
    def text(self) -> str:
        """The commitment as it stands in an event."""
        return format_hash(self.commitment)


def commit(value: str, salt: bytes) -> bytes:
    """The 32 bytes that commit to `value`."""
    return sha256(b"commit/v1\n" + salt + canonical.encode(value)).digest()


def keep(connection: Connection, privates: Iterable[Private]) -> None:
    """Store values beside the log. The same value under the same salt is stored once."""
    rows = {each.commitment: (each.commitment, each.name, each.salt, each.value) for each in privates}
    bulk.writer(connection).upsert(tables.private_value, list(rows.values()))


def find(connection: Connection, commitments: Iterable[bytes]) -> Mapping[bytes, str]:
    """The values that are still there, by commitment."""
    rows = bulk.select_rows(connection, tables.private_value.c.commitment, list(commitments))
    return {bytes(row.commitment): row.value for row in rows}
