"""Databases to measure on: fresh ones, with every commit on the disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.db.engine import open_engine, sqlite_url
from service.db.migrate import migrate
from service.db.store import SqlStore
from tests.postgres import PostgresServer

ENGINES = ("SQLite", "PostgreSQL")


@contextmanager
def fresh_url(engine: str) -> Iterator[str]:
    """The URL of an empty database of `engine`, gone afterwards."""
    if engine == "SQLite":
        with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as folder:
            yield sqlite_url(Path(folder) / "register.db")
        return
    with PostgresServer.start(shared_buffers="256MB", max_wal_size="4GB") as server:
        yield server.create_database()


@contextmanager
def fresh_store(engine: str) -> Iterator[SqlStore]:
    """An empty log."""
    with fresh_url(engine) as url:
        opened = open_engine(url)
        migrate(opened)
        yield SqlStore(opened)
        opened.dispose()


def store_url(store: SqlStore) -> str:
    """The URL of a store's database, for another process."""
    return store.engine.url.render_as_string(hide_password=False)
