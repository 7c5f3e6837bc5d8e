"""The stores that the contract is tested on, and databases of both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.memory import MemoryStore
from ledger.store import Store
from service.db.engine import open_engine, sqlite_url
from service.db.migrate import migrate
from service.db.store import SqlStore


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, on each engine in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "register.db")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    """A migrated database, on each engine in turn."""
    opened = open_engine(empty_url)
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind in turn."""
    if request.param == "memory":
        yield MemoryStore()
        return
    url = sqlite_url(tmp_path / "r.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_engine(url)
    migrate(opened)
    yield SqlStore(opened)
    opened.dispose()
