"""One town for the tests of a module: each makes people of its own."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person
from tests.api.town import Town
from tests.applications import app_on


@pytest.fixture(scope="module")
def shared_register(founded_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    opened = Register(founded_town.copied(tmp_path_factory.mktemp("desk") / "register").settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_app(shared_register: Register) -> Flask:
    return app_on(shared_register)


@pytest.fixture
def register(shared_register: Register) -> Register:
    return shared_register


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A browser where nobody is signed in."""
    return app.test_client()


@pytest.fixture
def maker(app: Flask, register: Register) -> FlaskClient:
    """Where somebody who may record for a maker is signed in."""
    return browser_of(app, new_person(register, PersonRole.RECORDER))
