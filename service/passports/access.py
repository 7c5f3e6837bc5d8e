"""Who reads a passport as what: from roles and from what an operator has to do with the battery, to the parts it sees.

The rights are rows of `service.domain.passport.tiers`. A reading by right of supervision that shows more than part 1
leaves a line, before it is answered: no line, no answer.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ledger.entry import format_time
from service.access import Caller
from service.db.passport_tables import passport_reading
from service.domain.passport.tiers import PUBLIC, Reader, Tier, is_logged, readers_of, tiers_of
from service.domain.uuid7 import make_uuid7
from service.recording.registry import Registry
from service.work import Register

PAGE = 100
_reading = passport_reading.c


@dataclass(frozen=True, slots=True)
class Leave:
    """What somebody may see of one passport. logged: the reading leaves a line."""

    tiers: frozenset[Tier]
    logged: bool = False


@dataclass(frozen=True, slots=True)
class Ties:
    """Who has to do with a passport: its author (a maker, or who answers for it), and who has the battery in hand."""

    answerable: frozenset[str]
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A line of the log of readings."""

    id: str
    at: str
    operator: str
    key_id: str
    subject: str
    tiers: tuple[str, ...]
    route: str


def leave_for(caller: Caller | None, registry: Registry, register: Register, ties: Ties, *, day: date) -> Leave:
    """What `caller` may see; None is the public, and so is a key that has no scope to read."""
    if caller is None or "read" not in caller.scopes:
        return Leave(PUBLIC)
    by_role = readers_of(registry.roles_of(caller.operator), register.settings.interested)
    readers = set(by_role)
    if caller.operator in ties.answerable:
        readers.add(Reader.ANSWERABLE)
    if caller.operator == ties.holder:
        readers.add(Reader.HOLDER)
    tiers = tiers_of(readers, day)
    unlogged = tiers_of({each for each in readers if not is_logged({each}, day)}, day)
    return Leave(tiers, logged=unlogged != tiers)


def log_reading(register: Register, caller: Caller, subject: str, tiers: frozenset[Tier], route: str) -> None:
    """Write the line. Raises BusyError where that cannot be done now."""
    now = register.clock()
    line = passport_reading.insert().values(
        id=make_uuid7(int(now.timestamp() * 1000), os.urandom(10)),
        at=format_time(now),
        operator=caller.operator,
        key_id=caller.key_id,
        subject=subject,
        tiers=" ".join(sorted(tiers)),
        route=route,
    )
    with register.write_beside() as connection:
        connection.execute(line)


def list_readings(register: Register, *, subject: str | None = None, before: str | None = None) -> Sequence[Reading]:
    """Up to 100 lines, newest first; those older than line `before`, of one battery or model, or of all."""
    query = select(passport_reading).order_by(_reading.id.desc()).limit(PAGE)
    if subject is not None:
        query = query.where(_reading.subject == subject)
    if before is not None:
        query = query.where(_reading.id < before)
    with register.read() as reader:
        rows = list(reader.connection.execute(query))
    return [Reading(r.id, r.at, r.operator, r.key_id, r.subject, tuple(r.tiers.split()), r.route) for r in rows]
