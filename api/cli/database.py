"""packtrail db: the tables of this version, and the rights of the database role that serves."""

import click

from api.cli.task import CHECK_FAILED, Task, show
from service.db.engine import engine_of
from service.db.migrate import is_current, migrate, revision_of
from service.db.ownership import has_roles, role_of
from service.db.rights import find_excess, find_lacking, give, grants
from service.errors import SettingsError
from service.settings import Settings


@click.group("db")
def database() -> None:
    """Bring the tables to this version; keep the log from the role that serves."""


@database.command("migrate", cls=Task, undone="the tables are as they were", example="db migrate --data var")
def migrate_tables(settings: Settings, as_json: bool) -> None:
    """Bring the tables to this version, or make them where there are none.

    `serve` does this by itself where its database role owns the tables.
    """
    with engine_of(settings.database_url) as engine:
        migrate(engine)
        with engine.connect() as connection:
            revision = revision_of(connection)
    show({"tables": revision}, [f"the tables are of version {revision}"], as_json=as_json)


@database.command(cls=Task, undone="no right was given", example="db grant packtrail_app --apply")
@click.argument("role")
@click.option("--apply", "applied", is_flag=True, help="Run the statements, as the owner of the tables.")
def grant(settings: Settings, as_json: bool, role: str, applied: bool) -> None:
    """Print the statements that let a database role serve, and keep it from changing the log.

    PostgreSQL only. Run it anew after each upgrade: new tables are nobody's but their owner's.
    """
    with engine_of(settings.database_url) as engine:
        if applied:
            statements = give(engine, role)
        else:
            with engine.connect() as connection:
                statements = grants(connection, role)
    lines = [f"{each};" for each in statements]
    show({"role": role, "applied": applied, "statements": statements}, lines, as_json=as_json)


@database.command(cls=Task, undone="not checked", example="db check --data var")
def check(settings: Settings, as_json: bool) -> None:
    """Say whether this database role may serve, and whether it could change the log.

    Ends with exit code 1 if it lacks a right that it needs or has one that it should not have.
    """
    with engine_of(settings.database_url) as engine, engine.connect() as connection:
        if not is_current(connection):
            raise SettingsError("the tables are not those of this version: run packtrail db migrate")
        roles, role = has_roles(connection), role_of(connection)
        lacking, excess = find_lacking(connection), find_excess(connection)
    lines = [*(f"LACKS {each}" for each in lacking), *(f"COULD CHANGE THE LOG: {each}" for each in excess)]
    fine = f"fine: {role} may serve, and cannot change the log" if roles else "SQLite has no roles"
    value = {"ok": not lines, "role": role or None, "lacking": lacking, "excess": excess}
    show(value, lines or [fine], as_json=as_json)
    if lines:
        raise click.exceptions.Exit(CHECK_FAILED)
