"""What a commit adds to lineage: the parts that registrations list, and links of batteries, batches and lots."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.entry import format_time
from service.db.lineage import edges_to, save_edges
from service.domain.accounting import PARTS_AT_ONCE
from service.domain.events import Event
from service.domain.lineage import Edge, Link, edges_of
from service.domain.listing import Listing
from service.domain.states import BatteryState, Model
from service.recording.listings import Listings


class LineageMark(NamedTuple):
    """A point to go back to."""

    edges: int
    runs: int


class LineageBook:
    """The lineage that events are judged against, and what they add to it."""

    def __init__(self, connection: Connection, source: Connection, codes: Iterable[str]) -> None:
        """`source` is where entries stand; `codes` are those that the commit's events name."""
        self._connection = connection
        self._listings = Listings(connection, source, codes)
        self._edges: list[tuple[Edge, int, str]] = []

    def look_up(self, events: Iterable[Event]) -> None:
        """Learn what stands in the way of what these events list."""
        self._listings.look_up(events)

    def first_states(self, codes: Iterable[str], models: Mapping[str, Model]) -> dict[str, BatteryState]:
        """Of these codes, which have no states of their own, those that are listed."""
        return self._listings.first_states(codes, models)

    def added_states(self, codes: Iterable[str], models: Mapping[str, Model]) -> dict[str, BatteryState]:
        """Of codes that neither have states nor are listed in the database, those that this commit lists."""
        return self._listings.added_states(codes, models)

    def candidates(self, wholes: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By whole, all that was listed with it or built into it since, as far as one event can account for them."""
        found = self._listings.parts_listed(wholes, PARTS_AT_ONCE)
        built_in = edges_to(self._connection, list(found), limit=2 * PARTS_AT_ONCE)
        for whole, listed in found.items():
            stored = (edge.source for edge in built_in[whole] if edge.link is Link.BUILT_INTO)
            added = (each.source for each, _, _ in self._edges if each.target == whole and each.link is Link.BUILT_INTO)
            found[whole] = tuple(dict.fromkeys((*listed, *stored, *added)))
        return found

    def listing_of(self, event: Event) -> Listing | None:
        """What the event lists, if it registers a pack with its parts."""
        return self._listings.listing_of(event)

    def taken(
        self, event: Event, states: Mapping[str, BatteryState], models: Mapping[str, Model]
    ) -> dict[str, BatteryState]:
        """One of the parts that the event lists and that are there already."""
        return self._listings.taken(event, states, models)

    def note(
        self, event: Event, index: int, before: Mapping[str, BatteryState], after: Mapping[str, BatteryState]
    ) -> None:
        """Take in the links that an accepted event, entry `index`, adds."""
        if edges := edges_of(event, index, before, after):
            at = format_time(event.occurred_at)
            self._edges += [(edge, index, at) for edge in edges]

    def add_listed(self, event: Event, index: int, models: Mapping[str, Model]) -> dict[str, BatteryState]:
        """Take in what an accepted event lists; gives the states of those parts that this commit's events name."""
        return self._listings.add(event, index, models)

    def save(self, connection: Connection) -> None:
        """Store what was added."""
        self._listings.save(connection)
        save_edges(connection, self._edges)

    def mark(self) -> LineageMark:
        """Remember the present point."""
        return LineageMark(len(self._edges), len(self._listings.added))

    def back_to(self, mark: LineageMark) -> None:
        """Forget what came since."""
        del self._edges[mark.edges :]
        self._listings.back_to(mark.runs)
