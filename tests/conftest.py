"""Fixtures that more than one folder of tests uses."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from service.garbage import collect_seldom
from tests.browsers import find_browser, find_shell
from tests.needs import ROOT, SHARED_DATA, in_ci, missing
from tests.postgres import PostgresMissingError, PostgresServer, quick_root

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True, max_examples=50)  # each time the same
settings.load_profile("ci" if in_ci() else "here")


def keep_compiled() -> None:
    """Compile each module once for all processes of the tests, where files beside the source are not wanted."""
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(ROOT / "build" / "pycache")
        sys.dont_write_bytecode = False


keep_compiled()

LONG = ("torture", "journeys", "benchmarks", "security")
"""Folders whose modules have few tests that take long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no process of the tests is left alone with it at the end."""
    items.sort(key=lambda item: not any(folder in item.path.relative_to(ROOT).parts for folder in LONG))


def pytest_collection_finish() -> None:
    """Ten thousand tests are a million objects that stay: nobody need look through them for garbage."""
    collect_seldom()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of other people's test vectors, beside the project."""
    if not SHARED_DATA.is_dir():
        missing("the folder shared/data beside the project")
    return SHARED_DATA


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one for each test process. It is killed by nobody, so it need not wait for the disk.

    Nor does it tidy up: with hundreds of databases its tidying would never rest.
    """
    try:
        quick = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "128MB"}
        server = PostgresServer.start(below=quick_root(), **quick)
    except PostgresMissingError as error:
        missing(f"PostgreSQL: {error}")
    with server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of a fresh, empty PostgreSQL database."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium without windows that Playwright can drive with `executable_path`."""
    return find_shell() or missing("chromium (make browser installs it)")


@pytest.fixture(scope="session")
def whole_chromium() -> str:
    """The same with everything a person has, a camera too."""
    return find_browser() or missing("chromium (make browser installs it)")
