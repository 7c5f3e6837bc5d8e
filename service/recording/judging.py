"""Judging: what about an event depends on what is recorded, looked at under the log's lock for a whole commit.

Everything needed is read at once before the first event is judged; each accepted event changes what the next one of
the same commit sees.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from ledger.entry import Event as LogEvent
from ledger.entry import parse_hash
from ledger.signing.keyring import KEY_KINDS
from service.db import views
from service.domain.accounting import accounted_for
from service.domain.bodies import Correct, Dismantle, EraseValues
from service.domain.case import Facts
from service.domain.errors import InvalidCode, RuleBreach
from service.domain.events import Event
from service.domain.lifecycle import decide
from service.domain.rulebook import READ_OF_STATES
from service.domain.rules_time import not_in_the_future
from service.domain.rules_use import date_in_china
from service.domain.states import COMMITTED, BatteryState, Model
from service.domain.wholes import STEPS
from service.domain.words import Outcome
from service.errors import ConflictError, Fault, FaultyError, NotPermittedError, RefusedError
from service.keys import key_events
from service.private.erasure import check_erasure, save_erasures
from service.private.values import Cabinet, find_rows
from service.recording import registry as registries
from service.recording.admission import Admitted
from service.recording.batches import BatchBook
from service.recording.correction_book import CorrectionBook
from service.recording.duty_book import DutyBook, Recording
from service.recording.facets import FacetBook
from service.recording.lineage_book import LineageBook
from service.recording.missing_book import MissingBook
from service.recording.naming import Names
from service.recording.passport_book import PassportBook
from service.recording.registry import Registry
from service.recording.vehicle_book import VehicleBook

PERMISSION_RULES = frozenset({"role", "licence", "not-the-teller", "label-of-another"})
"""What says that the event is not the actor's to record."""
_USED = ("this salt was used for the same value before: a salt is used once", "该盐值已使用过：每个盐值只用一次")
TAKEN_RULES = frozenset(
    {"model-published", "gtin-taken", "gtin-given", "name-taken", "lot-number", "lot-used-up", "standing-same",
     "uscc-taken"}
)  # fmt: skip
"""What is somebody's already: fine in itself, and in conflict with what is recorded."""


