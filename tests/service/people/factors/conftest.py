"""An open register on each engine, and a person in it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.founding import found_register
from service.settings import read_settings
from service.work import Register
from tests.postgres import PostgresServer
from tests.service.people.factors.persons import new_person
from tests.service.town import FOUNDER, StillClock

BASE_URL = "https://id.example.cn"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def register(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    """A register with an authority and nothing else, whose clock is a StillClock."""
    url = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database()
    folder: Path = tmp_path_factory.mktemp("register") / "data"
    settings = replace(read_settings({"PACKTRAIL_DATABASE_URL": url}, data=folder), base_url=BASE_URL)
    clock = StillClock()
    found_register(settings, FOUNDER, clock=clock)
    opened = Register(settings, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def clock(register: Register) -> StillClock:
    assert isinstance(register.clock, StillClock)
    return register.clock


@pytest.fixture
def person(register: Register) -> str:
    """The id of somebody new."""
    return new_person(register)
