"""The log's store on SQL: one transaction per batch, under the lock of the single `tree_state` row.

The lock is `BEGIN IMMEDIATE` on SQLite and `SELECT ... FOR UPDATE` on PostgreSQL. Any process may append; two at once
take turns. Indexes come from the locked row, never from a sequence, so that they have no gaps and are in commit order.
Full tiles are rows that never change; the partial tiles of the right edge stand in the locked row itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, inspect, select
from sqlalchemy.exc import OperationalError

from ledger.errors import RollbackError
from ledger.map import Row as MapRow
from ledger.map import bucket_count, bucket_of, key_of, place_of
from ledger.store import Batch, Head, LogState, Mapped, Step
from ledger.tile import TILE_WIDTH, Tile, tile_width
from ledger.tree import HASH_SIZE
from service.db import bulk, tables
from service.db.buckets import POSITION_BITS, Growth, find_head, link_of, pack_head, read_rows
from service.db.engine import BUSY_MS, commit, reading, writing
from service.db.recent import Recent, View
from service.db.turns import Turns
from service.errors import BusyError, SettingsError
from service.failpoints import reach

FULL = TILE_WIDTH * HASH_SIZE
PAGE = 1024
READ_STATE = (
    "SELECT size, last_leaf, last_at, kept_at, checkpoint, edge, batteries, map_size, map_buckets, map_at, merged "
    "FROM tree_state WHERE id = 1"
)
WALK = (
    "WITH RECURSIVE step (id) AS (SELECT CAST({0} AS BIGINT) "
    "UNION ALL SELECT link.before FROM step JOIN link ON link.id = step.id WHERE link.before < step.id) "
    "SELECT id FROM step"
)
"""A subject's links, newest first. Each is smaller than the one after it, so that a damaged table ends the walk."""
NOTHING = View({}, 0)