class Book(Protocol):
    """What is kept from the events of a commit about one matter, until it is saved with them."""

    def save(self, connection: Connection) -> None: ...

    def mark(self) -> Any:
        """The present point, to go back to."""
        ...

    def back_to(self, mark: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A point to go back to."""

    states: dict[str, BatteryState]
    changed: frozenset[str]
    registry: Registry
    filed: int
    erased: dict[bytes, int]
    used: frozenset[bytes]
    books: tuple[Any, ...]


class Docket:
    """The state that a commit's events are judged against, as it changes from event to event."""

    def __init__(
        self, connection: Connection, registry: Registry, items: Sequence[Admitted], *, size: int, cabinet: Cabinet
    ) -> None:
        codes = sorted({code for item in items for code in item.submission.event.subjects})
        self.registry = registry
        self._connection = connection
        self._cabinet = cabinet
        self._states = cabinet.open_states(views.load_states(connection, codes), _values_read(items))
        self._erased: dict[bytes, int] = {}
        self._used: set[bytes] = set()
        self._replaying = cabinet.replaying
        self._changed: set[str] = set()
        self._names = Names(connection)
        self._filed: list[tuple[LogEvent, Registry]] = []
        self._size = size
        self._today = (datetime.min, date.min)
        self._duties = DutyBook(connection)
        self._lineage = LineageBook(connection, cabinet.connection, codes)
        others = [code for code in codes if code not in self._states]
        self._states |= self._lineage.first_states(others, registry.models)
        self._batches = BatchBook(connection)
        self._passports = PassportBook(connection, cabinet)
        self._facets = FacetBook()
        self._corrections = CorrectionBook(connection, cabinet)
        self._vehicles = VehicleBook(connection, cabinet)
        self._missing = MissingBook(connection, self._vehicles, replaying=cabinet.replaying)
        self._books: tuple[Book, ...] = (
            self._names, self._duties, self._lineage, self._batches, self._passports, self._facets, self._corrections,
            self._vehicles, self._missing,
        )  # fmt: skip
        self._load_wholes()

    @classmethod
    def open(
        cls, connection: Connection, registry: Registry, items: Sequence[Admitted], *, size: int, cabinet: Cabinet
    ) -> "Docket":
        """Read what these events will be judged against. The first accepted one will be entry `size`."""
        docket = cls(connection, registry, items, size=size, cabinet=cabinet)
        events = [item.facts for item in items if item.facts is not None]
        docket._names.look_up(events, registry)
        docket._duties.look_up(events)
        docket._lineage.look_up(events)
        docket._batches.look_up(events)
        docket._passports.look_up(events, docket._states)
        docket._corrections.look_up(events)
        docket._vehicles.look_up(events, (each.before.vehicle for each in docket._corrections.undo.values()))
        docket._missing.look_up(events)
        docket._load_fitted(events)
        disclosed = [each.commitment for item in items if not item.header.custodial for each in item.privates]
        docket._used = {bytes(row.commitment) for row in find_rows(connection, disclosed)}
        return docket

    def judge(self, item: Admitted, *, received_at: datetime) -> None:
        """Accept an event as the next entry, or raise why not: a FaultyError."""
        event = item.submission.event
        key_events.check_signer(self.registry, self._size, event, item.header)
        if event.type in KEY_KINDS:
            self._judge_time(event.occurred_at, received_at)
            after = key_events.judge(self.registry, self._size, event)
        elif item.facts is None:  # a map: what it says is checked where it is made, and by every verifier
            after = self.registry
        else:
            self._judge_salts(item)
            self._judge_battery_event(item.facts, received_at)
            after = self.registry.with_event(self._size, event) if event.type in registries.KINDS else self.registry
        if after is not self.registry:
            self.registry = after
            self._filed.append((event, after))
        self._size += 1

    def save(self, connection: Connection) -> None:
        """Store what the accepted events changed."""
        views.save_states(connection, {code: self._states[code] for code in self._changed})
        if self._erased:
            save_erasures(connection, self._erased)
            self._cabinet.forget_keys()
        for book in self._books:
            book.save(connection)
        for event, after in self._filed:
            registries.save(connection, event, after)

    def mark(self) -> Mark:
        """Remember the present point."""
        changed, erased, used = frozenset(self._changed), dict(self._erased), frozenset(self._used)
        books = tuple(book.mark() for book in self._books)
        return Mark(dict(self._states), changed, self.registry, len(self._filed), erased, used, books)

    def back_to(self, mark: Mark, *, accepted: int) -> None:
        """Forget the `accepted` events since `mark`."""
        self._states, self._changed = dict(mark.states), set(mark.changed)
        self.registry = mark.registry
        self._erased, self._used = dict(mark.erased), set(mark.used)
        del self._filed[mark.filed :]
        for book, point in zip(self._books, mark.books, strict=True):
            book.back_to(point)
        self._size -= accepted

    def _load_wholes(self) -> None:
        """Add what the batteries are built into: a part ends with its whole. One query for each level, if any."""
        for _ in range(STEPS):
            wholes = {state.parent for state in self._states.values() if state.parent is not None}
            wanted = sorted(wholes - self._states.keys())
            if not wanted:
                return
            states = views.load_states(self._connection, wanted)
            others = [code for code in wanted if code not in states]
            self._states |= states | self._lineage.first_states(others, self.registry.models)

    def _load_fitted(self, events: Iterable[Event]) -> None:
        """Add the packs in the vehicles that others go into, with how far they came. One query, if any."""
        told = [event for event in events if getattr(event.body, "odometer_km", None) is not None]
        codes = {code for event in told for code in self._vehicles.fitted(event.vehicle)} - self._states.keys()
        if codes:
            states = views.load_states(self._connection, sorted(codes))
            self._states |= self._cabinet.open_states(states, dict.fromkeys(codes, ("odometer_km",)))

    def _load_parts(self, event: Event) -> dict[str, tuple[str, ...]]:
        """Add the parts that a dismantling has to account for; gives those of wholes that keep no list of them.

        They are read when the event is judged: a whole may be registered by an event of the same commit.
        """
        if not isinstance(event.body, Dismantle) or not event.subjects:
            return {}
        accounted = list(accounted_for(event.body))
        self._learn(each.code for each in accounted)
        apart = [event.subjects[0], *(each.code for each in accounted if each.outcome is Outcome.DISMANTLED)]
        wholes = [code for code in apart if (state := self._states.get(code)) and not state.children]
        candidates = self._lineage.candidates(wholes) if wholes else {}
        self._learn(code for parts in candidates.values() for code in parts)
        return candidates

    def _learn(self, codes: Iterable[str]) -> None:
        """Add the states of batteries that no event of the commit names."""
        wanted = [code for code in dict.fromkeys(codes) if code not in self._states]
        for read in (self._stored, self._lineage.first_states, self._lineage.added_states):
            if wanted:
                self._states |= read(wanted, self.registry.models)
                wanted = [code for code in wanted if code not in self._states]

    def _stored(self, codes: list[str], models: Mapping[str, Model]) -> dict[str, BatteryState]:
        return views.load_states(self._connection, codes)

    def _judge_time(self, occurred_at: datetime, received_at: datetime) -> None:
        """As for events about batteries. When entries are replayed, they were in time."""
        if self._replaying:
            return
        try:
            not_in_the_future(occurred_at, received_at)
        except RuleBreach as breach:
            raise _error_of(breach) from None

    def _judge_salts(self, item: Admitted) -> None:
        """A salt is used once. Those that the service made are random."""
        for each in () if item.header.custodial else item.privates:
            if each.commitment in self._used:
                raise RefusedError([Fault(f"/private/{each.name}/salt", "used", *_USED)])
        self._used.update(each.commitment for each in item.privates)

    def _judge_erasure(self, body: EraseValues, code: str | None, actor: str) -> None:
        """What is erased is there, and the actor's to erase. When entries are replayed, it was."""
        commitments = [parse_hash(text) for text in body.commitments]
        if not self._replaying:
            if not self._erased.keys().isdisjoint(commitments):
                raise ConflictError("this value is erased already")
            check_erasure(self._connection, body, code, actor=actor, authority=self.registry.authority)
        self._erased.update(dict.fromkeys(commitments, self._size))

    def _vehicle_of(self, event: Event) -> str | None:
        """The vehicle that an event names; of a correction, the one that a battery was in before what it corrects."""
        if not isinstance(event.body, Correct):
            return event.vehicle
        before = [each.before.vehicle for code in event.subjects if (each := self._corrections.undo.get(code))]
        return next((vehicle for vehicle in before if vehicle is not None), None)

    def _judge_battery_event(self, event: Event, received_at: datetime) -> None:
        if self._today[0] != received_at:
            self._today = received_at, date_in_china(received_at)
        children = self._load_parts(event)
        facts = Facts(
            roles=self.registry.roles_of(event.actor),
            states=self._states,
            models=self.registry.models,
            operators=self.registry.operators,
            received_at=received_at,
            today=self._today[1],
            licences=self.registry.licences_of(event.actor),
            fitted=self._vehicles.fitted(self._vehicle_of(event)),
            corrected=self._corrections.corrected(event),
            undo=self._corrections.undo,
            lots=self._batches.lots,
            limits=self._batches.limits(event, self._states, self.registry.models),
            taken=self._lineage.taken(event, self._states, self.registry.models),
            listing=self._lineage.listing_of(event),
            standings=self.registry.standings,
            authority=self.registry.authority,
            replaying=self._replaying,
            uscc_holder=None if self._replaying else self.registry.uscc_holder(event),
            children=children,
            licence_days=self.registry.licence_days,
        )
        try:
            after = self._passports.settle(event, decide(event, facts), facts)
            self._names.give(event, self.registry)
        except RuleBreach as breach:
            raise _error_of(breach) from None
        except InvalidCode as error:
            where = "" if error.position is None else f"（第{error.position + 1}位）"
            raise RefusedError([Fault("/subjects/0", "code", str(error), error.reason_zh + where)]) from None
        if isinstance(event.body, EraseValues):
            self._judge_erasure(event.body, next(iter(event.subjects), None), event.actor)
        self._batches.file(event, facts, self._size)
        self._duties.note(event, Recording(self._size, facts.today, facts.roles, self.registry.deadlines))
        self._lineage.note(event, self._size, self._states, after)
        self._passports.note(event, self._size, received_at)
        self._facets.note(event, self._size)
        self._corrections.note(event, self._states)
        self._missing.note(event, self._size, facts, self.registry)
        self._vehicles.note(event, self._states, after)
        self._states.update(after)
        self._states |= self._lineage.add_listed(event, self._size, self.registry.models)
        self._changed.update(after)


def _values_read(items: Iterable[Admitted]) -> dict[str, Collection[str]]:
    """By code, the restricted values of the batteries that judging these events will look at."""
    read: dict[str, Collection[str]] = {}
    for item in items:
        event = item.submission.event
        fields = READ_OF_STATES.get(event.type, COMMITTED.keys())
        for code in event.subjects if fields else ():
            others = read.get(code)
            read[code] = fields if others is None or others is fields else {*fields, *others}
    return read


def _error_of(breach: RuleBreach) -> FaultyError:
    fault = Fault(breach.pointer, breach.rule, breach.message_en, breach.message_zh, breach.source)
    if breach.rule in PERMISSION_RULES:
        return NotPermittedError(breach.message_en, [fault])
    if breach.current is not None or breach.rule in TAKEN_RULES:
        return ConflictError(breach.message_en, [fault], current=breach.current)
    return RefusedError([fault])
