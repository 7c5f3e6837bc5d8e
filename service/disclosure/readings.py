"""A reading: restricted data of one battery, model or report that left the register, who got it, and whose it is.

The data of a battery belong to who answers for its passport, or else made it; those of a model to its maker. What an
operator reads of its own is no disclosure and leaves no reading.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import Connection

from ledger.entry import format_time
from service.access import Caller
from service.db.views import load_states
from service.domain.states import BatteryState
from service.domain.uuid7 import make_uuid7
from service.work import Register

PURPOSE = 200
ROUTE = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading. `parts`: of a passport pt2 to pt4, else a word for what was shown. `shown_at`: to its owner."""

    id: str
    at: str
    operator: str
    person: str
    key_id: str
    owner: str
    subject: str
    parts: tuple[str, ...]
    route: str
    purpose: str
    size: int
    shown_at: str


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What is about to be shown. supervised: by right of supervision, so that its owner is told after a while."""

    subject: str
    owner: str
    parts: frozenset[str]
    supervised: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How it was asked for. `purpose` is in the reader's own words, empty where none was told."""

    route: str
    purpose: str = ""


def owner_of(state: BatteryState) -> str:
    """Whose the data of a battery are."""
    return state.responsible or state.maker


def owners_of(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    """The same of several, by code; without those that have no state of their own."""
    return {code: owner_of(state) for code, state in load_states(connection, list(codes)).items()}


def note_readings(register: Register, caller: Caller, shown: Iterable[Disclosed], way: Way) -> None:
    """Put them down for good, before they are answered. Raises OSError where that cannot be done: then nothing is."""
    others = [each for each in shown if each.owner != caller.operator]
    if not others:
        return
    with register.read() as reader:
        size = reader.size()
    now = register.clock()
    moment, later = format_time(now), format_time(now + timedelta(days=register.settings.supervision_days))
    lines = [
        Reading(
            id=make_uuid7(int(now.timestamp() * 1000), os.urandom(10)),
            at=moment,
            operator=caller.operator,
            person=caller.person or "",
            key_id=caller.key_id,
            owner=each.owner,
            subject=each.subject,
            parts=tuple(sorted(each.parts)),
            route=way.route[:ROUTE],
            purpose="".join(letter for letter in way.purpose if letter.isprintable())[:PURPOSE],
            size=size,
            shown_at=later if each.supervised else moment,
        )
        for each in others
    ]
    register.journal.write([format_reading(line) for line in lines])


def format_reading(reading: Reading) -> bytes:
    """One line of the journal."""
    return orjson.dumps(reading)


def parse_reading(line: bytes) -> Reading | None:
    """The reverse; None for a line that was cut off, whose reading was not answered."""
    try:
        members: Mapping[str, object] = orjson.loads(line)
        given = dict(members)
        given["parts"] = tuple(given["parts"])  # type: ignore[arg-type]
        return Reading(**given)  # type: ignore[arg-type]
    except (ValueError, TypeError, KeyError):
        return None