class SqlStore:
    """Implements `ledger.store.Store` on an engine of `service.db.engine`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        self._turns = Turns(Path(file), seconds=BUSY_MS / 1000) if file else None
        self.recent = Recent()

    @contextmanager
    def read(self) -> Iterator["SqlReader"]:
        with self.engine.connect() as connection:
            yield SqlReader(reading(connection), recent=self.recent)

    def turn(self) -> AbstractContextManager[None]:
        """To be held by whoever writes anything, or appends starve him on SQLite. PostgreSQL queues by itself."""
        return self._turns.take() if self._turns else nullcontext()

    @contextmanager
    def append(self) -> Iterator["SqlTransaction"]:
        """Lock the log and commit on leaving. Raises BusyError when the lock is not to be had in time."""
        with self.turn(), self.engine.connect() as connection:
            tx = _locked(writing(connection), self.recent)
            yield tx
            commit(connection)
            tx.publish()


class SqlReader:
    """Implements `ledger.store.Reader`, as of the moment of the first question.

    `service.db.engine.reading` sees to the one moment; one row holds size, checkpoint and right edge together.
    """

    def __init__(self, connection: Connection, state: LogState | None = None, *, recent: Recent | None = None) -> None:
        """`recent` is what the process remembers of the log; without it the newest entries are read again."""
        self.connection = connection
        self._known = state
        self._recent = recent or Recent()
        self._view: View | None = None

    def size(self) -> int:
        return self.state().size

    def checkpoint(self) -> bytes:
        return self.state().checkpoint

    def state(self) -> LogState:
        """The locked row, as last committed or as this transaction left it."""
        if self._known is None:
            self._known = _parse_state(self.connection.exec_driver_sql(READ_STATE).one_or_none())
        return self._known

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        rows = self.connection.execute(select(tables.checkpoint).order_by(tables.checkpoint.c.size))
        yield from ((size, note) for size, note in rows)

    def entry(self, index: int) -> bytes | None:
        query = select(tables.entry.c.data).where(tables.entry.c.idx == index)
        return self.connection.execute(query).scalar_one_or_none()

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        return self.stored(start, min(end, self.size()))

    def stored(self, start: int, end: int) -> Iterator[bytes]:
        """Entries as `entries` gives them, whatever the state of the log says of its size."""
        column = tables.entry.c
        start = max(start, 0)
        while start < end:
            stop = min(end, start + PAGE)
            query = select(column.data).where(column.idx >= start, column.idx < stop).order_by(column.idx)
            yield from self.connection.execute(query).scalars()
            start = stop

    def entries_at(self, indexes: Sequence[int]) -> dict[int, bytes]:
        """The entries of these indexes."""
        rows = bulk.select_rows(self.connection, tables.entry.c.idx, indexes)
        return {row.idx: bytes(row.data) for row in rows}

    def tile(self, tile: Tile) -> bytes | None:
        column = tables.tile.c
        query = select(column.hashes).where(column.level == tile.level, column.idx == tile.index)
        hashes: bytes | None = self.connection.execute(query).scalar_one_or_none()
        if hashes is None:
            hashes = self._edge_tile(tile)
        return None if hashes is None or len(hashes) < tile.width * HASH_SIZE else hashes[: tile.width * HASH_SIZE]

    def find(self, ids: Sequence[str]) -> dict[str, int]:
        keys = {bytes.fromhex(id_.replace("-", "")): id_ for id_ in ids}
        rows = bulk.select_rows(self.connection, tables.event_id.c.id, list(keys))
        return {keys[bytes(row.id)]: row.idx for row in rows}

    def history(self, subject: str) -> list[int]:
        head = self.heads([subject]).get(subject)
        if head is None:
            return []
        mark = "%s" if self.connection.dialect.name == "postgresql" else "?"
        newest = (link_of(head.index, head.position),)
        links = self.connection.exec_driver_sql(WALK.format(mark), newest).scalars().all()
        return [link >> POSITION_BITS for link in reversed(links)]

    def heads(self, subjects: Sequence[str]) -> dict[str, Head]:
        view = self.view()
        known = {subject: head for subject in subjects if (head := view.get(subject))}
        if len(known) == len(subjects) or not self.state().merged:
            return known
        count = self._bucket_count()
        others = {subject: key_of(subject) for subject in subjects if subject not in known}
        places = {subject: bucket_of(place_of(key), count) for subject, key in others.items()}
        packed = self._packed(sorted(set(places.values())))
        for subject, key in others.items():
            if head := find_head(packed.get(places[subject], b""), key):
                known[subject] = head
        return known

    def view(self) -> "View":
        """The subjects' newest entries since the last merge."""
        if self._view is None:
            state = self.state()
            self._view = self._recent.as_of(state.merged, state.size, self.stored)
        return self._view

    def rows(self, buckets: Sequence[int], count: int) -> dict[int, list[MapRow]]:
        if count != self._bucket_count():
            raise ValueError("rows are kept for the number of buckets of the last merge")
        return {bucket: [MapRow(*row) for row in read_rows(packed)] for bucket, packed in self._packed(buckets).items()}

    def map_tile(self, level: int, index: int) -> bytes | None:
        column = tables.map_tile.c
        query = select(column.hashes).where(column.level == level, column.idx == index)
        hashes: bytes | None = self.connection.execute(query).scalar_one_or_none()
        return None if hashes is None else bytes(hashes)

    def _bucket_count(self) -> int:
        """How many buckets the rows are packed in: none before the first merge."""
        if not self.state().merged:
            return 0
        mapped = self.state().mapped
        if mapped and mapped.size == self.state().merged:
            return mapped.buckets
        last = self.connection.exec_driver_sql("SELECT max(idx) FROM bucket").scalar_one_or_none()
        return 0 if last is None else last + 1

    def _packed(self, buckets: Sequence[int]) -> dict[int, bytes]:
        found = bulk.select_rows(self.connection, tables.bucket.c.idx, buckets)
        return {row.idx: bytes(row.rows) for row in found}

    def _edge_tile(self, tile: Tile) -> bytes | None:
        state = self.state()
        return state.edge.get(tile.level) if state.size >> (8 * (tile.level + 1)) == tile.index else None


