"""The log's store on SQL: one transaction per batch, under the lock of the single `tree_state` row.

The lock is `BEGIN IMMEDIATE` on SQLite and `SELECT ... FOR UPDATE` on PostgreSQL. Any process may append; two at once
take turns. Indexes come from the locked row, never from a sequence, so that they have no gaps and are in commit order.
Full tiles are rows that never change; the partial tiles of the right edge stand in the locked row itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, inspect, select
from sqlalchemy.exc import OperationalError

from ledger.errors import RollbackError
from ledger.store import Batch, Head, LogState
from ledger.tile import TILE_WIDTH, Tile, tile_width
from ledger.tree import HASH_SIZE
from service.db import bulk, tables
from service.db.engine import BUSY_MS, commit, reading, writing
from service.db.turns import Turns
from service.errors import BusyError, SettingsError

FULL = TILE_WIDTH * HASH_SIZE
PAGE = 1024
READ_STATE = "SELECT size, last_leaf, last_at, kept_at, checkpoint, edge FROM tree_state WHERE id = 1"


class SqlStore:
    """Implements `ledger.store.Store` on an engine of `service.db.engine`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        self._turns = Turns(Path(file), seconds=BUSY_MS / 1000) if file else None

    @contextmanager
    def read(self) -> Iterator["SqlReader"]:
        with self.engine.connect() as connection:
            yield SqlReader(reading(connection))

    @contextmanager
    def append(self) -> Iterator["SqlTransaction"]:
        """Lock the log and commit on leaving. Raises BusyError when the lock is not to be had in time."""
        with self._turns.take() if self._turns else nullcontext(), self.engine.connect() as connection:
            tx = _locked(writing(connection))
            yield tx
            commit(connection)


class SqlReader:
    """Implements `ledger.store.Reader`, as of the moment of the first question.

    `service.db.engine.reading` sees to the one moment; one row holds size, checkpoint and right edge together.
    """

    def __init__(self, connection: Connection, state: LogState | None = None) -> None:
        self.connection = connection
        self._known = state

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
        column = tables.entry.c
        start, end = max(start, 0), min(end, self.size())
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
        column = tables.subject_entry.c
        query = select(column.idx).where(column.subject == subject).order_by(column.seq)
        return list(self.connection.execute(query).scalars())

    def heads(self, subjects: Sequence[str]) -> dict[str, Head]:
        rows = bulk.select_rows(self.connection, tables.head.c.subject, subjects)
        return {row.subject: Head(row.seq, bytes(row.leaf_hash), row.idx) for row in rows}

    def _edge_tile(self, tile: Tile) -> bytes | None:
        state = self.state()
        return state.edge.get(tile.level) if state.size >> (8 * (tile.level + 1)) == tile.index else None


class SqlTransaction(SqlReader):
    """Implements `ledger.store.Transaction`; `connection` is open to what must be stored together with the batch."""

    def write(self, batch: Batch) -> None:
        if batch.first != self.size():
            raise ValueError("a batch continues the log where it ends")
        write = bulk.writer(self.connection)
        write.insert(tables.entry, list(enumerate(batch.entries, batch.first)))
        ids = [(bytes.fromhex(id_.replace("-", "")), batch.first + n) for n, id_ in enumerate(batch.ids)]
        write.insert(tables.event_id, ids)
        write.insert(tables.subject_entry, list(batch.links))
        write.upsert(
            tables.head, [(subject, head.seq, head.leaf_hash, head.index) for subject, head in batch.heads.items()]
        )
        full = [(level, n, hashes) for (level, n), hashes in batch.tiles.items() if len(hashes) == FULL]
        write.insert(tables.tile, full)
        if batch.keep:
            write.insert(tables.checkpoint, [(batch.state.size, batch.state.checkpoint)])
        write.upsert(tables.tree_state, [_state_row(batch.state)])
        self._known = batch.state


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


def _locked(connection: Connection) -> SqlTransaction:
    lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    try:
        row = connection.exec_driver_sql(READ_STATE + lock).one_or_none()
    except OperationalError as error:
        raise BusyError("the register is busy: nothing was stored, send the same again") from error
    return SqlTransaction(connection, _parse_state(row))


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
    if row.size < 0:
        raise RollbackError("the state of the tree is damaged. Nothing will be recorded. Run packtrail verify")
    edge = split_edge(row.size, bytes(row.edge))
    return LogState(row.size, bytes(row.last_leaf), row.last_at, row.kept_at, bytes(row.checkpoint), edge)


def _state_row(state: LogState) -> tuple[object, ...]:
    edge = join_edge(state.edge)
    return 1, state.size, state.last_leaf, state.last_at, state.kept_at, state.checkpoint, edge
