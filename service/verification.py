"""Verification of a register where it lives: the entries as in an export, and everything the database holds besides.

Beyond `ledger.audit`, for a database:
- each tile and the right edge hold the hashes of the entries, every kept checkpoint is signed and has its size's root;
- every derived table is what the entries make of it, derived again in an empty database beside;
- the engine itself finds its file sound (SQLite).
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, collate, select
from sqlalchemy.types import String

from ledger.audit import Audit, Failure, Report
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import LedgerError
from ledger.log import tile_reader
from ledger.note import Verifier
from ledger.proof import tree_root
from ledger.store import LogState
from ledger.tile import RightEdge
from service.db import tables
from service.db.engine import open_engine, sqlite_url, writing
from service.db.migrate import migrate
from service.db.store import FULL, SqlReader, SqlTransaction, join_edge
from service.errors import ServiceError
from service.rebuilding import derive_beside
from service.replay import ReplayError

BLOCK = 1024
Tick = Callable[[int], None]


def verify_database(
    url: str,
    verifiers: Sequence[Verifier],
    *,
    signatures: bool = True,
    secret: bytes | None = None,
    tick: Tick | None = None,
) -> Report:
    """Verify the register in the database at `url` against the log's keys.

    `secret` is the installation's blinding secret; without it derived tables are not compared, and `checked` says so
    by their absence. Raises SettingsError for what is no register.
    """
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return _verify(SqlTransaction(connection), verifiers, signatures=signatures, secret=secret, tick=tick)
    finally:
        engine.dispose()


def _verify(
    reader: SqlTransaction,
    verifiers: Sequence[Verifier],
    *,
    signatures: bool,
    secret: bytes | None,
    tick: Tick | None,
) -> Report:
    state = reader.state()
    try:
        checkpoint = open_checkpoint(state.checkpoint, verifiers, origin=verifiers[0].name, require_all=True)
    except LedgerError as error:
        return Report(0, b"", {}, (Failure(None, f"newest checkpoint: {error}"),))
    audit = Audit(signatures=signatures)
    checked = dict[str, int]()
    checked["tiles"] = _verify_entries(audit, reader, state, tick)
    checked["checkpoints"] = _verify_checkpoints(audit, reader, verifiers)
    if reader.connection.dialect.name == "sqlite":
        checked["database_pages"] = _check_sqlite(audit, reader.connection)
    if secret is not None and not audit.failures:
        checked["derived_rows"] = _compare_derived(audit, reader, secret)
    report = audit.finish(checkpoint)
    return Report(report.size, report.root, report.checked | checked, report.failures)


def _verify_entries(audit: Audit, reader: SqlReader, state: LogState, tick: Tick | None) -> int:
    """Audit every entry, and compare the tiles with what the entries make of them; gives the number of tiles."""
    edge, tiles, expected = RightEdge(0, {}), 0, 0
    for indexes, block in _blocks(reader.connection):
        for index in indexes:
            if index != expected:
                audit.fail(expected, "missing from the database" if index > expected else "twice in the database")
                expected = index
            expected += 1
        changed = edge.extend(audit.feed(block))
        full = {place: hashes for place, hashes in changed.items() if len(hashes) == FULL}
        for (level, n), hashes in full.items():
            _compare_tile(audit, reader, level, n, hashes)
        tiles += len(full)
        if tick:
            tick(audit.size)
    if join_edge(state.edge) != join_edge(edge.tiles) or state.size != edge.size:
        audit.fail(None, "the right edge of the tree is not that of the entries")
    return tiles


def _blocks(connection: Connection) -> Iterator[tuple[list[int], list[bytes]]]:
    """All entries as (indexes, bytes), also those that lie outside of the range they should be in."""
    column = tables.entry.c
    after = -(2**63)
    while True:
        query = select(column.idx, column.data).where(column.idx > after).order_by(column.idx).limit(BLOCK)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield [row.idx for row in rows], [bytes(row.data) for row in rows]
        after = rows[-1].idx


def _compare_tile(audit: Audit, reader: SqlReader, level: int, n: int, hashes: bytes) -> None:
    column = tables.tile.c
    query = select(column.hashes).where(column.level == level, column.idx == n)
    stored = reader.connection.execute(query).scalar_one_or_none()
    if stored is None:
        audit.fail(None, f"tile {level}/{n} is missing")
    elif bytes(stored) != hashes:
        at = next((at for at in range(0, FULL, 32) if stored[at : at + 32] != hashes[at : at + 32]), 0) // 32
        if level == 0:
            audit.fail(n * 256 + at, "its leaf hash is not the one in the tree")
        else:
            audit.fail(None, f"tile {level}/{n} does not hold the hashes of its entries")


def _verify_checkpoints(audit: Audit, reader: SqlReader, verifiers: Sequence[Verifier]) -> int:
    count = 0
    nodes = tile_reader(reader, reader.size()).nodes
    for size, note in reader.checkpoints():
        count += 1
        try:
            kept: Checkpoint = open_checkpoint(bytes(note), verifiers, origin=verifiers[0].name, require_all=True)
            if kept.size != size or tree_root(size, nodes) != kept.root:
                audit.fail(None, f"the kept checkpoint of size {size} does not sign the entries of today")
        except LedgerError as error:
            audit.fail(None, f"the kept checkpoint of size {size}: {error}")
    return count


def _check_sqlite(audit: Audit, connection: Connection) -> int:
    for (finding,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if finding != "ok":
            audit.fail(None, f"database file: {finding}")
    pages: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return pages


def _compare_derived(audit: Audit, reader: SqlTransaction, secret: bytes) -> int:
    """Derive the tables again in an empty database and compare row by row; gives the number of rows."""
    rows = 0
    with _empty_database() as target:
        try:
            derive_beside(reader, target, secret)
        except ReplayError as error:
            audit.fail(error.index, str(error))
            return 0
        except ServiceError as error:
            audit.fail(None, str(error))
            return 0
        for table in (*tables.LOG_INDEXES, *tables.PRESENT):
            rows += _compare_table(audit, table, reader.connection, target.connection)
    return rows


def _compare_table(audit: Audit, table: Table, stored: Connection, derived: Connection) -> int:
    ours, theirs = _rows(table, stored), _rows(table, derived)
    count = 0
    while True:
        left, right = next(ours, None), next(theirs, None)
        if left != right:
            key = (left or right or ())[0]
            shown = key.hex() if isinstance(key, bytes) else key
            audit.fail(None, f"table {table.name}: the row of {shown} is not what the entries make of it")
            return count
        if left is None:
            return count
        count += 1


def _rows(table: Table, connection: Connection) -> Iterator[tuple[Any, ...]]:
    """All rows in the order of their keys, the same on both engines."""
    order = []
    for column in table.primary_key:
        binary = connection.dialect.name == "postgresql" and isinstance(column.type, String)
        order.append(collate(column, "C") if binary else column)
    result = connection.execution_options(yield_per=BLOCK).execute(select(table).order_by(*order))
    for row in result:
        yield tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)


@contextmanager
def _empty_database() -> Iterator[SqlTransaction]:
    with tempfile.TemporaryDirectory(prefix="packtrail-verify-") as folder:
        engine = open_engine(sqlite_url(Path(folder) / "derived.db"))
        migrate(engine)
        with engine.connect() as connection:
            yield SqlTransaction(writing(connection))
        engine.dispose()
