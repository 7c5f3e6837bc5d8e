"""Whether the database is sound as a database, before anything in it is read as a register."""

from sqlalchemy import Connection, LargeBinary, String, Table
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


def check_pages(audit: Audit, connection: Connection) -> dict[str, int]:
    """Let the engine check its own pages and indexes; gives how many, by name.

    SQLite checks its file. PostgreSQL has the extension amcheck for it, if a superuser created it: without it nothing
    is counted.
    """
    if connection.dialect.name != "sqlite":
        return _check_with_amcheck(audit, connection)
    for (finding,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if finding != "ok":
            audit.fail(None, f"database file: {finding}")
    pages: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return {"database_pages": pages}


def _check_with_amcheck(audit: Audit, connection: Connection) -> dict[str, int]:
    if connection.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'").one_or_none() is None:
        return {}
    for table in tables.metadata.sorted_tables:
        for finding in connection.exec_driver_sql(f"SELECT msg FROM verify_heapam('{table.name}')"):
            audit.fail(None, f"database table {table.name}: {finding.msg}")
    query = (
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam "
        "JOIN pg_class t ON t.oid = i.indrelid WHERE a.amname = 'btree' AND t.relname = ANY(%s)"
    )
    names = [table.name for table in tables.metadata.sorted_tables]
    indexes = connection.exec_driver_sql(query, (names,)).scalars().all()
    for name in indexes:
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"SELECT bt_index_check('{name}'::regclass, true)").all()
        except DBAPIError as error:
            if not tells_damage(error):
                raise
            audit.fail(None, f"database index {name}: {' '.join(str(error.orig).split())}")
    return {"database_indexes": len(indexes)}


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
