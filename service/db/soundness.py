"""Whether the database is sound as a database, before anything in it is read as a register."""

from sqlalchemy import Connection, LargeBinary, String, Table
from sqlalchemy.exc import DBAPIError

from ledger.audit import Audit, Failure
from service.db import tables

SIGNS_OF_DAMAGE = ("malformed", "not a database", "Could not decode", "disk I/O error")
"""SQLite's words. PostgreSQL has error codes of class XX."""


def tells_damage(error: DBAPIError) -> bool:
    """Whether an error says that the stored data cannot be read, not that somebody is in the way."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith("XX") or any(sign in str(error.orig) for sign in SIGNS_OF_DAMAGE)


def check_pages(audit: Audit, connection: Connection) -> int:
    """Let SQLite check its file; gives the number of pages."""
    for (finding,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if finding != "ok":
            audit.fail(None, f"database file: {finding}")
    pages: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return pages


def find_wrong_type(connection: Connection) -> Failure | None:
    """The first value of another type than its column's: SQLite takes any, and we never wrote one."""
    if connection.dialect.name != "sqlite":
        return None
    for table in tables.metadata.sorted_tables:
        key = next(iter(table.primary_key)).name
        query = f"SELECT {key} FROM {table.name} WHERE {_is_wrong(table)} LIMIT 1"
        row = connection.exec_driver_sql(query).one_or_none()
        if row is not None:
            index = row[0] if table is tables.entry and isinstance(row[0], int) else None
            return Failure(index, f"table {table.name} holds a value of a type that was never written")
    return None


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
