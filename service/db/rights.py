"""The rights of the database role that serves: it adds to the log and reads it, and cannot change what stands there.

- The tables of the log: SELECT, INSERT. What is there can be neither altered nor emptied nor put behind a trigger.
- All other tables: SELECT, INSERT, UPDATE, DELETE, row by row.
- Those that values are destroyed in: MAINTAIN too, from PostgreSQL 17 on, so that a vacuum clears what was destroyed.
- The version of the tables: SELECT.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from service.db import tables
from service.db.migrate import is_current
from service.db.ownership import GUIDE, LOG, find_owned, has_roles, require_owner, role_of
from service.errors import NotPermittedError, SettingsError
from service.private.scrubbing import TABLES as SCRUBBED

ADDING = ("SELECT", "INSERT")
WRITING = (*ADDING, "UPDATE", "DELETE")
CHANGING = ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
"""By any of these the log could be changed, or made to look changed."""
VERSION = "alembic_version"
MAINTAIN_SINCE = (17,)
TOLD = 3
"""What is missing, of many, in one line."""

_PLACE = "quote_ident(current_schema()) || '.' || quote_ident(name)"
_LACKING = f"SELECT name FROM unnest(%s::text[]) AS t(name) WHERE NOT has_table_privilege({_PLACE}, %s) ORDER BY name"
_HELD = (
    "SELECT held, name FROM unnest(%s::text[]) AS t(name), unnest(%s::text[]) AS r(held) "
    f"WHERE has_table_privilege({_PLACE}, held) "
    f"OR held = 'UPDATE' AND has_any_column_privilege({_PLACE}, held) ORDER BY name, held"
)
_SEQUENCES = (
    "SELECT s.relname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid JOIN pg_class t ON t.oid = d.refobjid "
    "WHERE s.relkind = 'S' AND t.relnamespace = current_schema()::regnamespace AND t.relname = ANY(%s) ORDER BY 1"
)
_OWNS = (
    "SELECT pg_has_role(r.rolname, t.tableowner, 'MEMBER') FROM pg_roles r, pg_tables t "
    "WHERE r.rolname = %s AND t.schemaname = current_schema() AND t.tablename = 'entry'"
)


def grants(connection: Connection, role: str) -> list[str]:
    """The statements, without semicolons, by which the tables' owner gives a role these rights and no others.

    Raises SettingsError where there are no roles, no such role, no tables of this version, or the role owns them.
    """
    if not has_roles(connection):
        raise SettingsError("SQLite has no roles: whoever may write the file may do everything")
    if not is_current(connection):
        raise SettingsError("the tables are not those of this version: run packtrail db migrate first")
    owns = connection.exec_driver_sql(_OWNS, (role,)).scalar_one_or_none()
    if owns is None:
        raise SettingsError(f"the database server knows no role {role}: CREATE ROLE {role} LOGIN makes one")
    if owns:
        raise SettingsError(f"the role {role} may act as the owner of the log's tables: take another")
    return [f"{statement} {role_word} {_quote(connection, role)}" for statement, role_word in _statements(connection)]


def give(engine: Engine, role: str) -> list[str]:
    """Run the statements of `grants` in one transaction; gives them. Raises as it does, and NotPermittedError.

    Who does not own the tables would give nothing, and only be warned.
    """
    with engine.begin() as connection:
        statements = grants(connection, role)
        require_owner(connection, "giving rights to the log")
        for statement in statements:
            connection.exec_driver_sql(statement)
    return statements


def find_lacking(connection: Connection) -> list[str]:
    """What this role needs to serve and may not do: `INSERT on entry`. The tables are of this version."""
    if not has_roles(connection):
        return []
    wanted: list[tuple[str, Sequence[str]]] = [(right, LOG) for right in ADDING]
    wanted += [*((right, _others()) for right in WRITING), ("SELECT", (VERSION,))]
    return [
        f"{right} on {name}"
        for right, names in wanted
        for name in connection.exec_driver_sql(_LACKING, (list(names), right)).scalars()
    ]


def find_excess(connection: Connection) -> list[str]:
    """By what this role could change the log: `owner of the table entry`, `UPDATE on entry`."""
    if not has_roles(connection):
        return []
    held = connection.exec_driver_sql(_HELD, (list(LOG), list(CHANGING)))
    return [f"owner of {what}" for what in find_owned(connection)] + [f"{right} on {name}" for right, name in held]


def require_rights(engine: Engine) -> list[str]:
    """Raise NotPermittedError where the role is too small to serve; gives what it could change the log by."""
    with engine.connect() as connection:
        if lacking := find_lacking(connection):
            told = f"the database role {role_of(connection)} lacks {in_short(lacking)}"
            raise NotPermittedError(f"{told}: run packtrail db grant as the owner of the tables. See {GUIDE}")
        return find_excess(connection)


def in_short(found: Sequence[str]) -> str:
    """The first of many, and how many more."""
    more = f" and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return ", ".join(found[:TOLD]) + more


def _statements(connection: Connection) -> list[tuple[str, str]]:
    """Without the role, and the word before it."""
    database, schema = connection.exec_driver_sql("SELECT current_database(), current_schema()").one()
    log, others = ", ".join(LOG), ", ".join(_others())
    statements = [
        (f"REVOKE ALL ON {log}, {others}, {VERSION}", "FROM"),
        (f"GRANT CONNECT ON DATABASE {_quote(connection, database)}", "TO"),
        (f"GRANT USAGE ON SCHEMA {_quote(connection, schema)}", "TO"),
        (f"GRANT {', '.join(ADDING)} ON {log}", "TO"),
        (f"GRANT {', '.join(WRITING)} ON {others}", "TO"),
        (f"GRANT SELECT ON {VERSION}", "TO"),
    ]
    if sequences := connection.exec_driver_sql(_SEQUENCES, (_others(),)).scalars().all():
        statements.append((f"GRANT USAGE ON SEQUENCE {', '.join(sequences)}", "TO"))
    if (connection.dialect.server_version_info or ()) >= MAINTAIN_SINCE:
        statements.append((f"GRANT MAINTAIN ON {', '.join(SCRUBBED)}", "TO"))
    return statements


def _others() -> list[str]:
    return sorted(set(tables.metadata.tables) - set(LOG))


def _quote(connection: Connection, name: str) -> str:
    return str(connection.dialect.identifier_preparer.quote(name))
