"""Somebody with the rights of the database's owner, and what a database says, table by table, whatever the bytes."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table

from service.db import tables
from service.db.engine import open_engine, writing
from service.db.figure_tables import figure_cursor, figure_health
from service.db.packlist_tables import pack_cursor, pack_group
from service.verification.vouched import BESIDE

NOT_VOUCHED = frozenset(BESIDE) | {"alembic_version"}
"""Tables that nothing in the log vouches for, and the number of the last migration.

Of what it was served last (`served_as`) any change is found but its deletion: registers of earlier versions had none.
"""

Rows = dict[tuple[Any, ...], tuple[Any, ...]]
Content = dict[str, Rows]
"""The rows of each table by their keys; `schema` holds triggers and indexes."""


@contextmanager
def insider(url: str) -> Iterator[Connection]:
    """A connection that no trigger stops, committed at the end. The triggers are there again afterwards."""
    engine = open_engine(url)
    try:
        with engine.connect() as plain:
            connection = writing(plain)
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET session_replication_role = replica")
                yield connection
            else:
                found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
                for name, _ in found:
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
                yield connection
                for _, sql in found:
                    connection.exec_driver_sql(sql)
            connection.commit()
    finally:
        engine.dispose()


def read_content(url: str) -> Content:
    """All that is in the database, read row by row and past its indexes. Raises DBAPIError for an unreadable one."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            lite = engine.dialect.name == "sqlite"
            content: Content = {}
            for table in tables.metadata.sorted_tables:
                key = [column.name for column in table.primary_key]
                others = [column.name for column in table.columns if column.name not in key]
                past = " NOT INDEXED" if lite else ""
                query = f"SELECT {', '.join((*key, *others))} FROM {table.name}{past}"
                rows = [tuple(map(_plain, row)) for row in connection.exec_driver_sql(query)]
                content[table.name] = {(*row[: len(key)], n): row for n, row in _numbered(rows, len(key))}
            content["alembic_version"] = {
                (row[0],): tuple(row) for row in connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            }
            content["schema"] = {tuple(row)[:2]: tuple(row) for row in connection.exec_driver_sql(_SCHEMA[lite])}
            return content
    finally:
        engine.dispose()


def changed_tables(before: Content, after: Content) -> set[str]:
    """The tables that say something else, types of values included."""
    return {name for name in before if _typed(before[name]) != _typed(after[name])}


def mended_by_itself(before: Content, after: Content) -> set[str]:
    """Tables of which no more changed than what is folded again, or may have been so: docs/operating.md.

    Another version of the figures, a cursor of the list put back, a group that nobody is in; and measurements of
    health, of which there may be some more than values are left.
    """
    found = set()
    for table, is_mended in (
        (figure_cursor, lambda old, new: _is_int(new["version"]) and old["version"] != new["version"]),
        (pack_cursor, lambda old, new: _is_int(new["idx"]) and 0 <= new["idx"] < old["idx"]),
        (pack_group, lambda old, new: old["batteries"] == new["batteries"] == 0),
        (figure_health, lambda old, new: _is_int(new["count"]) and new["count"] > old["count"]),
    ):
        pairs = list(_changed_rows(table, before[table.name], after[table.name]))
        if pairs and all(old is not None and new is not None and is_mended(old, new) for old, new in pairs):
            found.add(table.name)
    return found


def _is_int(value: object) -> bool:
    return isinstance(value, int)


def _changed_rows(table: Table, before: Rows, after: Rows) -> Iterator[tuple[dict[str, Any] | None, ...]]:
    """The rows that are not the same, each as it was and as it is; None where it was not, or is not any more."""
    names = [*(c.name for c in table.primary_key), *(c.name for c in table.columns if not c.primary_key)]
    for key in before.keys() | after.keys():
        if before.get(key) != after.get(key):
            rows = (before.get(key), after.get(key))
            yield tuple(None if row is None else dict(zip(names, row, strict=True)) for row in rows)


def first_index(before: Content, after: Content) -> int | None:
    """The first entry that says something else, or that has something else beside it, if the change is of one.

    Entries come before leaf hashes of the tree, and these before restricted values.
    """
    for name, place in (("entry", 0), ("private_value", None)):
        ours, theirs = _typed(before[name]), _typed(after[name])
        keys = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
        rows = [before[name].get(key) or after[name][key] for key in keys]
        if place is None:
            known = [_entry_of(row) for row in rows]
            return min((index for index in known if index is not None), default=None)
        if rows:
            return min(index for index in map(_as_index, rows) if index is not None)
    return None


def _as_index(row: tuple[Any, ...]) -> int | None:
    return int(row[0]) if isinstance(row[0], int) or (isinstance(row[0], bytes) and row[0].isdigit()) else None


def _entry_of(row: tuple[Any, ...]) -> int | None:
    at = [column.name for column in _value_columns()].index("idx")
    return row[at] if isinstance(row[at], int) else None


def _value_columns() -> list[Any]:
    table = tables.private_value
    return [*table.primary_key, *(column for column in table.columns if not column.primary_key)]


def _typed(rows: Rows) -> dict[Any, Any]:
    return {key: [(type(value), value) for value in row] for key, row in rows.items()}


def _numbered(rows: list[tuple[Any, ...]], width: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows with a number: 0, or more where a broken index let a key in twice."""
    seen: dict[Any, int] = {}
    for row in rows:
        n = seen.get(row[:width], 0)
        seen[row[:width]] = n + 1
        yield n, row


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


_SCHEMA = {
    True: "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'index', 'trigger', 'view')",
    False: "SELECT 'index' AS type, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
    "SELECT 'trigger', tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal",
}


def drop_trigger(url: str, rng: random.Random) -> None:
    """One of those that keep honest people and injected SQL from changing what is recorded."""
    engine = open_engine(url)
    with engine.connect() as plain:
        connection = writing(plain)
        if engine.dialect.name == "postgresql":
            found = connection.exec_driver_sql(
                "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal"
            )
            table, name = rng.choice(sorted(tuple(row) for row in found))
            how = rng.choice([f"DROP TRIGGER {name} ON {table}", f"ALTER TABLE {table} DISABLE TRIGGER {name}"])
            connection.exec_driver_sql(how)
        else:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
            connection.exec_driver_sql(f"DROP TRIGGER {rng.choice(sorted(names))}")
        connection.commit()
    engine.dispose()
