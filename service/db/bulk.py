"""Many rows at once, each engine by its fastest way that is still plain SQL.

SQLite: one prepared statement over all rows. PostgreSQL: binary COPY for many rows, one statement for few.
Rows are tuples in the order of the table's columns.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    any_,
    bindparam,
)

Row = Sequence[Any]
COPY_FROM = 16
"""From this many rows on COPY beats statements."""


def one_of(connection: Connection, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """The condition that `column` has one of `values`: at most a few hundred, one statement text for any number."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))
    return column.in_(values)


class Writer(Protocol):
    """Inserts rows, or replaces those whose key is there."""

    def insert(self, table: Table, rows: Sequence[Row]) -> None: ...

    def upsert(self, table: Table, rows: Sequence[Row]) -> None: ...


def writer(connection: Connection) -> Writer:
    """The writer for the connection's engine."""
    return PostgresWriter(connection) if connection.dialect.name == "postgresql" else SqliteWriter(connection)


class SqliteWriter:
    """One prepared statement, executed for each row by the driver."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            self._connection.exec_driver_sql(_statement(table, "?", upsert=False), [tuple(row) for row in rows])

    def upsert(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            self._connection.exec_driver_sql(_statement(table, "?", upsert=True), [tuple(row) for row in rows])


class PostgresWriter:
    """Binary COPY where rows are many; an upsert of many goes through arrays in one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        if len(rows) < COPY_FROM:
            if rows:
                self._connection.exec_driver_sql(_statement(table, "%s", upsert=False), [tuple(row) for row in rows])
            return
        names = ", ".join(column.name for column in table.columns)
        with (
            self._driver.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(_types(table))
            for row in rows:
                copy.write_row(row)

    def upsert(self, table: Table, rows: Sequence[Row]) -> None:
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        with self._driver.cursor(binary=True) as cursor:
            cursor.execute(_array_upsert(table), [list(column) for column in columns], prepare=True)


@lru_cache(maxsize=64)
def _statement(table: Table, mark: str, *, upsert: bool) -> str:
    names = [column.name for column in table.columns]
    head = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"
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
