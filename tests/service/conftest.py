"""Registers to test on: built once for a session, copied for each test."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from service.settings import Settings
from tests.postgres import PostgresServer
from tests.service.town import START, StillClock, Town, build_town, complete_town, copy_town

PACKS = 120
"""In the shared register: about 630 entries, two full tiles and a partial one."""


@pytest.fixture(scope="session")
def young_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a closed register on SQLite, without a map. Copy it, never open it."""
    folder = tmp_path_factory.mktemp("town") / "data"
    build_town(folder, packs=PACKS)
    return folder


@pytest.fixture(scope="session")
def young_postgres_folder(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> tuple[Path, str]:
    """Data folder and database of a closed register on PostgreSQL, without a map. Copy both, never open them."""
    folder, url = tmp_path_factory.mktemp("town-pg") / "data", postgres.create_database()
    build_town(folder, packs=PACKS, url=url)
    return folder, url


@pytest.fixture(scope="session")
def complete_folder(young_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `young_folder`, with rows in every derived table: maps, an erasure, and news since the newest map."""
    folder = tmp_path_factory.mktemp("complete") / "data"
    copy_town(young_folder, folder)
    complete_town(folder)
    return folder


@pytest.fixture(scope="session")
def complete_postgres_folder(
    young_postgres_folder: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> tuple[Path, str]:
    """As `complete_folder`, on PostgreSQL."""
    folder, url = tmp_path_factory.mktemp("complete-pg") / "data", copy_database(postgres, young_postgres_folder[1])
    copy_town(young_postgres_folder[0], folder)
    complete_town(folder, url=url)
    return folder, url


@pytest.fixture(scope="session")
def town_folder(young_folder: Path) -> Path:
    """What `town` and `either_town` are copies of. A module may put `complete_folder` in its place."""
    return young_folder


@pytest.fixture(scope="session")
def postgres_town_folder(young_postgres_folder: tuple[Path, str]) -> tuple[Path, str]:
    return young_postgres_folder


def copy_database(server: PostgresServer, url: str) -> str:
    """The address of a new database with the content of the one at `url`, which nobody may have open."""
    return server.create_database(urlsplit(url).path.removeprefix("/"))


@pytest.fixture(params=["sqlite", "postgresql"])
def either_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a fresh copy of the shared register, on each engine in turn."""
    return fresh_copy(request, request.param, tmp_path / "data")


def fresh_copy(request: pytest.FixtureRequest, engine: str, to: Path) -> Settings:
    if engine == "sqlite":
        return copy_town(request.getfixturevalue("town_folder"), to)
    folder, url = request.getfixturevalue("postgres_town_folder")
    server: PostgresServer = request.getfixturevalue("postgres")
    copied = copy_database(server, url)
    request.addfinalizer(lambda: server.drop_database(copied))
    return copy_town(folder, to, url=copied)


@pytest.fixture
def town(town_folder: Path, tmp_path: Path) -> Iterator[Town]:
    """The shared register on SQLite, copied and open, a day after its last entry."""
    opened = Town(copy_town(town_folder, tmp_path / "data"), later())
    yield opened
    opened.close()


@pytest.fixture
def either_town(either_settings: Settings) -> Iterator[Town]:
    """The shared register on each engine in turn, copied and open."""
    opened = Town(either_settings, later())
    yield opened
    opened.close()


def later() -> StillClock:
    """A clock that stands a day after the shared register was built."""
    return StillClock(START + timedelta(days=1))
