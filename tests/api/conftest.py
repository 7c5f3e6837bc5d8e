"""A founded register with a few operators and one battery, copied for each test; a client that checks every answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from service.work import Register
from tests.api.checking import CheckedClient
from tests.api.town import Town, build_town
from tests.applications import app_on


@pytest.fixture(scope="session")
def founded_town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town that the others are copies of. Nobody writes to it."""
    return build_town(tmp_path_factory.mktemp("town") / "register")


@pytest.fixture
def town(founded_town: Town, tmp_path: Path) -> Town:
    """A town of the test's own."""
    return founded_town.copied(tmp_path / "register")


@pytest.fixture
def register(town: Town) -> Iterator[Register]:
    opened = Register(town.settings)
    yield opened
    opened.close()


@pytest.fixture
def app(register: Register) -> Flask:
    made = app_on(register)
    made.test_client_class = CheckedClient
    return made


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    made = app.test_client()
    assert isinstance(made, CheckedClient)
    return made
