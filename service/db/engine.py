"""Connections to SQLite and PostgreSQL, opened so that what is committed is on the disk.

SQLite comes from the pysqlite3 wheel: the 3.40 of Debian 12 can corrupt a WAL database that several connections
write to (fixed in 3.51.3). Writers begin with `BEGIN IMMEDIATE`, because a reader that turns writer fails at once
with "database is locked", whatever the busy timeout.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pysqlite3
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from service.db.address import sqlite_url as sqlite_url
from service.errors import SettingsError

SQLITE_LEAST = (3, 51, 3)
BUSY_MS = 10_000


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql://...`. Creates no file and no table.

    Its errors, which end in logs, do not tell the values that a statement was given.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError("the database URL is sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    if parsed.get_backend_name() == "postgresql":
        return _open_postgres(url)
    if parsed.get_backend_name() != "sqlite":
        raise SettingsError("PackTrail keeps its register in SQLite or PostgreSQL")
    if pysqlite3.sqlite_version_info < SQLITE_LEAST:
        raise SettingsError(f"SQLite {pysqlite3.sqlite_version} can corrupt a WAL database; 3.51.3 is needed")
    engine = create_engine(parsed, module=pysqlite3, pool_size=16, max_overflow=16, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    """An engine for one piece of work, let go of at its end."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def writing(connection: Connection) -> Connection:
    """Mark a connection, before it begins, as one that will write."""
    return connection.execution_options(packtrail_writes=True)


def reading(connection: Connection) -> Connection:
    """Mark a connection, before it begins, as one that sees one moment until it ends. SQLite never does otherwise."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection


def commit(connection: Connection) -> None:
    """Commit, or roll back and raise.

    SQLite leaves a transaction whose COMMIT failed open, and SQLAlchemy would put it back into the pool like that: the
    lock would be gone for ever.
    """
    try:
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _open_postgres(url: str) -> Engine:
    options = f"-c lock_timeout={BUSY_MS} -c synchronous_commit=on -c timezone=UTC"
    connect = {"options": options}
    return create_engine(url, pool_size=16, max_overflow=16, connect_args=connect, hide_parameters=True)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late and deferred
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # what is deleted is overwritten, in every page it ever stood in: see private.scrubbing
        "recursive_triggers = ON",  # without it REPLACE deletes rows past the append-only triggers
        "wal_autocheckpoint = 8192",  # 32 MB: at 4 MB every third batch would wait for the whole file to be synced
        "cache_size = -65536",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("packtrail_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
