"""Whose the tables are: on PostgreSQL their owner migrates and rebuilds; the role that serves need not be the owner.

SQLite has no roles: whoever may write the file may do everything, and counts as the owner.
"""

from sqlalchemy import Connection

from service.db import tables
from service.errors import NotPermittedError

LOG = tuple(table.name for table in (tables.entry, tables.checkpoint, tables.tile, tables.event_id, tables.link))
"""The tables that are written once, row by row: those with append-only triggers."""
GUIDE = "docs/operating.md#database-roles"
_OWNED = (
    "SELECT 'the table ' || c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
    "AND c.relname = ANY(%s) AND pg_has_role(c.relowner, 'MEMBER') UNION ALL "
    "SELECT 'the schema ' || n.nspname FROM pg_namespace n WHERE n.nspname = current_schema() "
    "AND pg_has_role(n.nspowner, 'MEMBER')"
)


def has_roles(connection: Connection) -> bool:
    """Whether the database knows who may do what."""
    return connection.dialect.name == "postgresql"


def role_of(connection: Connection) -> str:
    """The role that this connection acts as; empty for SQLite."""
    return str(connection.exec_driver_sql("SELECT current_user").scalar_one()) if has_roles(connection) else ""


def find_owned(connection: Connection) -> list[str]:
    """What of the log this role owns, itself or through another: `the table entry`.

    The owner of the schema may drop its tables.
    """
    return list(connection.exec_driver_sql(_OWNED, (list(LOG),)).scalars()) if has_roles(connection) else []


def is_owner(connection: Connection) -> bool:
    """Whether this role may alter the log's tables."""
    return not has_roles(connection) or {f"the table {name}" for name in LOG} <= set(find_owned(connection))


def require_owner(connection: Connection, what: str) -> None:
    """Raise NotPermittedError unless this role owns the log's tables: `what` cannot be done without."""
    if not is_owner(connection):
        role = role_of(connection)
        raise NotPermittedError(
            f"{what} is for the owner of the tables, and the database role {role} is not: "
            f"run the command with the owner in PACKTRAIL_DATABASE_URL. See {GUIDE}"
        )
