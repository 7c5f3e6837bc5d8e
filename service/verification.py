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

from sqlalchemy import Connection, String, Table, collate, select
from sqlalchemy.exc import DBAPIError

from ledger.audit import Audit, Failure, Report
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import LedgerError
from ledger.log import tile_reader
from ledger.note import Verifier
from ledger.proof import tree_root
from ledger.tile import RightEdge, Tile
from ledger.tree import hash_leaf
from service.commitments import commit
from service.db import tables
from service.db.engine import open_engine, reading, sqlite_url, writing
from service.db.migrate import migrate
from service.db.soundness import check_pages, find_wrong_type, tells_damage
from service.db.store import FULL, SqlReader, SqlTransaction, join_edge, require_register
from service.errors import ServiceError
from service.kept import KeptHistory, time_of
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
        require_register(engine)
        with engine.connect() as connection:
            reader = SqlTransaction(reading(connection))
            return _verify(reader, verifiers, signatures=signatures, secret=secret, tick=tick)
    except DBAPIError as error:
        if not tells_damage(error):
            raise
        return _broken(f"the database cannot be read: {error.orig}")
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
    if failure := find_wrong_type(reader.connection):
        return Report(0, b"", {}, (failure,))
    try:
        state = reader.state()
        checkpoint = open_checkpoint(state.checkpoint, verifiers, origin=verifiers[0].name, require_all=True)
    except LedgerError as error:
        return _broken(f"newest checkpoint: {error}")
    audit = Audit(signatures=signatures)
    checked = dict[str, int]()
    checked["checkpoints"], kept = _verify_checkpoints(audit, reader, verifiers)
    checked["tiles"] = _verify_entries(audit, reader, kept, tick)
    if reader.connection.dialect.name == "sqlite":
        checked["database_pages"] = check_pages(audit, reader.connection)
    checked["restricted_values"] = _verify_private(audit, reader.connection)
    if secret is not None and not audit.failures:
        checked["derived_rows"] = _compare_derived(audit, reader, secret)
    report = audit.finish(checkpoint)
    return Report(report.size, report.root, report.checked | checked, report.failures)


def _broken(what: str) -> Report:
    return Report(0, b"", {}, (Failure(None, what),))


def _verify_entries(audit: Audit, reader: SqlReader, kept: KeptHistory, tick: Tick | None) -> int:
    """Audit every entry, and compare the tiles with what the entries make of them; gives the number of tiles."""
    edge, tiles, expected = RightEdge(0, {}), 0, 0
    for indexes, block in _blocks(reader.connection):
        for index in indexes:
            if index != expected:
                audit.fail(expected, "missing from the database" if index > expected else "twice in the database")
                expected = index
            expected += 1
        changed = edge.extend(audit.feed(block))
        kept.feed(block)
        full = {place: hashes for place, hashes in changed.items() if len(hashes) == FULL}
        for (level, n), hashes in full.items():
            _compare_tile(audit, reader, level, n, hashes)
        tiles += len(full)
        if tick:
            tick(audit.size)
    kept.finish()
    for start, end in kept.missing:
        audit.fail(None, f"the history lacks a checkpoint of entries {start} to {end - 1}")
    _compare_state(audit, reader, edge, kept)
    return tiles


def _compare_state(audit: Audit, reader: SqlReader, edge: RightEdge, kept: KeptHistory) -> None:
    """The row that the next writer goes on from is what the entries and the kept checkpoints make of it."""
    state = reader.state()
    for level, hashes in edge.tiles.items():
        _compare_hashes(audit, Tile(level, edge.size >> 8 * (level + 1)), state.edge.get(level, b""), hashes)
    if join_edge(state.edge) != join_edge(edge.tiles) or state.size != edge.size:
        audit.fail(None, "the right edge of the tree is not that of the entries")
    newest = reader.entry(edge.size - 1)
    if newest is not None and (hash_leaf(newest), time_of(newest)) != (state.last_leaf, state.last_at):
        audit.fail(None, "the state of the tree does not name the newest entry")
    if state.kept_at != kept.kept_at:
        audit.fail(None, "the state of the tree does not name the newest kept checkpoint")


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
    else:
        _compare_hashes(audit, Tile(level, n), bytes(stored), hashes)


def _compare_hashes(audit: Audit, tile: Tile, stored: bytes, hashes: bytes) -> None:
    """Compare a tile with what it should hold. Where it is one of leaf hashes, the entry can be named."""
    if stored == hashes:
        return
    at = next((at for at in range(0, len(hashes), 32) if stored[at : at + 32] != hashes[at : at + 32]), None)
    if tile.level == 0 and at is not None:
        audit.fail(tile.index * 256 + at // 32, "its leaf hash is not the one in the tree")
    else:
        audit.fail(None, f"tile {tile.level}/{tile.index} does not hold the hashes of its entries")


def _verify_checkpoints(audit: Audit, reader: SqlReader, verifiers: Sequence[Verifier]) -> tuple[int, KeptHistory]:
    """Check the signature and the root of every kept checkpoint; gives their number, and the history."""
    sizes = []
    nodes = tile_reader(reader, reader.size()).nodes
    for size, note in reader.checkpoints():
        sizes.append(size)
        try:
            kept: Checkpoint = open_checkpoint(bytes(note), verifiers, origin=verifiers[0].name, require_all=True)
            if kept.size != size or tree_root(size, nodes) != kept.root:
                audit.fail(None, f"the kept checkpoint of size {size} does not sign the entries of today")
        except LedgerError as error:
            audit.fail(None, f"the kept checkpoint of size {size}: {error}")
    return len(sizes), KeptHistory(sizes)


def _verify_private(audit: Audit, connection: Connection) -> int:
    """Each restricted value that is still there is the one committed to. Which were erased is no matter."""
    count = 0
    for row in connection.execute(select(tables.private_value)):
        count += 1
        try:
            holds = commit(row.value, bytes(row.salt)) == bytes(row.commitment)
        except LedgerError:
            holds = False
        if not holds:
            audit.fail(None, f"the {row.name} beside the log is not the one that {row.commitment.hex()} commits to")
    return count


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
