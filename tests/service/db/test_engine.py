"""Connections are opened so that what is committed is on the disk, and so that waiting ends."""

from pathlib import Path

import pysqlite3
import pytest
from sqlalchemy import Engine

from service.db import engine as engines
from service.db import store as stores
from service.db.engine import SQLITE_LEAST, open_engine, sqlite_url, writing
from service.db.migrate import migrate
from service.db.store import SqlStore
from service.errors import BusyError, SettingsError


def setting(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        verb = "SHOW" if engine.dialect.name == "postgresql" else "PRAGMA"
        return connection.exec_driver_sql(f"{verb} {name}").scalar_one()


def test_sqlite_is_a_version_that_does_not_corrupt_a_wal_database(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "r.db"))
    with engine.connect() as connection:
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    assert tuple(map(int, version.split("."))) >= SQLITE_LEAST == (3, 51, 3)


def test_an_older_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SQLITE_LEAST", (99, 0, 0))
    with pytest.raises(SettingsError, match=pysqlite3.sqlite_version):
        open_engine(sqlite_url(tmp_path / "r.db"))


def test_every_sqlite_connection_writes_ahead_and_syncs_in_full(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "r.db"))
    held = [engine.connect() for _ in range(3)]
    for connection in held:
        read = connection.exec_driver_sql
        assert read("PRAGMA journal_mode").scalar_one() == "wal"
        assert read("PRAGMA synchronous").scalar_one() == 2
        assert read("PRAGMA foreign_keys").scalar_one() == 1
        assert read("PRAGMA busy_timeout").scalar_one() == engines.BUSY_MS
        connection.close()


def test_postgresql_commits_synchronously(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    assert setting(engine, "synchronous_commit") == "on"
    assert setting(engine, "lock_timeout") == "10s"
    assert setting(engine, "TimeZone") == "UTC"
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "no url at all", "", "oracle://x"])
def test_other_databases_are_refused_in_words(url: str) -> None:
    with pytest.raises(SettingsError, match=r"SQLite|sqlite"):
        open_engine(url)


def test_opening_an_engine_creates_no_file(tmp_path: Path) -> None:
    open_engine(sqlite_url(tmp_path / "r.db")).dispose()
    assert list(tmp_path.iterdir()) == []


def test_a_writer_locks_before_it_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that turns writer would fail at once, whatever the timeout."""
    monkeypatch.setattr(engines, "BUSY_MS", 50)
    monkeypatch.setattr(stores, "BUSY_MS", 50)
    engine = open_engine(sqlite_url(tmp_path / "r.db"))
    migrate(engine)
    with engine.connect() as first:
        writing(first).exec_driver_sql("SELECT 1")
        with pytest.raises(BusyError, match="nothing was stored"), SqlStore(engine).append():
            pass
    with SqlStore(engine).append():
        pass


def test_a_log_that_stays_locked_is_busy(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_MS", 50)
    monkeypatch.setattr(stores, "BUSY_MS", 50)
    engine = open_engine(empty_url)
    migrate(engine)
    store = SqlStore(engine)
    with store.append(), pytest.raises(BusyError, match="nothing was stored"), store.append():
        pass
    with store.append() as tx:
        assert tx.size() == 0
    engine.dispose()


def test_readers_are_not_held_up_by_a_writer(engine: Engine) -> None:
    store = SqlStore(engine)
    with store.append(), store.read() as reader:
        assert reader.size() == 0
