"""Links that let a person set a password: an invitation, or a recovery. Good once; shown once, to whoever made them.

A link is found by the SHA-256 of its secret, so the database holds nothing that opens an account. A new one takes the
place of the person's older ones.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, select

from ledger.entry import format_time
from service.db.people_tables import person_link
from service.errors import NotFoundError

INVITATION, RECOVERY = "invitation", "recovery"
LIFE = {INVITATION: timedelta(days=7), RECOVERY: timedelta(minutes=15)}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is still good. `digest` names it."""

    digest: bytes
    person: str
    purpose: str


def make_link(connection: Connection, person: str, purpose: str, *, now: datetime) -> str:
    """The secret of a new link; it is nowhere else."""
    drop_links(connection, person)
    secret = secrets.token_urlsafe(32)
    row = person_link.insert().values(
        digest=_digest(secret),
        person=person,
        purpose=purpose,
        created_at=format_time(now),
        expires_at=format_time(now + LIFE[purpose]),
    )
    connection.execute(row)
    return secret


def find_link(connection: Connection, secret: str, purpose: str, *, now: datetime) -> Link:
    """The link of this secret. Raises NotFoundError, with one message, for one that is unknown, used or too old."""
    column = person_link.c
    row = connection.execute(select(person_link).where(column.digest == _digest(secret))).one_or_none()
    if row is None or row.purpose != purpose or row.used_at is not None or row.expires_at <= format_time(now):
        raise _gone()
    return Link(bytes(row.digest), row.person, row.purpose)


def use_link(connection: Connection, link: Link, *, now: datetime) -> None:
    """Use it up. Raises NotFoundError where somebody else was quicker: of any number at once, one succeeds."""
    column = person_link.c
    update = person_link.update().where(column.digest == link.digest, column.used_at.is_(None))
    if connection.execute(update.values(used_at=format_time(now))).rowcount != 1:
        raise _gone()


def drop_links(connection: Connection, person: str) -> None:
    """End the links of a person that nobody has used."""
    connection.execute(person_link.delete().where(person_link.c.person == person, person_link.c.used_at.is_(None)))


def forget_old(connection: Connection, now: datetime) -> None:
    """Delete what is past its end."""
    connection.execute(person_link.delete().where(person_link.c.expires_at <= format_time(now)))


def _gone() -> NotFoundError:
    return NotFoundError("this link was used already, is too old, or never was one: ask for a new one")


def _digest(secret: str) -> bytes:
    return sha256(b"packtrail link\n" + secret.encode("utf-8", "surrogateescape")).digest()
