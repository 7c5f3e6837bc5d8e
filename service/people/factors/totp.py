"""Codes of an authenticator app (TOTP): six digits, new every 30 seconds, from a secret that phone and register share.

The secret has 160 bits, is sealed by the vault, and counts once a code of it has come back. A code is taken in its own
step, the one before and the one after, and never twice: whoever saw one over a shoulder is late. Source: RFC 6238, 5.2.
"""

import hmac
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pyotp
from sqlalchemy import Connection, select

from ledger.entry import format_time
from service.db.factor_tables import totp
from service.keys.vault import Vault
from service.people.factors.faults import NOT_BEGUN, WRONG_CODE, refusal

TOTP = b"totp"
"""The kind of these secrets for the vault; their name is the row's id."""
STEP = 30
WINDOW = 1
SETTING_UP = timedelta(minutes=15)
"""So long a secret may wait for its first code."""

_column = totp.c


def begin(connection: Connection, vault: Vault, person: str, *, now: datetime) -> None:
    """Make a new secret that waits for its first code. One that waits already is dropped; one in use stays in use."""
    vault.attach(connection)
    connection.execute(totp.delete().where(_column.person == person, _column.confirmed == 0))
    id_ = str(uuid4())
    row = totp.insert().values(
        id=id_,
        person=person,
        confirmed=0,
        sealed=vault.seal(TOTP, id_, pyotp.random_base32().encode()),
        last_step=-1,
        created_at=format_time(now),
    )
    connection.execute(row)


def waiting_secret(connection: Connection, vault: Vault, person: str, *, now: datetime) -> str | None:
    """The secret that waits for its first code, in base32, to be shown to its person; None where there is none."""
    row = connection.execute(
        select(totp).where(
            _column.person == person, _column.confirmed == 0, _column.created_at > format_time(now - SETTING_UP)
        )
    ).one_or_none()
    return vault.open_sealed(TOTP, row.id, bytes(row.sealed)).decode() if row is not None else None


def address_of(secret: str, *, login: str, base_url: str) -> str:
    """What the QR code says to an authenticator app: `otpauth://totp/...`."""
    host = urlsplit(base_url).hostname or "PackTrail"
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=f"PackTrail {host}")


def confirm(connection: Connection, vault: Vault, person: str, code: str, *, now: datetime) -> None:
    """Put the waiting secret in force, in place of an older one. Raises NotPermittedError where the code is wrong."""
    secret = waiting_secret(connection, vault, person, now=now)
    if secret is None:
        raise refusal(NOT_BEGUN)
    step = _step_of(secret, code, now=now, after=-1)
    if step is None:
        raise refusal(WRONG_CODE)
    connection.execute(totp.delete().where(_column.person == person, _column.confirmed == 1))
    waiting = totp.update().where(_column.person == person, _column.confirmed == 0)
    connection.execute(waiting.values(confirmed=1, last_step=step))


def verify(connection: Connection, vault: Vault, person: str, code: str, *, now: datetime) -> None:
    """Use up a code. Raises NotPermittedError where it is wrong, was used, or is older than one that was."""
    row = connection.execute(select(totp).where(_column.person == person, _column.confirmed == 1)).one_or_none()
    if row is None:
        raise refusal(WRONG_CODE)
    secret = vault.open_sealed(TOTP, row.id, bytes(row.sealed)).decode()
    step = _step_of(secret, code, now=now, after=row.last_step)
    if step is None:
        raise refusal(WRONG_CODE)
    used = totp.update().where(_column.id == row.id, _column.last_step < step).values(last_step=step)
    if connection.execute(used).rowcount != 1:  # somebody else used it in the meantime
        raise refusal(WRONG_CODE)


def remove(connection: Connection, person: str) -> None:
    """Drop the app, and a secret that waits."""
    connection.execute(totp.delete().where(_column.person == person))


def _step_of(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The step that this code belongs to; None where there is none near, or it is not after `after`."""
    given = "".join(code.split()).encode("utf-8", "replace")
    generator, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    found = None
    for step in range(present - WINDOW, present + WINDOW + 1):
        if hmac.compare_digest(generator.generate_otp(step).encode(), given) and step > after:
            found = step
    return found
