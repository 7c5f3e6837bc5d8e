"""Verification of a whole register on several cores, as strict as `audit` and never of another opinion.

Two passes over the entries, in chunks that workers read by themselves:

1. chains: every byte hashed, every chain followed, tiles made; the parent joins the chunks, takes in keys and computes
   maps. After it the tree, the checkpoint and all keys are known.
2. signatures: every entry parsed and its signature verified, in any order, since a ring that has read all entries
   answers for every index.

The first thing that does not fit ends a sweep: `Sweep` raises UnsoundError, and its caller runs the plain audit, which
names the entries. So this file needs no words for what may be wrong, and cannot call an intact register broken.

Workers hold one chunk each. The parent holds one row a subject (`joining`); nothing grows with the entries.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from ledger.entry import parse_entry
from ledger.errors import LedgerError
from ledger.signing.keyring import KEY_KINDS, KeyRing
from ledger.tile import TILE_WIDTH
from ledger.tree import HASH_SIZE
from ledger.verification.crew import Crew, Tool
from ledger.verification.joining import Joiner
from ledger.verification.source import Place, Source
from ledger.verification.stretch import Follower, Stretch, UnsoundError, follow

LEAST_CHUNK, MOST_CHUNK = 256, 16_384
WORTH_A_CREW = {True: 512, False: 65_536}
"""From how many entries on processes are worth their start, with signatures and without."""
SPAWNED = 32
"""So many times more where they cannot be forked."""


class Progress(Protocol):
    """Is told which pass is at work, how many entries it has done, and of how many."""

    def __call__(self, phase: str, done: int, total: int) -> None: ...


Saver = Callable[[int, bytes], None]
"""Is told that the first `size` entries, of this root, are verified with signatures."""


class ChainTask(NamedTuple):
    place: Place
    marks: tuple[int, ...]
    ids: bool


class Signed(NamedTuple):
    """What workers of the second pass work with."""

    source: Source
    keyring: KeyRing
    since: int

    def close(self) -> None:
        self.source.close()


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Sweep:
    """One verification of `source`, which is thought to hold `size` entries. Call `chains`, then `signatures`.

    `marks` are sizes whose roots are asked for.
    """

    def __init__(self, source: Source, size: int, *, signatures: bool, workers: int | None = None) -> None:
        self.joiner = Joiner(signatures=signatures)
        self.disputed = 0
        self._source = source
        self._size = size
        self._signatures = signatures
        self._workers = min(cores() if workers is None else workers, 61)
        self._places: list[Place] = []
        self._roots: list[bytes] = []
        share = max(1, size // (4 * self._workers))
        self._chunk = min(MOST_CHUNK, max(LEAST_CHUNK, 1 << share.bit_length() - 1))

    def chains(
        self,
        *,
        marks: Sequence[int] = (),
        times: Callable[[Stretch], None] | None = None,
        tick: Progress | None = None,
    ) -> None:
        """The first pass; each stretch is shown to `times`. Raises UnsoundError."""
        tasks = (ChainTask(place, _within(place, marks), self._signatures) for place in self._remembered())
        with self._crew(self._source, WORTH_A_CREW[False]) as crew:
            for found in crew.run(_follow_chains, tasks):
                self.joiner.take(found)
                self._roots.append(self.joiner.root())
                if times:
                    times(found)
                if tick:
                    tick("chains", self.joiner.size, self._size)
        self.joiner.finish()

    def signatures(self, *, since: int = 0, tick: Progress | None = None, save: Saver | None = None) -> None:
        """The second pass, over entries from `since` on. Raises UnsoundError."""
        tool = Signed(self._source, self.joiner.keyring, since)
        todo = [number for number, place in enumerate(self._places) if self._is_due(place, since)]
        reached = iter(todo)
        with self._crew(tool, WORTH_A_CREW[True]) as crew:
            for disputed in crew.run(_check_signatures, [self._places[number] for number in todo]):
                self.disputed += disputed
                number = next(reached)
                done = self._places[number].first + self._places[number].count
                if tick:
                    tick("signatures", done, self._size)
                if save and done > since:
                    save(done, self._roots[number])

    def _is_due(self, place: Place, since: int) -> bool:
        """Whether the second pass has anything to do there: signatures, or disputed entries to count."""
        end = place.first + place.count
        disputes = self.joiner.keyring.disputes
        return end > since or any(each.start < end and place.first < each.end for each in disputes)

    def _crew(self, tool: Tool, least: int) -> Crew:
        forks = self._source.forks
        worth = self._size >= (least if forks else least * SPAWNED)
        return Crew(tool, self._workers if worth else 1, forks=forks)

    def _remembered(self) -> Iterator[Place]:
        for place in self._source.places(self._chunk):
            self._places.append(place)
            yield place


def _follow_chains(source: Source, task: ChainTask) -> Stretch:
    place = task.place
    stored = source.leaves(place)
    follower = Follower(place.first, marks=task.marks, ids=task.ids, leaves=stored is not None)
    found = follow(source.blocks(place), follower)
    full = found.count // TILE_WIDTH * TILE_WIDTH * HASH_SIZE
    if found.count != place.count or (stored is not None and stored != found.leaves[:full]):
        raise UnsoundError
    found.leaves = b""
    return found


def _check_signatures(tool: Signed, place: Place) -> int:
    """Check the entries of a place; gives how many of them are disputed."""
    disputed = 0
    first = place.first
    for block in tool.source.blocks(place):
        for index, entry in enumerate(block, first):
            disputed += _check_signature(tool.keyring, index, entry, signature=index >= tool.since)
        first += len(block)
    if first != place.first + place.count:
        raise UnsoundError
    return disputed


def _check_signature(keyring: KeyRing, index: int, entry: bytes, *, signature: bool) -> bool:
    """Check one entry; gives whether it is disputed. Without `signature` it was checked in an earlier run."""
    if not signature and not keyring.disputes:
        return False
    try:
        parsed = parse_entry(entry)
        # Entries about keys were checked on the way, when the ring stood as they found it.
        if signature and (parsed.event.subjects or parsed.event.type not in KEY_KINDS):
            keyring.check(index, parsed.event, parsed.jws)
    except LedgerError as error:
        raise UnsoundError from error
    return bool(keyring.disputes) and keyring.is_disputed(index, parsed.jws.header.kid)


def _within(place: Place, marks: Sequence[int]) -> tuple[int, ...]:
    return tuple(mark for mark in marks if place.first < mark <= place.first + place.count)
