"""A told story, an application on it, and ways to ask it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from tests.pages.life import Story, whole_story


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One register for all tests that only read."""
    told = whole_story(tmp_path_factory.mktemp("register"))
    yield told
    told.register.close()


@pytest.fixture(scope="session")
def app(story: Story) -> Flask:
    return create_app(story.register, story.recorder)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
