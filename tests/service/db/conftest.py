"""The stores that the contract is tested on, and databases of both engines."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine

from ledger.memory import MemoryStore
from ledger.store import Store
from service.db.engine import open_engine, sqlite_url
from service.db.migrate import migrate
from service.db.store import SqlStore
from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, on each engine in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "register.db")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with all tables and no row, to copy: making the tables anew takes a while."""
    file = tmp_path_factory.mktemp("tables") / "register.db"
    make_tables(sqlite_url(file))
    return file


@pytest.fixture(scope="session")
def postgres_with_tables(postgres: PostgresServer) -> str:
    """The name of a database of PostgreSQL with all tables and no row."""
    url = postgres.create_database()
    make_tables(url)
    return urlsplit(url).path.removeprefix("/")


def make_tables(url: str) -> None:
    opened = open_engine(url)
    migrate(opened)
    opened.dispose()


def copy_tables(request: pytest.FixtureRequest, kind: str, folder: Path) -> str:
    """The address of a database with all tables and no row, of this kind."""
    if kind == "sqlite":
        return sqlite_url(Path(shutil.copy(request.getfixturevalue("with_tables"), folder / "register.db")))
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create_database(request.getfixturevalue("postgres_with_tables"))
    request.addfinalizer(lambda: server.drop_database(url))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database, on each engine in turn."""
    opened = open_engine(copy_tables(request, request.param, tmp_path))
    yield opened
    opened.dispose()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind in turn."""
    if request.param == "memory":
        yield MemoryStore()
        return
    opened = open_engine(copy_tables(request, request.param, tmp_path))
    yield SqlStore(opened)
    opened.dispose()
