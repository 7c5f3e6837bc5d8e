"""Genealogy: where a battery is now, what became of its matter, and what it was made of.

Three directions. `up`: what a battery is in, or became, step by step to where it is now. `down`: what became of it and
of all that was part of it, through second lives to lots of material. `back`: what it was made of, and out of what.

What is asked costs a few searches in indexes for each node that is shown, however large the register is. Of each node
`WIDTH` links are read, or all of one entry, and `MOST` nodes are shown; where there is more, the answer says of which
node and from which entry on to ask. Parts that were listed with their pack, and that no event named since, are shown as
runs of codes, and so are those that came out of it together and to which nothing happened since.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.entry import format_time
from service.db import views
from service.db.batches import load_lots
from service.db.lineage import StoredEdge, edges_from, edges_to
from service.db.listings import find_listings, find_own_listings, find_states_in
from service.domain.accounting import PARTS_AT_ONCE
from service.domain.lineage import BATCH, LEFT, LOT, Link
from service.domain.listing import Run, first_state, is_listable, joined, run_of, without
from service.domain.materials.lots import Lot
from service.domain.states import BatteryState, Model, OpState
from service.domain.wholes import STEPS, seen_with_its_whole
from service.errors import NotFoundError
from service.recording.listings import Listed, load_known, read_listings
from service.work import Register

WIDTH = 100
"""Links of each end of a node that are read: more than one entry can add, but for a dismantling of many parts."""
TOGETHER = 16
"""Parts that came out of one whole by one entry are shown as runs where they are more than this."""
MOST = 600
"""Nodes that are shown, or a few more."""
MAX_DEPTH = 64
DEPTH = 16


Read = Callable[..., dict[str, list[StoredEdge]]]


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Node:
    """A battery (state), listed parts that no event named (run), a lot, or a batch of recycling (none of them).

    listed: the entry that lists it, where it was listed with its pack.
    """

    id: str
    state: BatteryState | None = None
    run: Run | None = None
    lot: Lot | None = None
    listed: int | None = None


class More(NamedTuple):
    """A node has links of entry `since` and later that were not read."""

    node: str
    since: int


@dataclass(frozen=True, slots=True)
class Genealogy:
    """Nodes, the one asked for first, and the links between them, as of the first `size` entries.

    complete: whether nothing was left out for want of depth or room.
    """

    code: str
    direction: Direction
    nodes: tuple[Node, ...]
    links: tuple[StoredEdge, ...]
    more: tuple[More, ...]
    complete: bool
    size: int
    checkpoint: bytes


def trace(register: Register, code: str, direction: Direction, *, depth: int = DEPTH, since: int = 0) -> Genealogy:
    """The genealogy of the battery `code`, `depth` steps far. `since`: of its own links, those of later entries only.

    Raises NotFoundError.
    """
    with register.read() as reader:
        size, note = reader.size(), reader.checkpoint()
        walk = _Walk(reader.connection, register.current_registry(reader.connection).models, since)
        if not walk.learn([code]):
            raise NotFoundError(f"{code} is not in this register")
        step: Callable[[Sequence[str]], list[str]]
        step = {Direction.UP: walk.up, Direction.DOWN: walk.down, Direction.BACK: walk.back}[direction]
        frontier = [code]
        for _ in range(min(depth, MAX_DEPTH)):
            frontier = walk.learn(step(frontier))
        nodes = walk.settled()
    links = tuple(link for link in walk.links if link.source in walk.nodes and link.target in walk.nodes)
    complete = not (frontier or walk.more or walk.full)
    return Genealogy(code, direction, nodes, links, tuple(walk.more), complete, size, note)


@dataclass
class _Walk:
    """One step takes the nodes of a level, which are known, and gives the names of the next; `learn` gets to know them.

    whole: the nodes all of whose matter is asked about, so that what came out of them is followed too.
    """

    connection: Connection
    models: Mapping[str, Model]
    since: int
    nodes: dict[str, Node] = field(default_factory=dict)
    links: dict[StoredEdge, None] = field(default_factory=dict)
    more: list[More] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    full: bool = False
    _listed: dict[str, Listed] = field(default_factory=dict)
    _entries: dict[int, Listed] = field(default_factory=dict)
    _bundled: set[str] = field(default_factory=set)

    def learn(self, names: Iterable[str]) -> list[str]:
        """Read what is known of these nodes; gives those that are new."""
        new = [name for name in dict.fromkeys(names) if name not in self.nodes]
        if len(self.nodes) + len(new) > MOST + WIDTH:
            self.full, new = True, new[: max(0, MOST + WIDTH - len(self.nodes))]
        codes = [name for name in new if not name.startswith((BATCH, LOT))]
        lots = load_lots(self.connection, [name.removeprefix(LOT) for name in new if name.startswith(LOT)])
        states = views.load_states(self.connection, codes)
        listed = {code: self._entry(index) for code, index in find_listings(self.connection, codes).items()}
        self._listed |= listed
        for name in new:
            within, state = listed.get(name), states.get(name)
            if within is not None and state is None:
                state = first_state(within.listing, name, self.models)
            if name in codes and state is None:
                continue
            lot = lots.get(name.removeprefix(LOT))
            self.nodes[name] = Node(name, state, lot=lot, listed=within.entry if within else None)
        if not self.whole:
            self.whole.update(self.nodes)
        return [name for name in new if name in self.nodes]

    def settled(self) -> tuple[Node, ...]:
        """The nodes as they are shown: a part that is still in its whole ended with it."""
        states = {name: node.state for name, node in self.nodes.items() if node.state and not node.run}
        for _ in range(STEPS):
            wholes = {state.parent for state in states.values() if state.parent} - states.keys()
            states |= load_known(self.connection, sorted(wholes), self.models)
        return tuple(
            replace(node, state=seen_with_its_whole(states[name], states)) if name in states else node
            for name, node in self.nodes.items()
        )

    def up(self, level: Sequence[str]) -> list[str]:
        """To the whole, the product or the batch that each is in now. Earlier wholes are shown and not followed."""
        onwards = list[str]()
        for name, links in self._from(level).items():
            aside = list[str]()
            for link in links:
                self.links[link] = None
                (onwards if self._is_now(name, link) else aside).append(link.target)
            self.learn(aside)
        return onwards

    def down(self, level: Sequence[str]) -> list[str]:
        """To where the matter of each went. What it is in is followed for its own fate, not for its other parts."""
        onwards = list[str]()
        for name, links in self._from(level).items():
            for link in links:
                if self._is_now(name, link):
                    self.links[link] = None
                    onwards.append(link.target)
        mine = [name for name in level if name in self.whole]
        for links in self._to(mine).values():
            for link in self._unbundled(links):
                if link.link in LEFT or link.link is Link.BUILT_INTO:
                    self.links[link] = None
                    self.whole.add(link.source)
                    onwards.append(link.source)
        parts = self._listed_parts(mine)
        self.whole.update(parts)
        return onwards + parts

    def back(self, level: Sequence[str]) -> list[str]:
        """To what each was made of. Wholes that it was taken out of are shown and not followed."""
        onwards, aside = list[str](), list[str]()
        for links in self._to(level).values():
            for link in self._unbundled(links):
                self.links[link] = None
                onwards.append(link.source)
        for links in self._from(level).values():
            for link in links:
                if link.link in LEFT:
                    self.links[link] = None
                    aside.append(link.target)
        self.learn(aside)
        return onwards + self._listed_parts(level)

    def _is_now(self, name: str, link: StoredEdge) -> bool:
        """Whether what the link tells still holds."""
        state = self.nodes[name].state
        if link.link is Link.BUILT_INTO:
            return state is not None and state.parent == link.target
        return link.link not in LEFT

    def _from(self, level: Sequence[str]) -> dict[str, list[StoredEdge]]:
        """The links that begin at these nodes, the place in its pack of a listed part first."""
        found = self._page(edges_from, level)
        for name, links in found.items():
            if (listed := self._listed.get(name)) is not None and not self._begun(name):
                place = listed.listing.find(name)
                links[:0] = [] if place is None else [_built_in(listed, name, place.parent)]
        return found

    def _to(self, level: Sequence[str]) -> dict[str, list[StoredEdge]]:
        """The links that end at these nodes."""
        return self._page(edges_to, level)

    def _page(self, read: Read, level: Sequence[str]) -> dict[str, list[StoredEdge]]:
        """The first `WIDTH` links of each node, whole entries only, and a note of what comes after them."""
        found: dict[str, list[StoredEdge]] = {}
        for since in {self.since if self._begun(name) else 0 for name in level}:
            names = [name for name in level if (self.since if self._begun(name) else 0) == since]
            found |= read(self.connection, names, since=since, limit=WIDTH + 1)
        for name, links in found.items():
            if len(links) > WIDTH:
                last = links[-1].entry
                found[name] = [link for link in links if link.entry < last]
                if not found[name]:  # all of one entry, which is read whole
                    [links] = read(self.connection, [name], since=last, limit=PARTS_AT_ONCE + WIDTH).values()
                    found[name] = [link for link in links if link.entry == last]
                    last = links[-1].entry
                if last not in {link.entry for link in found[name]}:
                    self.more.append(More(name, last))
        return {name: found[name] for name in level}

    def _unbundled(self, links: Sequence[StoredEdge]) -> list[StoredEdge]:
        """The links but for those of parts that are shown as runs: many of one entry, nothing of which came since."""
        groups: dict[tuple[str, Link, int], list[StoredEdge]] = {}
        for link in links:
            if link.link in LEFT and is_listable(link.source):
                groups.setdefault((link.target, link.link, link.entry), []).append(link)
        large = [group for group in groups.values() if len(group) > TOGETHER]
        for group in large:
            states = views.load_states(self.connection, [link.source for link in group])
            still = {code: state for code, state in states.items() if _is_untouched(state)}
            for run in joined(map(run_of, still)):
                if run.size > TOGETHER:
                    self._bundled.update(run.codes())
                    self._show_bundle(run, still[run.code()], group[0])
        return [link for link in links if link.source not in self._bundled] if large else list(links)

    def _show_bundle(self, run: Run, state: BatteryState, like: StoredEdge) -> None:
        """A run of parts that left one whole, and the link of all of them."""
        listed = [self._entry(index) for index in find_listings(self.connection, [run.code()]).values()]
        name = _run_id(run)
        self.nodes[name] = Node(name, state, run=run, listed=listed[0].entry if listed else None)
        self.links[like._replace(source=name)] = None
        place = listed[0].listing.find(run.code()) if listed else None
        if place is not None and place.parent == like.target:
            self.links[_built_in(listed[0], name, like.target)] = None

    def _begun(self, name: str) -> bool:
        """Whether this is the node asked for, of which earlier links were shown before."""
        return self.since > 0 and name == next(iter(self.nodes))

    def _listed_parts(self, wholes: Sequence[str]) -> list[str]:
        """Show the parts that are listed as built into these; gives those that have states of their own."""
        runs: dict[str, tuple[Run, ...]] = {}
        for whole in wholes:
            listing = self._listing(whole)
            if listing is not None and not self._begun(whole):
                runs[whole] = joined(place.run for place in listing.listing.parts_of(whole))
        listed_runs = [run for each in runs.values() for run in each]
        stated = find_states_in(self.connection, listed_runs, limit=MOST + PARTS_AT_ONCE)
        found = [code for code in stated if code not in self._bundled]
        self.full |= len(found) > MOST
        for whole, some in runs.items():
            listed = self._listed[whole]
            for code in found:
                if any(code in run for run in some):
                    self.links[_built_in(listed, code, whole)] = None
            for run in without(some, stated):
                self._show_run(listed, run, whole)
                if run.is_modules:
                    inner = (place.run for code in run.codes() for place in listed.listing.parts_of(code))
                    for cells in joined(inner):
                        self._show_run(listed, cells, _run_id(run))
        return found

    def _listing(self, whole: str) -> Listed | None:
        """The listing that a battery stands in, or is the subject of."""
        if whole not in self._listed:
            for index in find_own_listings(self.connection, [whole]).values():
                self._listed[whole] = self._entry(index)
        return self._listed.get(whole)

    def _entry(self, index: int) -> Listed:
        """The listing in an entry, read once."""
        if index not in self._entries:
            self._entries |= read_listings(self.connection, [index])
        return self._entries[index]

    def _show_run(self, listed: Listed, run: Run, whole: str) -> None:
        name = _run_id(run)
        state = first_state(listed.listing, run.code(), self.models)
        self.nodes[name] = Node(name, state, run=run, listed=listed.entry)
        self.links[_built_in(listed, name, whole)] = None


def _built_in(listed: Listed, part: str, whole: str) -> StoredEdge:
    """The link that a listing stands for."""
    return StoredEdge(part, whole, Link.BUILT_INTO, listed.entry, format_time(listed.listing.occurred_at))


def _is_untouched(state: BatteryState) -> bool:
    """Whether nothing but the event that accounted for a part was ever told of it, and it is not taken apart itself."""
    return state.count == 1 and state.op_state is not OpState.DISMANTLED


def _run_id(run: Run) -> str:
    """One code, or the first and how many: `001CE12ABCDEFGG2R0000001*8`."""
    return run.code() if run.size == 1 else f"{run.code()}*{run.size}"
