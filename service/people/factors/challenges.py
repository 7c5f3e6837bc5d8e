"""Challenges for passkeys: 32 random bytes, kept here, good once and for five minutes, for whoever was given them.

`holder` is a session's id, or what a browser that nobody has signed in at yet is known by. It has one open challenge
for a purpose: a new one replaces it.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from ledger.entry import format_time
from service.db.factor_tables import passkey_challenge
from service.people.factors.faults import WRONG_PASSKEY, refusal

LIFE = timedelta(minutes=5)
REGISTER, CONFIRM, LOGIN = "register", "confirm", "login"
"""The purposes: a passkey is added; it confirms a password; it signs in by itself."""

_column = passkey_challenge.c


def issue(connection: Connection, holder: str, purpose: str, *, now: datetime) -> bytes:
    """A new challenge. Those of anybody that have ended are deleted."""
    connection.execute(passkey_challenge.delete().where(_column.expires_at <= format_time(now)))
    _delete(connection, holder, purpose)
    challenge = secrets.token_bytes(32)
    row = passkey_challenge.insert().values(
        holder=holder, purpose=purpose, challenge=challenge, expires_at=format_time(now + LIFE)
    )
    connection.execute(row)
    return challenge


def spend(connection: Connection, holder: str, purpose: str, *, now: datetime) -> bytes:
    """The open challenge, which is open no more. Raises NotPermittedError where there is none."""
    row = connection.execute(
        select(passkey_challenge).where(_column.holder == holder, _column.purpose == purpose)
    ).one_or_none()
    if row is None or row.expires_at <= format_time(now):
        raise refusal(WRONG_PASSKEY)
    taken = passkey_challenge.delete().where(
        _column.holder == holder, _column.purpose == purpose, _column.challenge == row.challenge
    )
    if connection.execute(taken).rowcount != 1:
        raise refusal(WRONG_PASSKEY)
    return bytes(row.challenge)


def _delete(connection: Connection, holder: str, purpose: str) -> None:
    connection.execute(passkey_challenge.delete().where(_column.holder == holder, _column.purpose == purpose))
