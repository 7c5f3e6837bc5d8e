"""Corrections while events are judged: the events that they name, and the states before those that can be undone."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from ledger.entry import Event as LogEvent
from ledger.entry import parse_entry
from service.db import bulk
from service.db.life_tables import state_before
from service.db.store import SqlReader
from service.db.views import dump_state
from service.domain.bodies import Correct
from service.domain.case import Undo
from service.domain.corrections import REVERSIBLE
from service.domain.events import KINDS, Event
from service.domain.states import BatteryState
from service.private.commitments import commitments_of, open_body
from service.private.values import Cabinet
from service.recording.admission import facts_of


class CorrectionMark(NamedTuple):
    """A point to go back to."""

    told: dict[str, Event]
    undo: dict[str, Undo]
    changed: frozenset[str]


class CorrectionBook:
    """What corrections of a commit are judged against. Nothing is looked up for a commit without any."""

    def __init__(self, connection: Connection, cabinet: Cabinet) -> None:
        self._connection = connection
        self._cabinet = cabinet
        self._wanted: frozenset[str] = frozenset()
        self._told: dict[str, Event] = {}
        self._undo: dict[str, Undo] = {}
        self._changed: set[str] = set()

    @property
    def undo(self) -> Mapping[str, Undo]:
        """By code, what came before its newest reversible event, for the batteries that corrections name."""
        return self._undo

    def look_up(self, events: Iterable[Event]) -> None:
        """Read the events that these correct, and what came before them."""
        corrections = [event for event in events if isinstance(event.body, Correct)]
        if not corrections:
            return
        self._wanted = frozenset(event.body.event_id for event in corrections if isinstance(event.body, Correct))
        self._told = self._read(sorted(self._wanted))
        self._undo = self._read_undo(sorted({code for event in corrections for code in event.subjects}))

    def corrected(self, event: Event) -> Event | None:
        """The event that this one corrects, recorded before it."""
        return self._told.get(event.body.event_id) if isinstance(event.body, Correct) else None

    def note(self, event: Event, before: Mapping[str, BatteryState]) -> None:
        """Take in an accepted event; `before` are the states before it."""
        if event.id in self._wanted:
            self._told[event.id] = event
        if event.kind in REVERSIBLE:
            for code in event.subjects:
                self._undo[code] = Undo(event.id, before[code])
                self._changed.add(code)

    def save(self, connection: Connection) -> None:
        """Store what came before the newest reversible events."""
        undo = ((code, self._undo[code]) for code in sorted(self._changed))
        rows = [(code, each.event_id, dump_state(each.before)) for code, each in undo]
        bulk.writer(connection).upsert(state_before, rows)

    def mark(self) -> CorrectionMark:
        """Remember the present point."""
        return CorrectionMark(dict(self._told), dict(self._undo), frozenset(self._changed))

    def back_to(self, mark: CorrectionMark) -> None:
        """Forget what came since."""
        self._told, self._undo, self._changed = dict(mark.told), dict(mark.undo), set(mark.changed)

    def _read(self, ids: list[str]) -> dict[str, Event]:
        """These events, as far as they are recorded and about batteries, with those values that are still there."""
        found = SqlReader(self._connection).find(ids)
        entries = SqlReader(self._cabinet.connection).entries_at(sorted(found.values()))
        events = [parse_entry(data).event for data in entries.values()]
        return {event.id: self._opened(event) for event in events if _has_body(event)}

    def _opened(self, event: LogEvent) -> Event:
        commitments = commitments_of(event)
        values = self._cabinet.values(commitments.values())
        known = {name: values[each] for name, each in commitments.items() if each in values}
        return facts_of(event, open_body(event.type, event.body, known))

    def _read_undo(self, codes: list[str]) -> dict[str, Undo]:
        rows = {row.code: row for row in bulk.select_rows(self._connection, state_before.c.code, codes)}
        states = {code: BatteryState.from_mapping(orjson.loads(row.state)) for code, row in rows.items()}
        opened = self._cabinet.open_states(states)
        return {code: Undo(row.event_id, opened[code]) for code, row in rows.items()}


def _has_body(event: LogEvent) -> bool:
    kind = KINDS.get(event.type)
    return kind is not None and kind.body is not None
