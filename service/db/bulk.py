"""Many rows at once, each engine by its fastest way that is still plain SQL.

SQLite: one prepared statement over all rows. PostgreSQL: binary COPY for many rows, one statement for few.
Rows are tuples in the order of the table's columns.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, Row, SmallInteger, Table

Values = Sequence[Any]
COPY_FROM = 16
"""From this many rows on COPY beats statements."""
MANY_ROWS = 256
"""Rows of the longest statement; shorter ones have half as many, and so on, so that few texts are ever prepared."""
IN_LIMIT = 500
"""Values in one IN list."""


def select_rows(connection: Connection, column: Column[Any], values: Sequence[Any]) -> Iterator[Row[Any]]:
    """The rows of the column's table whose `column` has one of `values`, all columns in their order.

    Plain driver statements: this is on the path of every event, and compiling an expression costs more than the query.
    """
    if connection.dialect.name == "postgresql":
        if values:
            yield from connection.exec_driver_sql(_select(column, 0), (list(values),)).all()
        return
    for start in range(0, len(values), IN_LIMIT):
        chunk = tuple(values[start : start + IN_LIMIT])
        yield from connection.exec_driver_sql(_select(column, len(chunk)), chunk).all()


@lru_cache(maxsize=4096)
def _select(column: Column[Any], count: int) -> str:
    names = ", ".join(each.name for each in column.table.columns)
    some = f"IN ({', '.join('?' * count)})" if count else "= ANY(%s)"
    return f"SELECT {names} FROM {column.table.name} WHERE {column.name} {some}"


class Writer(Protocol):
    """Inserts rows, or replaces those whose key is there."""

    def insert(self, table: Table, rows: Sequence[Values]) -> None: ...

    def upsert(self, table: Table, rows: Sequence[Values]) -> None: ...


def writer(connection: Connection) -> Writer:
    """The writer for the connection's engine."""
    return PostgresWriter(connection) if connection.dialect.name == "postgresql" else SqliteWriter(connection)


class SqliteWriter:
    """Statements of many rows each. The driver lets other threads run at each statement, and then has to wait for them
    to let go: row by row it would mostly wait while the same process verifies signatures."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert(self, table: Table, rows: Sequence[Values]) -> None:
        self._write(table, rows, upsert=False)

    def upsert(self, table: Table, rows: Sequence[Values]) -> None:
        self._write(table, rows, upsert=True)

    def _write(self, table: Table, rows: Sequence[Values], *, upsert: bool) -> None:
        start = 0
        while start < len(rows):
            count = min(1 << (len(rows) - start).bit_length() - 1, MANY_ROWS)
            some = rows[start : start + count]
            statement = _statement(table, "?", upsert=upsert, count=count)
            self._connection.exec_driver_sql(statement, tuple(value for row in some for value in row))
            start += count


class PostgresWriter:
    """Few rows by statement; many by binary COPY, or, replacing, through arrays in one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection

    def insert(self, table: Table, rows: Sequence[Values]) -> None:
        if len(rows) < COPY_FROM:
            _execute(self._connection, _statement(table, "%s", upsert=False), rows)
            return
        names = ", ".join(column.name for column in table.columns)
        with (
            self._driver.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(_types(table))
            for row in rows:
                copy.write_row(row)

    def upsert(self, table: Table, rows: Sequence[Values]) -> None:
        if len(rows) < COPY_FROM:
            _execute(self._connection, _statement(table, "%s", upsert=True), rows)
            return
        columns = list(zip(*rows, strict=True))
        with self._driver.cursor(binary=True) as cursor:
            cursor.execute(_array_upsert(table), [list(column) for column in columns], prepare=True)


def _execute(connection: Connection, statement: str, rows: Sequence[Values]) -> None:
    if len(rows) == 1:
        connection.exec_driver_sql(statement, tuple(rows[0]))
    elif rows:
        connection.exec_driver_sql(statement, [tuple(row) for row in rows])


@lru_cache(maxsize=256)
def _statement(table: Table, mark: str, *, upsert: bool, count: int = 1) -> str:
    names = [column.name for column in table.columns]
    row = f"({', '.join([mark] * len(names))})"
    head = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([row] * count)}"
    return head + (_on_conflict(table) if upsert else "")


@lru_cache(maxsize=64)
def _array_upsert(table: Table) -> str:
    names = ", ".join(column.name for column in table.columns)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _types(table))
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})" + _on_conflict(table)


def _on_conflict(table: Table) -> str:
    keys = ", ".join(column.name for column in table.primary_key)
    others = ", ".join(f"{c.name} = excluded.{c.name}" for c in table.columns if not c.primary_key)
    return f" ON CONFLICT ({keys}) DO UPDATE SET {others}"


@lru_cache(maxsize=64)
def _types(table: Table) -> tuple[str, ...]:
    return tuple(_type(column.type) for column in table.columns)


def _type(kind: object) -> str:
    if isinstance(kind, LargeBinary):
        return "bytea"
    if isinstance(kind, SmallInteger):
        return "int2"
    if isinstance(kind, BigInteger):
        return "int8"
    return "int4" if isinstance(kind, Integer) else "text"
