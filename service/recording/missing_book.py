"""Batteries missing from scrapped vehicles, while events are judged. Nothing is noted when entries are replayed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from service.db import views
from service.db.missing import load_missing, remove_missing, save_missing
from service.db.store import SqlReader
from service.domain.bodies import Correct, ReplacePack, ScrapVehicle
from service.domain.case import Facts
from service.domain.duties.vehicles import MissingBattery, missing_codes
from service.domain.events import Event
from service.domain.rules_use import date_in_china
from service.domain.states import UNKNOWN_VEHICLE, BatteryState
from service.domain.words import CorrectionReason
from service.recording.registry import Registry
from service.recording.vehicle_book import VehicleBook

Key = tuple[int, str]


class MissingMark(NamedTuple):
    """A point to go back to."""

    cases: dict[Key, MissingBattery]
    changed: frozenset[Key]
    removed: dict[Key, MissingBattery]


class MissingBook:
    """Cases as they change from event to event. Look-ups are made for scrapped vehicles, replacements, corrections."""

    def __init__(self, connection: Connection, vehicles: VehicleBook, *, replaying: bool) -> None:
        self._connection = connection
        self._vehicles = vehicles
        self._replaying = replaying
        self._states: dict[str, BatteryState] = {}
        self._indexes: dict[str, int] = {}
        self._cases: dict[Key, MissingBattery] = {}
        self._changed: set[Key] = set()
        self._removed: dict[Key, MissingBattery] = {}

    def look_up(self, events: Iterable[Event]) -> None:
        """Read what these events may change; after the vehicles."""
        if self._replaying:
            return
        told = [event for event in events if isinstance(event.body, ScrapVehicle | ReplacePack | Correct)]
        if not told:
            return
        corrected = sorted({event.body.event_id for event in told if isinstance(event.body, Correct)})
        self._indexes = SqlReader(self._connection).find(corrected)
        replaced = sorted(
            {event.subjects[0] for event in told if isinstance(event.body, ReplacePack) and event.subjects}
        )
        for case in load_missing(self._connection, replaced, sorted(self._indexes.values())):
            self._cases[case.index, case.code] = case
        scrapped = [event for event in told if isinstance(event.body, ScrapVehicle)]
        fitted = {code for event in scrapped for code in self._vehicles.fitted(event.vehicle)}
        self._states = views.load_states(self._connection, sorted(fitted))

    def note(self, event: Event, index: int, facts: Facts, registry: Registry) -> None:
        """Take in an accepted event, before the vehicles do."""
        self._indexes[event.id] = index
        if self._replaying:
            return
        if isinstance(event.body, ScrapVehicle):
            self._scrap(event, event.body, index, facts, registry)
        elif isinstance(event.body, ReplacePack):
            self._answer(index, [case for case in self._cases.values() if case.code == event.subjects[0]])
        elif isinstance(event.body, Correct):
            self._correct(event.body, index)

    def save(self, connection: Connection) -> None:
        """Store what changed."""
        if self._removed:
            remove_missing(connection, self._removed.values())
        if self._changed:
            save_missing(connection, [self._cases[key] for key in sorted(self._changed)])

    def mark(self) -> MissingMark:
        """Remember the present point."""
        return MissingMark(dict(self._cases), frozenset(self._changed), dict(self._removed))

    def back_to(self, mark: MissingMark) -> None:
        """Forget what came since."""
        self._cases, self._changed, self._removed = dict(mark.cases), set(mark.changed), dict(mark.removed)

    def _scrap(self, event: Event, body: ScrapVehicle, index: int, facts: Facts, registry: Registry) -> None:
        if event.vehicle in (None, UNKNOWN_VEHICLE):
            return
        states = {**self._states, **{code: facts.states[code] for code in facts.fitted if code in facts.states}}
        roles: Mapping[str, Collection[str]] = {
            state.holder: registry.roles_of(state.holder) for code, state in states.items() if code in facts.fitted
        }
        since = date_in_china(event.occurred_at)
        for code in missing_codes(body, facts.fitted, states, roles):
            answer = index if body.replacement else None
            found = body.pack_found or ""
            self._put(MissingBattery(index, code, found, body.certificate_no, event.actor, since, answer))

    def _correct(self, body: Correct, index: int) -> None:
        about = [case for case in self._cases.values() if case.index == self._indexes.get(body.event_id)]
        if body.reason is CorrectionReason.DID_NOT_OCCUR:
            for case in about:
                key = case.index, case.code
                self._removed[key] = self._cases.pop(key)
                self._changed.discard(key)
        elif body.replacement is not None:
            self._answer(index, about)

    def _answer(self, index: int, cases: Iterable[MissingBattery]) -> None:
        for case in cases:
            if case.answer is None:
                self._put(replace(case, answer=index))

    def _put(self, case: MissingBattery) -> None:
        self._cases[case.index, case.code] = case
        self._changed.add((case.index, case.code))
