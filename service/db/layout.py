"""Tables, indexes and triggers as the migrations make them: what was changed or taken away is found, rows or not."""

from collections.abc import Iterator

from sqlalchemy import Connection

SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master"
POSTGRES = (
    "SELECT 'index', indexname FROM pg_indexes WHERE schemaname = current_schema() UNION ALL "
    "SELECT 'trigger', t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND c.relnamespace = current_schema()::regnamespace"
)


def find_missing(stored: Connection, fresh: Connection) -> Iterator[str]:
    """What a freshly made database in SQLite, `fresh`, has and `stored` lacks or has in another form, in words."""
    wanted = fresh.exec_driver_sql(SQLITE).all()
    if stored.dialect.name == "sqlite":
        there = {(kind, name): sql for kind, name, _, sql in stored.exec_driver_sql(SQLITE)}
        for kind, name, _, sql in wanted:
            if (kind, name) not in there or there[kind, name] != sql:
                yield _tell(kind, name, lacks=(kind, name) not in there)
        return
    found = {tuple(row) for row in stored.exec_driver_sql(POSTGRES)}
    names = {("trigger", f"{table}_append_only") for kind, _, table, _ in wanted if kind == "trigger"}
    names |= {("index", name) for kind, name, _, sql in wanted if kind == "index" and sql is not None}
    for kind, name in sorted(names - found):
        yield _tell(kind, name, lacks=True)


def _tell(kind: str, name: str, *, lacks: bool) -> str:
    return f"the {kind} {name} is {'missing or switched off' if lacks else 'not the one that was made'}"
