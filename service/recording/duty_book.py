"""The duties of a commit's events: which cases they begin, answer, undo or move, kept until the commit is saved.

Only batteries with an event that may answer or correct are looked up, by their codes; what an event begins needs no
look-up. So the cost grows with the events of the commit, never with the register.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from service.db import bulk, duties, tables
from service.db.duties import Sum, SumKey
from service.domain.bodies import Correct
from service.domain.duties.cases import ANSWERING, DutyCase, answers, begin_cases
from service.domain.duties.deadlines import Deadlines
from service.domain.duties.rows import DUTIES
from service.domain.events import Event
from service.domain.words import CorrectionReason

CORRECT = "correct"
LOOKED_UP = ANSWERING | {CORRECT}
"""Kinds of events that may change cases begun earlier."""
Key = tuple[int, str, str]
NOTHING: Sum = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class DutyMark:
    """A point to go back to."""

    cases: dict[Key, DutyCase]
    keys: dict[str, tuple[Key, ...]]
    changed: frozenset[Key]
    removed: dict[Key, DutyCase]
    sums: dict[SumKey, Sum]


class Recording(NamedTuple):
    """When and as what an event is recorded. roles: of its actor."""

    index: int  # type: ignore[assignment]  # the field's word; tuple.index is of no use here
    day: date
    roles: Collection[str]
    deadlines: Deadlines


class DutyBook:
    """Cases as they change from event to event."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._indexes: dict[str, int] = {}
        self._cases: dict[Key, DutyCase] = {}
        self._keys: dict[str, tuple[Key, ...]] = {}
        self._changed: set[Key] = set()
        self._removed: dict[Key, DutyCase] = {}
        self._sums: dict[SumKey, Sum] = {}
        self._moved: set[SumKey] = set()

    def look_up(self, events: Iterable[Event]) -> None:
        """Learn what these events may change."""
        changing = [event for event in events if event.kind in LOOKED_UP]
        self._indexes.update(_find_corrected(self._connection, changing))
        codes = sorted({code for event in changing for code in event.subjects})
        corrected = sorted(set(self._indexes.values()))
        for case in (*duties.load_cases(self._connection, codes), *duties.load_begun(self._connection, corrected)):
            self._file(case)

    def note(self, event: Event, told: Recording) -> None:
        """Take in an accepted event."""
        self._indexes[event.id] = told.index
        if isinstance(event.body, Correct):
            self._correct(event, event.body, told)
        elif event.kind in ANSWERING:
            for case in self._of(event.subjects):
                if case.answer is None and answers(case, event):
                    self._put(case.answered(told.index, told.day))
        for case in begin_cases(event, told.index, roles=told.roles, received_on=told.day, deadlines=told.deadlines):
            self._put(case)

    def save(self, connection: Connection) -> None:
        """Store what changed."""
        duties.remove_cases(connection, self._removed.values())
        duties.save_cases(connection, [self._cases[key] for key in sorted(self._changed)])
        duties.add_to_sums(connection, {key: added for key, added in sorted(self._sums.items()) if added != NOTHING})
        duties.recount(connection, self._moved)

    def mark(self) -> DutyMark:
        """Remember the present point."""
        keys, changed = dict(self._keys), frozenset(self._changed)
        return DutyMark(dict(self._cases), keys, changed, dict(self._removed), dict(self._sums))

    def back_to(self, mark: DutyMark) -> None:
        """Forget what was noted since `mark`."""
        self._cases, self._keys, self._changed = dict(mark.cases), dict(mark.keys), set(mark.changed)
        self._removed, self._sums = dict(mark.removed), dict(mark.sums)

    def _correct(self, event: Event, body: Correct, told: Recording) -> None:
        """What did not occur begins nothing and answers nothing; a corrected day moves the deadline."""
        corrected = self._indexes.get(body.event_id)
        for case in self._of(event.subjects or ("",)):
            if body.reason is not CorrectionReason.DID_NOT_OCCUR:
                field = DUTIES[case.duty].day_of
                day: date | None = getattr(body, field) if field is not None else None
                if case.index == corrected and day is not None:
                    self._moved.add(_sum_key(case))
                    self._put(case.moved(day, told.deadlines))
            elif case.index == corrected:
                self._moved.add(_sum_key(case))
                self._remove(case)
            elif case.answer == corrected:
                self._moved.add(_sum_key(case))
                self._put(case.reopened())

    def _of(self, codes: Collection[str]) -> list[DutyCase]:
        return [self._cases[key] for code in codes for key in self._keys.get(code, ()) if key in self._cases]

    def _file(self, case: DutyCase) -> None:
        key = _key(case)
        if key not in self._cases:
            self._keys[case.code] = (*self._keys.get(case.code, ()), key)
        self._cases[key] = case

    def _put(self, case: DutyCase) -> None:
        key = _key(case)
        before = self._cases.get(key)
        if before is not None:
            self._add(before, -1)
        self._add(case, 1)
        self._file(case)
        self._changed.add(key)

    def _remove(self, case: DutyCase) -> None:
        key = _key(case)
        self._add(case, -1)
        self._removed[key] = self._cases.pop(key)
        self._changed.discard(key)

    def _add(self, case: DutyCase, sign: int) -> None:
        key = _sum_key(case)
        taken = 0 if case.answered_on is None else (case.answered_on - case.since).days
        counted = (1, int(case.answer is not None), int(case.is_late), taken)
        before = self._sums.get(key, NOTHING)
        cases, answered, late, days = (old + sign * new for old, new in zip(before, counted, strict=True))
        self._sums[key] = (cases, answered, late, days)


def _find_corrected(connection: Connection, events: Iterable[Event]) -> dict[str, int]:
    """Where the events stand that these correct, by their ids."""
    ids = {event.body.event_id for event in events if isinstance(event.body, Correct)}
    keys = {UUID(id_).bytes: id_ for id_ in ids}
    return {keys[bytes(row.id)]: row.idx for row in bulk.select_rows(connection, tables.event_id.c.id, list(keys))}


def _sum_key(case: DutyCase) -> SumKey:
    return case.actor, case.duty, case.since.isoformat()[:7]


def _key(case: DutyCase) -> Key:
    return case.index, case.code, case.duty
