"""Sessions of people, kept by the server: a random cookie in the browser, its SHA-256 in the table.

A session begins at the stage `password`, where only a second factor may be given, or `full`. It gets a new cookie at
each step up, so that one that somebody planted is worth nothing. It ends by itself half an hour after its last use and
twelve hours after its beginning; one kept on a recorder's phone after thirty days. To end it is to delete its row, so
every process knows at once.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from ledger.entry import format_time, parse_time
from service.db.people_tables import person as people
from service.db.people_tables import session as sessions
from service.people.roles import PersonRole

PASSWORD, FULL = "password", "full"
"""The stages."""
IDLE = timedelta(minutes=30)
LIFE = timedelta(hours=12)
DEVICE_LIFE = timedelta(days=30)
STEP_LIFE = timedelta(minutes=15)
"""How long a second factor may take, the first one's setting up included."""
TOUCH = timedelta(minutes=1)
MOST = 20
"""Sessions of one person; the oldest makes room."""
LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Device:
    """What the browser calls itself, and whether the session is to be kept on it."""

    agent: str = ""
    kept: bool = False


UNNAMED = Device()


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is in force."""

    id: str
    person: str
    operator: str
    role: PersonRole
    stage: str
    device: Device
    created_at: datetime
    seen_at: datetime

    @property
    def is_full(self) -> bool:
        return self.stage == FULL

    @property
    def last_end(self) -> datetime:
        """When it ends however much it is used. Of a full session."""
        return self.created_at + (DEVICE_LIFE if self.device.kept else LIFE)

    @property
    def ends_at(self) -> datetime:
        """When it ends if it is not used again. Of a full session."""
        return self.last_end if self.device.kept else min(self.last_end, self.seen_at + IDLE)


def begin(connection: Connection, person: str, stage: str, *, now: datetime, device: Device = UNNAMED) -> str:
    """Begin a session; the cookie returned is nowhere else."""
    _make_room(connection, person)
    token = secrets.token_urlsafe(32)
    life = STEP_LIFE if stage == PASSWORD else DEVICE_LIFE if device.kept else LIFE
    row = sessions.insert().values(
        digest=_digest(token),
        id=secrets.token_hex(8),
        person=person,
        stage=stage,
        device=int(device.kept),
        agent=device.agent[:LONGEST_AGENT],
        created_at=format_time(now),
        seen_at=format_time(now),
        expires_at=format_time(now + life),
    )
    connection.execute(row)
    return token


def step_up(connection: Connection, session: Session, *, now: datetime) -> str:
    """Replace a session of the first stage by a full one, after a second factor. The new cookie."""
    end(connection, session.id)
    return begin(connection, session.person, FULL, now=now, device=session.device)


_FIND = (
    select(sessions, people.c.operator, people.c.role)
    .join(people, people.c.id == sessions.c.person)
    .where(sessions.c.digest == bindparam("digest"), people.c.disabled_at.is_(None))
)


def find(connection: Connection, token: str, *, now: datetime) -> Session | None:
    """The session of a cookie, if it is in force."""
    row = connection.execute(_FIND, {"digest": _digest(token)}).one_or_none()
    return _read(row) if row is not None and _is_in_force(row, now) else None


def is_to_be_touched(session: Session, now: datetime) -> bool:
    """Whether its use is to be noted: once a minute at most, since that writes."""
    return now - session.seen_at >= TOUCH


def touch(connection: Connection, session: Session, *, now: datetime) -> None:
    """Note that it is used."""
    connection.execute(sessions.update().where(sessions.c.id == session.id).values(seen_at=format_time(now)))


def end(connection: Connection, id_: str) -> None:
    """End a session."""
    connection.execute(sessions.delete().where(sessions.c.id == id_))


def end_own(connection: Connection, person: str, id_: str) -> bool:
    """End a session if it is this person's; whether it was."""
    column = sessions.c
    return connection.execute(sessions.delete().where(column.id == id_, column.person == person)).rowcount == 1


def end_all(connection: Connection, person: str) -> None:
    """End every session of a person."""
    connection.execute(sessions.delete().where(sessions.c.person == person))


def list_sessions(connection: Connection, person: str, *, now: datetime) -> Sequence[Session]:
    """The full sessions of a person, newest first."""
    column = sessions.c
    query = select(sessions, people.c.operator, people.c.role).join(people, people.c.id == column.person)
    rows = connection.execute(query.where(column.person == person, column.stage == FULL))
    found = [_read(row) for row in rows if _is_in_force(row, now)]
    return sorted(found, key=lambda session: session.created_at, reverse=True)


def forget_ended(connection: Connection, now: datetime) -> None:
    """Delete what is past its end, or idle so long that it is."""
    column, at = sessions.c, format_time(now)
    connection.execute(sessions.delete().where(column.expires_at <= at))
    idle = format_time(now - IDLE)
    connection.execute(sessions.delete().where(column.device == 0, column.seen_at <= idle))


def _make_room(connection: Connection, person: str) -> None:
    column = sessions.c
    query = select(column.id).where(column.person == person).order_by(column.created_at.desc()).offset(MOST - 1)
    for id_ in connection.execute(query).scalars().all():
        end(connection, id_)


def _is_in_force(row: Row[Any], now: datetime) -> bool:
    expires_at, seen_at, device = row.expires_at, row.seen_at, row.device
    return bool(format_time(now) < expires_at and (device or format_time(now - IDLE) < seen_at))


def _read(row: Row[Any]) -> Session:
    return Session(
        row.id,
        row.person,
        row.operator,
        PersonRole(row.role),
        row.stage,
        Device(row.agent, bool(row.device)),
        parse_time(row.created_at),
        parse_time(row.seen_at),
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