class SqlTransaction(SqlReader):
    """Implements `ledger.store.Transaction`; `connection` is open to what must be stored together with the batch."""

    def __init__(self, connection: Connection, state: LogState | None = None, *, recent: Recent | None = None) -> None:
        super().__init__(connection, state, recent=recent)
        self._own: dict[str, Head] = {}
        self._first: int | None = None

    def write(self, batch: Batch) -> None:
        if batch.first != self.size():
            raise ValueError("a batch continues the log where it ends")
        write = bulk.writer(self.connection)
        write.insert(tables.entry, list(enumerate(batch.entries, batch.first)))
        reach("entries-written")
        if batch.keep:
            write.insert(tables.checkpoint, [(batch.state.size, batch.state.checkpoint)])
        self.index(batch)

    def index(self, batch: Batch) -> None:
        """Store what follows from the entries of a batch, which are stored already."""
        self.view()  # as of the entries before
        write = bulk.writer(self.connection)
        ids = [(bytes.fromhex(id_.replace("-", "")), batch.first + n) for n, id_ in enumerate(batch.ids)]
        write.insert(tables.event_id, ids)
        write.insert(tables.link, [_link_row(step) for step in batch.steps])
        full = [(level, n, hashes) for (level, n), hashes in batch.tiles.items() if len(hashes) == FULL]
        write.insert(tables.tile, full)
        write.upsert(tables.map_tile, [(level, n, hashes) for (level, n), hashes in batch.map_tiles.items()])
        self._own.update(batch.heads)
        self._first = batch.first if self._first is None else self._first
        self.restate(batch.state)

    def heads(self, subjects: Sequence[str]) -> dict[str, Head]:
        own = {subject: head for subject in subjects if (head := self._own.get(subject))}
        return own | super().heads([subject for subject in subjects if subject not in own])

    def merge(self) -> Iterator[tuple[int, Iterable[tuple[bytes, int, bytes]]]]:
        newest = dict(self.view().items()) | self._own
        keys = {subject: key_of(subject) for subject in newest}
        news = {keys[subject]: pack_head(keys[subject], head) for subject, head in newest.items()}
        growth = Growth(news, self._bucket_count(), bucket_count(self.state().batteries))
        packed = growth.repack(self._packed(growth.sources))
        bulk.writer(self.connection).upsert(tables.bucket, sorted(packed.items()))
        self.restate(replace(self.state(), merged=self.size()))
        self._view, self._own, self._first = NOTHING, {}, None
        return ((bucket, read_rows(found)) for bucket, found in packed.items())

    def publish(self) -> None:
        """After the commit: tell the process what this transaction wrote."""
        if self._first is not None:
            state = self.state()
            self._recent.extend(state.merged, self._first, state.size, self._own.items())

    def begin_again(self) -> None:
        """Go on as if the log were empty: to index again, in order, what is stored."""
        self._known, self._view, self._own = LogState(), NOTHING, {}

    def restate(self, state: LogState) -> None:
        """Put the state of the log right."""
        bulk.writer(self.connection).upsert(tables.tree_state, [_state_row(state)])
        self._known = state


def join_edge(edge: Mapping[int, bytes]) -> bytes:
    """The partial tiles as they are stored: lowest level first, hashes joined."""
    return b"".join(edge[level] for level in sorted(edge))


def split_edge(size: int, joined: bytes) -> dict[int, bytes]:
    """The inverse of `join_edge`: the widths follow from the size."""
    edge: dict[int, bytes] = {}
    level, start = 0, 0
    while size >> (8 * level):
        width = tile_width(level, size >> (8 * (level + 1)), size)
        if width:
            edge[level] = joined[start : start + width * HASH_SIZE]
        start += width * HASH_SIZE
        level += 1
    return edge


def _locked(connection: Connection, recent: Recent) -> SqlTransaction:
    lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    try:
        row = connection.exec_driver_sql(READ_STATE + lock).one_or_none()
    except OperationalError as error:
        raise BusyError("the register is busy: nothing was stored, send the same again") from error
    return SqlTransaction(connection, _parse_state(row), recent=recent)


def require_register(engine: Engine) -> None:
    """Raise SettingsError, and create nothing, where the database has no tables of a register."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file is not None and not Path(file).is_file():
        raise SettingsError(f"there is no database at {file}: run packtrail init")
    if not inspect(engine).has_table(tables.tree_state.name):
        raise SettingsError("the database holds no register: run packtrail init")


def _parse_state(row: Row[Any] | None) -> LogState:
    if row is None:
        raise SettingsError("the database holds no register: run packtrail init")
    if not _is_state(row):
        raise RollbackError("the state of the tree is damaged. Nothing will be recorded. Run packtrail verify")
    return LogState(
        size=row.size,
        last_leaf=bytes(row.last_leaf),
        last_at=row.last_at,
        kept_at=row.kept_at,
        checkpoint=bytes(row.checkpoint),
        edge=split_edge(row.size, bytes(row.edge)),
        batteries=row.batteries,
        mapped=Mapped(row.map_size, row.map_buckets, row.map_at) if row.map_buckets else None,
        merged=row.merged,
    )


def _is_state(row: Row[Any]) -> bool:
    """Whether each column is of its type: SQLite takes whatever is written into it."""
    counts = (row.size, row.batteries, row.map_size, row.map_buckets, row.merged)
    return (
        all(isinstance(each, int) and each >= 0 for each in counts)
        and all(isinstance(each, str) for each in (row.last_at, row.kept_at, row.map_at))
        and all(isinstance(each, bytes | memoryview) for each in (row.last_leaf, row.checkpoint, row.edge))
    )


def _state_row(state: LogState) -> tuple[object, ...]:
    edge = join_edge(state.edge)
    mapped = state.mapped or Mapped(0, 0, "")
    log = (1, state.size, state.last_leaf, state.last_at, state.kept_at, state.checkpoint, edge)
    return *log, state.batteries, mapped.size, mapped.buckets, mapped.at, state.merged


def _link_row(step: Step) -> tuple[int, int | None]:
    before = step.before
    return link_of(step.index, step.position), None if before is None else link_of(before.index, before.position)
