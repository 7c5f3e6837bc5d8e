"""Whether the database is sound as a database, before anything in it is read as a register."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, LargeBinary, Row, String, Table
from sqlalchemy.exc import DBAPIError

from ledger.verification.audit import Audit, Failure
from service.db import tables

SIGNS_OF_DAMAGE = (
    "malformed",
    "not a database",
    "Could not decode",
    "disk I/O error",
    "no such column",
    "no such table",
)
"""SQLite's words. PostgreSQL has error codes of class XX."""


def tells_damage(error: DBAPIError) -> bool:
    """Whether an error says that the stored data cannot be read, not that somebody is in the way."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith("XX") or any(sign in str(error.orig) for sign in SIGNS_OF_DAMAGE)


class Pages(NamedTuple):
    """checked: how many of what were looked at, by name. notes: what was not, and why."""

    checked: dict[str, int]
    notes: tuple[str, ...] = ()


def check_pages(audit: Audit, connection: Connection) -> Pages:
    """Let the engine check its own pages and indexes.

    SQLite checks its file. PostgreSQL has the extension amcheck for it, where a superuser created it and lets the
    register's role call it: docs/operating.md.
    """
    if connection.dialect.name != "sqlite":
        return _check_with_amcheck(audit, connection)
    for (finding,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if finding != "ok":
            audit.fail(None, f"database file: {finding}")
    pages: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return Pages({"database_pages": pages})


def _check_with_amcheck(audit: Audit, connection: Connection) -> Pages:
    schema, why_not = _find_amcheck(connection)
    if why_not:
        return Pages({}, (f"pages and indexes of the database not checked: {why_not}",))
    names = [table.name for table in tables.metadata.sorted_tables]
    for name in names:
        query = f"SELECT blkno, msg FROM {schema}.verify_heapam('{name}', check_toast => true)"
        for finding in _asked(audit, connection, f"database table {name}", query):
            audit.fail(None, f"database table {name}: block {finding.blkno}: {finding.msg}")
    query = (
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam "
        "WHERE a.amname = 'btree' AND i.indrelid = ANY(%s::regclass[])"
    )
    indexes = connection.exec_driver_sql(query, (names,)).scalars().all()
    for name in indexes:
        query = f"SELECT {schema}.bt_index_check('{name}'::regclass, true)"
        _asked(audit, connection, f"database index {name}", query)
    return Pages({"database_tables": len(names), "database_indexes": len(indexes)})


def _find_amcheck(connection: Connection) -> tuple[str, str]:
    """The schema of the extension, quoted; or why it cannot be used."""
    query = (
        "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'amcheck'"
    )
    schema = connection.exec_driver_sql(query).scalar_one_or_none()
    if schema is None:
        return "", "the extension amcheck is not there (CREATE EXTENSION amcheck)"
    for function in (
        "bt_index_check(regclass, boolean)",
        "verify_heapam(regclass, boolean, boolean, text, bigint, bigint)",
    ):
        called = f"{schema}.{function}"
        allowed = "SELECT has_function_privilege(to_regprocedure(%s), 'EXECUTE')"
        may = connection.exec_driver_sql(allowed, (called,)).scalar_one()
        if may is None:
            return "", f"the extension amcheck is too old: it has no {function}"
        if not may:
            return "", f"the register's role may not call the extension amcheck (GRANT EXECUTE ON FUNCTION {called})"
    return schema, ""


def _asked(audit: Audit, connection: Connection, what: str, query: str) -> Sequence[Row[Any]]:
    """The answer; an error that tells of damage is a finding and no answer."""
    try:
        with connection.begin_nested():
            return connection.exec_driver_sql(query).all()
    except DBAPIError as error:
        if not tells_damage(error):
            raise
        audit.fail(None, f"{what}: {' '.join(str(error.orig).split())}")
        return ()


def find_wrong_type(connection: Connection) -> Failure | None:
    """The first value of another type than its column's: SQLite takes any, and we never wrote one."""
    if connection.dialect.name != "sqlite":
        return None
    for table in tables.metadata.sorted_tables:
        key = next(iter(table.primary_key)).name
        query = f"SELECT {key} FROM {table.name} WHERE {_is_wrong(table)} LIMIT 1"
        row = connection.exec_driver_sql(query).one_or_none()
        if row is not None:
            index = _as_index(row[0]) if table is tables.entry else None
            return Failure(index, f"table {table.name} holds a value of a type that was never written")
    return None


def _as_index(value: object) -> int | None:
    """The index of an entry, also where that itself was stored as text or bytes."""
    text = value if isinstance(value, bytes) else str(value).encode()
    return int(text) if text.isdigit() else None


def _is_wrong(table: Table) -> str:
    tests = []
    for column in table.columns:
        expected = [_stored_type(column.type), *(["null"] if column.nullable else [])]
        allowed = ", ".join(f"'{kind}'" for kind in expected)
        tests.append(f"typeof({column.name}) NOT IN ({allowed})")
    return " OR ".join(tests)


def _stored_type(kind: object) -> str:
    if isinstance(kind, LargeBinary):
        return "blob"
    return "text" if isinstance(kind, String) else "integer"
