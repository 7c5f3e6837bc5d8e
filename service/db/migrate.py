"""Bringing a database to this version's tables: once, before any worker is forked.

Alembic takes a tenth of a second to load: only who asks for it waits.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

import migrations
from service.db.engine import commit, writing
from service.db.ownership import is_owner, require_owner
from service.failpoints import reach

if TYPE_CHECKING:
    from alembic.config import Config


def migrate(engine: Engine) -> None:
    """Run what is missing, in one transaction. Two starts at once take turns; the second finds nothing to do.

    The transaction begins here: Alembic would otherwise commit each version of SQLite by itself, and a second start
    that waited between two of them would run again what it had not seen.

    Raises NotPermittedError where something is missing and the database role may not add it.
    """
    from alembic import command

    config = _config()
    with engine.connect() as plain:
        connection = writing(plain)
        connection.begin()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4027182)")
        if revision_of(connection) is not None and not is_owner(connection) and not is_current(connection):
            require_owner(connection, "bringing the tables to this version (packtrail db migrate)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        reach("tables-made")
        commit(connection)
    reach("tables-committed")


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this version."""
    from alembic.script import ScriptDirectory

    return revision_of(connection) == ScriptDirectory.from_config(_config()).get_current_head()


def revision_of(connection: Connection) -> str | None:
    """The version of the tables; None where there are none."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config
