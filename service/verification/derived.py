"""Every derived table is what the entries make of it: derived again in an empty database beside, and compared."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, String, Table, collate, select

from ledger.verification.audit import Audit
from service.db import tables
from service.db.engine import open_engine, sqlite_url, writing
from service.db.figure_tables import FOLDED
from service.db.layout import find_missing
from service.db.migrate import migrate
from service.db.store import SqlTransaction
from service.domain.states import Model
from service.errors import ServiceError
from service.figures.following import fold_all
from service.figures.storing import VERSION, read_cursor
from service.keys.vault import Vault
from service.recording.rebuilding import derive_beside
from service.recording.replay import ReplayError

BLOCK = 1024


def compare_derived(audit: Audit, reader: SqlTransaction, vault: Vault | None) -> int:
    """Derive the tables again in an empty database and compare row by row; gives the number of rows."""
    rows = 0
    with _empty_database() as target:
        try:
            replay = derive_beside(reader, target, vault)
        except ReplayError as error:
            audit.fail(error.index, str(error))
            return 0
        except ServiceError as error:
            audit.fail(None, str(error))
            return 0
        for table in (*tables.LOG_INDEXES, *tables.PRESENT):
            rows += _compare_table(audit, table, reader.connection, target.connection)
        rows += _compare_figures(audit, reader, target.connection, replay.registry.models)
        ours, theirs = reader.state(), target.state()
        if (ours.batteries, ours.mapped, ours.merged) != (theirs.batteries, theirs.mapped, theirs.merged):
            audit.fail(None, "the state of the tree does not name the batteries and the map that the entries make")
        for missing in find_missing(reader.connection, target.connection):
            audit.fail(None, missing)
    return rows


def _compare_figures(audit: Audit, reader: SqlTransaction, target: Connection, models: Mapping[str, Model]) -> int:
    """The figures, folded again as far as they are; those of an older version are folded anew when it is served."""
    cursor = read_cursor(reader.connection)
    if cursor.version != VERSION or cursor.size > reader.size():
        return 0
    try:
        fold_all(reader, target, models, cursor.size)
    except (KeyError, ValueError) as error:  # the index of entries by their ids is damaged, and was found to be
        audit.fail(None, f"the figures cannot be folded: {error!r}")
        return 0
    return sum(_compare_table(audit, table, reader.connection, target) for table in FOLDED)


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
        file = Path(folder) / "derived.db"
        file.write_bytes(_empty_file())
        engine = open_engine(sqlite_url(file))
        with engine.connect() as connection:
            yield SqlTransaction(writing(connection))
        engine.dispose()


@cache
def _empty_file() -> bytes:
    """A database with all tables and no row in them: made once in each process, a tenth of a second."""
    with tempfile.TemporaryDirectory(prefix="packtrail-verify-") as folder:
        file = Path(folder) / "empty.db"
        engine = open_engine(sqlite_url(file))
        migrate(engine)
        engine.dispose()
        return file.read_bytes()
