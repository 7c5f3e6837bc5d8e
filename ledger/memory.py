"""A store in memory: for tests, tools and as the plainest statement of what a store does."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ledger.map import Row, bucket_count, bucket_of, key_of, place_of
from ledger.store import Batch, Head, LogState
from ledger.tile import Tile, tile_width
from ledger.tree import hash_leaf


@dataclass
class _Rows:
    entries: list[bytes] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    history: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    map_tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    checkpoints: dict[int, bytes] = field(default_factory=dict)
    state: LogState = field(default_factory=LogState)


class MemoryStore:
    """Implements `ledger.store.Store`. Nothing outlives the object."""

    def __init__(self) -> None:
        self._rows = _Rows()
        self._lock = threading.Lock()

    @contextmanager
    def read(self) -> Iterator["MemoryTransaction"]:
        yield MemoryTransaction(self._rows)

    @contextmanager
    def append(self) -> Iterator["MemoryTransaction"]:
        with self._lock:
            tx = MemoryTransaction(self._rows)
            yield tx
            tx.commit()


class MemoryTransaction:
    """Implements `ledger.store.Transaction`: batches wait until commit."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows
        self._state = rows.state
        self._size = rows.state.size
        self._batches: list[Batch] = []
        self._merged = rows.state.merged

    def size(self) -> int:
        return self._batches[-1].state.size if self._batches else self._size

    def state(self) -> LogState:
        state = self._batches[-1].state if self._batches else self._state
        return replace(state, merged=self._merged)

    def checkpoint(self) -> bytes:
        return self.state().checkpoint

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        yield from sorted(item for item in list(self._rows.checkpoints.items()) if item[0] <= self._size)
        yield from ((batch.state.size, batch.state.checkpoint) for batch in self._batches if batch.keep)

    def entry(self, index: int) -> bytes | None:
        return next(self.entries(index, index + 1), None)

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        yield from self._rows.entries[max(0, start) : max(0, min(end, self._size))]
        for batch in self._batches:
            yield from batch.entries[max(0, start - batch.first) : max(0, end - batch.first)]

    def tile(self, tile: Tile) -> bytes | None:
        if tile.width > tile_width(tile.level, tile.index, self.size()):
            return None
        for tiles in (*(batch.tiles for batch in reversed(self._batches)), self._rows.tiles):
            if (tile.level, tile.index) in tiles:
                return tiles[tile.level, tile.index][: tile.width * 32]
        return None

    def find(self, ids: Sequence[str]) -> dict[str, int]:
        wanted = set(ids)
        known = {id_: self._rows.ids[id_] for id_ in wanted if self._rows.ids.get(id_, self._size) < self._size}
        for batch in self._batches:
            known |= {id_: batch.first + n for n, id_ in enumerate(batch.ids) if id_ in wanted}
        return known

    def history(self, subject: str) -> list[int]:
        return [index for index, _ in self._places(subject)]

    def heads(self, subjects: Sequence[str]) -> dict[str, Head]:
        known = {}
        for subject in subjects:
            if places := self._places(subject):
                index, position = places[-1]
                [newest] = self.entries(index, index + 1)
                known[subject] = Head(len(places), hash_leaf(newest), index, position)
        return known

    def rows(self, buckets: Sequence[int], count: int) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = {bucket: [] for bucket in buckets}
        for subject in self._subjects():
            bucket = bucket_of(place_of(key_of(subject)), count)
            indexes = [index for index in self.history(subject) if index < self._merged]
            if bucket in found and indexes:
                [newest] = self.entries(indexes[-1], indexes[-1] + 1)
                found[bucket].append(Row(key_of(subject), len(indexes), hash_leaf(newest)))
        return found

    def merge(self) -> Iterator[tuple[int, Iterable[tuple[bytes, int, bytes]]]]:
        self._merged = self.size()
        count = bucket_count(self.state().batteries)
        return ((bucket, sorted(rows)) for bucket, rows in self.rows(range(count), count).items())

    def map_tile(self, level: int, index: int) -> bytes | None:
        for tiles in (*(batch.map_tiles for batch in reversed(self._batches)), self._rows.map_tiles):
            if (level, index) in tiles:
                return tiles[level, index]
        return None

    def _subjects(self) -> set[str]:
        known = {*self._rows.history, *(step.subject for batch in self._batches for step in batch.steps)}
        return {subject for subject in known if self._places(subject)}

    def _places(self, subject: str) -> list[tuple[int, int]]:
        added = [(step.index, step.position) for b in self._batches for step in b.steps if step.subject == subject]
        return [place for place in self._rows.history.get(subject, []) if place[0] < self._size] + added

    def write(self, batch: Batch) -> None:
        if batch.first != self.size():
            raise ValueError("a batch continues the log where it ends")
        if len(set(batch.ids)) < len(batch.ids) or self.find(batch.ids):
            raise ValueError("an event id is recorded once")
        self._batches.append(batch)

    def commit(self) -> None:
        """Move the batches into the store."""
        rows = self._rows
        for batch in self._batches:
            rows.entries.extend(batch.entries)
            rows.ids.update((id_, batch.first + n) for n, id_ in enumerate(batch.ids))
            for step in batch.steps:
                rows.history.setdefault(step.subject, []).append((step.index, step.position))
            rows.tiles.update(batch.tiles)
            rows.map_tiles.update(batch.map_tiles)
            rows.state = batch.state
            if batch.keep:
                rows.checkpoints[batch.state.size] = batch.state.checkpoint
        rows.state = replace(rows.state, merged=self._merged)
