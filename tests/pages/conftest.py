"""A told story, an application on it, and ways to ask it."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from tests.needs import ROOT
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


@pytest.fixture(scope="session")
def gunicorn(story: Story) -> Iterator[int]:
    """The port of a gunicorn that serves the story from another process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [
            sys.executable,
            "-m",
            "tests.pages.served",
            str(story.register.settings.data),
            str(listener.fileno()),
        ]
        server = subprocess.Popen(command, cwd=ROOT, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL)
        yield listener.getsockname()[1]
        server.terminate()
        server.wait(timeout=15)
