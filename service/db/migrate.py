"""Bringing a database to this version's tables: once, before any worker is forked."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import migrations
from service.db.engine import commit, writing
from service.failpoints import reach


def migrate(engine: Engine) -> None:
    """Run what is missing, in one transaction. Two starts at once take turns; the second finds nothing to do.

    The transaction begins here: Alembic would otherwise commit each version of SQLite by itself, and a second start
    that waited between two of them would run again what it had not seen.
    """
    config = _config()
    with engine.connect() as plain:
        connection = writing(plain)
        connection.begin()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4027182)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        reach("tables-made")
        commit(connection)
    reach("tables-committed")


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this version."""
    return revision_of(connection) == ScriptDirectory.from_config(_config()).get_current_head()


def revision_of(connection: Connection) -> str | None:
    """The version of the tables; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config
