"""The database itself refuses to change what was recorded: against accidents and injected SQL, in both engines."""

import pysqlite3
import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger.log import Log
from ledger.notes.note import Ed25519Signer
from service.db.store import SqlStore
from tests.service.db.appender import SEED
from tests.service.db.oracle import OCCURRED, ORIGIN, submission

KEYS = {
    "entry": ("idx", "0"),
    "checkpoint": ("size", "1"),
    "tile": ("level", "0"),
    "event_id": ("idx", "0"),
    "link": ("id", "64"),
}
CHANGES = {
    "entry": "data = data",
    "checkpoint": "note = note",
    "tile": "hashes = hashes",
    "event_id": "idx = idx + 1",
    "link": "before = 1",
}


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A log of 300 entries: one full tile, one kept checkpoint."""
    log = Log(ORIGIN, [Ed25519Signer(ORIGIN, SEED)])
    for start, end in ((0, 1), (1, 300)):
        with SqlStore(engine).append() as tx:
            log.append(tx, [submission(n, ("A", "B")) for n in range(start, end)], OCCURRED)
    return engine


def contents(connection: Connection, table: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2")]


def refuses(engine: Engine, statement: str, table: str) -> None:
    """The statement fails and says why; afterwards the table is as before."""
    with engine.connect() as connection:
        before = contents(connection, table)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    with engine.connect() as connection:
        assert contents(connection, table) == before
    assert before


@pytest.mark.parametrize("table", KEYS)
def test_rows_cannot_be_updated(filled: Engine, table: str) -> None:
    column, value = KEYS[table]
    refuses(filled, f"UPDATE {table} SET {CHANGES[table]} WHERE {column} = {value}", table)


@pytest.mark.parametrize("table", KEYS)
def test_rows_cannot_be_deleted(filled: Engine, table: str) -> None:
    column, value = KEYS[table]
    refuses(filled, f"DELETE FROM {table} WHERE {column} = {value}", table)


@pytest.mark.parametrize("table", KEYS)
def test_tables_cannot_be_emptied_at_once(filled: Engine, table: str) -> None:
    verb = "TRUNCATE" if filled.dialect.name == "postgresql" else "DELETE FROM"
    refuses(filled, f"{verb} {table}", table)


@pytest.mark.parametrize("table", KEYS)
def test_rows_cannot_be_replaced_by_an_insert(filled: Engine, table: str) -> None:
    if filled.dialect.name == "postgresql":
        column, value = KEYS[table]
        keys = {"tile": "level, idx", "event_id": "id", "link": "id"}.get(table, column)
        changes = CHANGES[table] if table == "link" else CHANGES[table].replace("= ", f"= {table}.")
        statement = f"INSERT INTO {table} SELECT * FROM {table} WHERE {column} = {value}"
        statement += f" ON CONFLICT ({keys}) DO UPDATE SET {changes}"
    else:
        statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    refuses(filled, statement, table)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_replacing_entries_is_refused_to_a_plain_sqlite_client_too(filled: Engine) -> None:
    """Another program than ours opens the file with SQLite's defaults, where REPLACE fires no delete triggers."""
    client = pysqlite3.connect(str(filled.url.database))
    for statement in (
        "REPLACE INTO entry VALUES (0, x'00')",
        "INSERT OR REPLACE INTO checkpoint VALUES (1, x'00')",
        "UPDATE OR REPLACE entry SET idx = 1 WHERE idx = 0",
        "DELETE FROM entry",
    ):
        with pytest.raises(pysqlite3.DatabaseError, match="append-only"):
            client.execute(statement)
    client.close()


def test_entries_can_still_be_appended(filled: Engine) -> None:
    log = Log(ORIGIN, [Ed25519Signer(ORIGIN, SEED)])
    with SqlStore(filled).append() as tx:
        log.append(tx, [submission(300, ("A",))], OCCURRED)
    with SqlStore(filled).read() as reader:
        assert reader.size() == 301
