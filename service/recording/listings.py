"""Listed modules and cells while events are judged, and wherever a battery without a state of its own is asked for.

What is known of such a part stands in one entry, the registration of its pack. `Listings` holds what the events of one
commit list and name; it asks the database once, when the commit begins.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

import orjson
from sqlalchemy import Connection

from ledger.entry import parse_time
from service.db import bulk, tables, views
from service.db.listings import find_listings, find_overlapping, find_own_listings, find_registered, save_runs
from service.domain.bodies.listing import RegisterPack
from service.domain.events import Event, parse_body
from service.domain.listing import Listing, Run, first_state, is_listable, run_of, split
from service.domain.states import BatteryState, Model

KIND = "register_pack"


class Listed(NamedTuple):
    """A listing and the entry that holds it."""

    entry: int
    listing: Listing


def read_listing(entry: bytes) -> Listing:
    """The listing in an entry that was checked when it was recorded."""
    event = orjson.loads(entry)["event"]
    body = cast(RegisterPack, parse_body(KIND, event["body"]))
    return Listing(event["subjects"][0], event["actor"], parse_time(event["occurred_at"]), body)


def read_listings(connection: Connection, indexes: Sequence[int]) -> dict[int, Listed]:
    """The listings in these entries, by index."""
    rows = bulk.select_rows(connection, tables.entry.c.idx, indexes)
    return {row.idx: Listed(row.idx, read_listing(bytes(row.data))) for row in rows}


def find_listed(connection: Connection, codes: Iterable[str], *, source: Connection | None = None) -> dict[str, Listed]:
    """By code, the listing that holds it. `source` is where the entries stand, if not in the same database."""
    indexes = find_listings(connection, codes)
    listings = read_listings(source or connection, sorted(set(indexes.values())))
    return {code: listings[index] for code, index in indexes.items()}


def load_known(connection: Connection, codes: Sequence[str], models: Mapping[str, Model]) -> dict[str, BatteryState]:
    """The states of these batteries, by code; of a listed part that no event has named, what its listing says."""
    states = views.load_states(connection, codes)
    others = find_listed(connection, [code for code in codes if code not in states])
    return states | {code: first_state(each.listing, code, models) for code, each in others.items()}


class Listings:
    """What is listed, as far as the events of one commit touch it.

    `named` are the codes that the events name. Runs of the database count where they overlap what these events list.
    """

    def __init__(self, connection: Connection, source: Connection, named: Iterable[str]) -> None:
        self._connection = connection
        self._source = source
        self._named: dict[str, list[int]] = {}
        for prefix, serial in sorted(map(split, filter(is_listable, named))):
            self._named.setdefault(prefix, []).append(serial)
        self._runs: dict[str, list[tuple[int, int, int]]] = {}
        self._registered: dict[str, list[int]] = {}
        self._listings: dict[int, Listing] = {}
        self._told: dict[int, Listing] = {}  # by identity: two events of a commit may claim one id
        self.added: list[tuple[Run, int]] = []

    def look_up(self, events: Iterable[Event]) -> None:
        """Learn what stands in the way of what these events list. Most often nothing does."""
        self._told = {
            id(event): Listing(event.subjects[0], event.actor, event.occurred_at, event.body)
            for event in events
            if isinstance(event.body, RegisterPack) and event.subjects
        }
        wanted = [run for listing in self._told.values() for run in listing.runs]
        for run, index in set(find_overlapping(self._connection, wanted)):
            self._keep(run, index)
        for code in find_registered(self._connection, wanted):
            prefix, serial = split(code)
            insort(self._registered.setdefault(prefix, []), serial)

    def first_states(self, codes: Iterable[str], models: Mapping[str, Model]) -> dict[str, BatteryState]:
        """What the database lists of these codes, which have no states of their own."""
        found = find_listed(self._connection, codes, source=self._source)
        return {code: first_state(each.listing, code, models) for code, each in found.items()}

    def added_states(self, codes: Iterable[str], models: Mapping[str, Model]) -> dict[str, BatteryState]:
        """The same of what events of this commit list."""
        found = {code: listing for code in codes if (listing := self._added(code)) is not None}
        return {code: first_state(listing, code, models) for code, listing in found.items() if listing.find(code)}

    def parts_listed(self, wholes: Sequence[str], limit: int) -> dict[str, tuple[str, ...]]:
        """By whole, the codes listed as built into it; wholes with none, or with more than `limit`, are left out."""
        indexes = find_own_listings(self._connection, wholes) | find_listings(self._connection, wholes)
        read = read_listings(self._source, sorted(set(indexes.values())))
        found = {}
        for whole in wholes:
            listing = read[indexes[whole]].listing if whole in indexes else self._added(whole)
            runs = [place.run for place in listing.parts_of(whole)] if listing else []
            if 0 < sum(run.size for run in runs) <= limit:
                found[whole] = tuple(code for run in runs for code in run.codes())
        return found

    def _added(self, code: str) -> Listing | None:
        """The listing of this commit that registers or lists a battery."""
        return next((each for each in self._listings.values() if each.pack == code or each.find(code)), None)

    def listing_of(self, event: Event) -> Listing | None:
        """What one of these events lists."""
        return self._told.get(id(event))

    def taken(
        self, event: Event, states: Mapping[str, BatteryState], models: Mapping[str, Model]
    ) -> dict[str, BatteryState]:
        """One of the codes that the event lists and that are there already, with its state; nothing where none is."""
        listing = self._told.get(id(event))
        for run in listing.runs if listing else ():
            for code in self._codes_in(run, states):
                return {code: states[code] if code in states else self._state(code, models)}
        return {}

    def add(self, event: Event, index: int, models: Mapping[str, Model]) -> dict[str, BatteryState]:
        """Take in what the event, which became entry `index`, lists; gives the states of those parts that are named."""
        listing = self._told.get(id(event))
        if listing is None:
            return {}
        self._listings[index], states = listing, {}
        self.added.append((run_of(listing.pack), index))
        for run in listing.runs:
            self._keep(run, index)
            self.added.append((run, index))
            for serial in _between(self._named.get(run.prefix, []), run):
                code = run.code(serial - run.first)
                states[code] = first_state(listing, code, models)
        return states

    def back_to(self, count: int) -> None:
        """Forget what was added but for the first `count` runs."""
        for run, index in self.added[count:]:
            if run.prefix[3] != "P":
                self._runs[run.prefix].remove((run.first, run.last, index))
            self._listings.pop(index, None)
        del self.added[count:]

    def save(self, connection: Connection) -> None:
        """Store what was added."""
        save_runs(connection, sorted(self.added))

    def _keep(self, run: Run, index: int) -> None:
        insort(self._runs.setdefault(run.prefix, []), (run.first, run.last, index))

    def _codes_in(self, run: Run, states: Mapping[str, BatteryState]) -> Iterator[str]:
        """Codes of the run that are listed, or that have a state in the database or since."""
        found = self._overlap(run)
        if found is not None:
            yield run.code(max(found[0], run.first) - run.first)
        for serial in _between(self._registered.get(run.prefix, []), run):
            yield run.code(serial - run.first)
        for serial in _between(self._named.get(run.prefix, []), run):
            if (code := run.code(serial - run.first)) in states:
                yield code

    def _overlap(self, run: Run) -> tuple[int, int, int] | None:
        """A run in the way of `run`. As none overlap each other, it is the last to begin before its end."""
        known = self._runs.get(run.prefix, [])
        at = bisect_right(known, run.last, key=lambda each: each[0]) - 1
        return known[at] if at >= 0 and known[at][1] >= run.first else None

    def _state(self, code: str, models: Mapping[str, Model]) -> BatteryState:
        prefix, serial = split(code)
        found = self._overlap(Run(prefix, serial, serial))
        if found is not None and found[2] in self._listings:
            return first_state(self._listings[found[2]], code, models)
        states = views.load_states(self._connection, [code]) or self.first_states([code], models)
        return states[code]


def _between(serials: list[int], run: Run) -> list[int]:
    return serials[bisect_left(serials, run.first) : bisect_right(serials, run.last)]
