"""API keys of programs: made once, shown once, kept as a hash, scoped, expiring, revocable.

A key reads `pt_<id>_<secret>`: the id finds the row, the secret has 256 random bits, so that a plain SHA-256 of it is
all that needs to be kept and a look-up costs microseconds.
"""

import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.entry import format_time
from service.db import tables
from service.errors import ConflictError, NotFoundError, NotPermittedError

SCOPES = ("record", "read", "manage")
"""record: submit events; read: see what the operator may see beyond the public; manage: keys and operators."""
DEFAULT_LIFE = timedelta(days=365)
OVERLAP = timedelta(hours=24)
"""How long a key that was replaced goes on opening, unless somebody says otherwise."""

_KEY = re.compile(r"pt_([a-z2-7]{12})_([A-Za-z0-9_-]{43})")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a program that has shown a valid key, or a person by a session; then `key_id` is empty.

    `person` and `session` are ids, None for a program.
    """

    operator: str
    scopes: frozenset[str]
    key_id: str
    person: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What may be shown of a key. replaced_by: the key that was made in its place."""

    id: str
    operator: str
    label: str
    scopes: tuple[str, ...]
    created_at: str
    expires_at: str
    revoked_at: str | None
    replaced_by: str | None = None


def make_api_key(
    connection: Connection,
    operator: str,
    *,
    now: datetime,
    scopes: Iterable[str] = ("record", "read"),
    label: str = "",
    life: timedelta = DEFAULT_LIFE,
) -> str:
    """Make a key; the text returned is nowhere else."""
    wanted = [scope for scope in SCOPES if scope in set(scopes)]
    id_ = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    row = tables.api_key.insert().values(
        id=id_,
        operator=operator,
        label=label,
        secret_hash=sha256(secret.encode()).digest(),
        scopes=" ".join(wanted),
        created_at=format_time(now),
        expires_at=format_time(now + life),
    )
    connection.execute(row)
    return f"pt_{id_}_{secret}"


def authenticate(connection: Connection, text: str, *, now: datetime) -> Caller:
    """Who holds this key. Raises NotPermittedError with one message for every way to fail."""
    refused = NotPermittedError("the API key is not valid")
    match = _KEY.fullmatch(text)
    if match is None:
        raise refused
    row = connection.execute(select(tables.api_key).where(tables.api_key.c.id == match[1])).one_or_none()
    known = bytes(row.secret_hash) if row is not None else bytes(32)
    if not hmac.compare_digest(known, sha256(match[2].encode()).digest()) or row is None:
        raise refused
    if row.revoked_at is not None or row.expires_at <= format_time(now):
        raise refused
    return Caller(row.operator, frozenset(row.scopes.split()), row.id)


def revoke_api_key(connection: Connection, id_: str, *, now: datetime) -> None:
    """End a key at once. Raises NotFoundError for an unknown id."""
    column = tables.api_key.c
    update = tables.api_key.update().where(column.id == id_, column.revoked_at.is_(None))
    if connection.execute(update.values(revoked_at=format_time(now))).rowcount == 0:
        raise NotFoundError(f"no valid API key {id_}")


def rotate_api_key(connection: Connection, id_: str, *, now: datetime, overlap: timedelta = OVERLAP) -> str:
    """Make a key in the place of another, for as long as that one was made for; the text returned is nowhere else.

    The old one ends after `overlap`, or when it would have ended anyhow. Raises NotFoundError for a key that is not
    valid, ConflictError for one that was replaced already: of many who ask at once, one gets the new key.
    """
    column = tables.api_key.c
    old = connection.execute(select(tables.api_key).where(column.id == id_)).one_or_none()
    if old is None or old.revoked_at is not None or old.expires_at <= format_time(now):
        raise NotFoundError(f"no valid API key {id_}")
    life = datetime.fromisoformat(old.expires_at) - datetime.fromisoformat(old.created_at)
    scopes = old.scopes.split()
    new = make_api_key(connection, old.operator, now=now, scopes=scopes, label=old.label, life=max(life, overlap))
    ends = min(old.expires_at, format_time(now + overlap))
    free = tables.api_key.update().where(column.id == id_, column.replaced_by.is_(None), column.revoked_at.is_(None))
    if connection.execute(free.values(replaced_by=id_of(new), expires_at=ends)).rowcount == 0:
        raise ConflictError(f"API key {id_} was replaced or revoked already")
    return new


def id_of(key: str) -> str:
    """The readable part of a key."""
    return key.split("_")[1]


def list_api_keys(connection: Connection, operator: str | None = None) -> Sequence[KeyRow]:
    """The keys of an operator, or of all, oldest first."""
    column = tables.api_key.c
    query = select(tables.api_key).order_by(column.created_at, column.id)
    if operator is not None:
        query = query.where(column.operator == operator)
    return [_read(row) for row in connection.execute(query)]


def find_api_key(connection: Connection, id_: str) -> KeyRow:
    """A key, valid or not. Raises NotFoundError."""
    row = connection.execute(select(tables.api_key).where(tables.api_key.c.id == id_)).one_or_none()
    if row is None:
        raise NotFoundError(f"no API key {id_}")
    return _read(row)


def _read(row: Row[Any]) -> KeyRow:
    dates = row.created_at, row.expires_at, row.revoked_at
    return KeyRow(row.id, row.operator, row.label, tuple(row.scopes.split()), *dates, row.replaced_by)
