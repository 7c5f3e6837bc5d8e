"""A founded register with two organisations, on each engine, and people in it."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from service.founding import found_register
from service.operators import enrol_operator
from service.people.accounts import Invited, Person, find_person, invite, take_link
from service.people.acts import By
from service.people.links import INVITATION, find_link
from service.people.passwords import hash_new
from service.people.roles import PersonRole
from service.recording.recorder import Recorder
from service.settings import read_settings
from service.work import Register
from tests.service.town import FOUNDER, START, StillClock

MAKER, LAB = "cq-cells", "cq-lab"
PASSWORD = "blue kettle roof"
ENCODED = hash_new(PASSWORD, "")

_NUMBER = count(1)

NewPerson = Callable[..., Person]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine_url(request: pytest.FixtureRequest) -> str | None:
    """The address of an empty PostgreSQL database, or None for SQLite in the data folder."""
    return request.getfixturevalue("postgres").create_database() if request.param == "postgresql" else None


@pytest.fixture(scope="module")
def recorder(engine_url: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    folder: Path = tmp_path_factory.mktemp("people") / "data"
    environment = {"PACKTRAIL_DATABASE_URL": engine_url} if engine_url else {}
    settings, clock = read_settings(environment, data=folder), StillClock()
    found_register(settings, FOUNDER, clock=clock)
    register = Register(settings, clock=clock)
    made = Recorder(register)
    for operator, role in ((MAKER, "maker"), (LAB, "tester")):
        enrol_operator(made, {"operator_id": operator, "name": "经营者", "roles": [role], "region": "500112"})
    yield made
    register.close()


@pytest.fixture(scope="module")
def shared_register(recorder: Recorder) -> Register:
    return recorder.register


@pytest.fixture
def clock(shared_register: Register) -> StillClock:
    """The register's clock, put back to the start for each test."""
    assert isinstance(shared_register.clock, StillClock)
    shared_register.clock.now = START
    return shared_register.clock


@pytest.fixture
def register(shared_register: Register, clock: StillClock) -> Register:
    return shared_register


@pytest.fixture
def new_person(register: Register) -> NewPerson:
    """Makes a person who has joined with PASSWORD; of another organisation or role where asked."""

    def make(role: PersonRole = PersonRole.RECORDER, operator: str = MAKER) -> Person:
        with register.write_beside() as connection:
            by = By("", register.clock())
            person, secret = invite(connection, Invited(operator, f"person-{next(_NUMBER)}", "李伟", role), by)
            take_link(connection, find_link(connection, secret, INVITATION, now=by.now), ENCODED, now=by.now)
            return find_person(connection, person.id)

    return make
