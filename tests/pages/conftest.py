"""A told story, an application on it, and ways to ask it."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from tests.applications import app_on
from tests.needs import ROOT
from tests.pages.furnished import Furnished, furnished
from tests.pages.life import Story, warn, whole_story


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One register for all tests that only read."""
    told = whole_story(tmp_path_factory.mktemp("register"))
    warn(told)
    told.on("2026-09-01")
    yield told
    told.register.close()


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """A register with something waiting at every desk, served; for all tests that only look."""
    with furnished(tmp_path_factory.mktemp("every")) as found:
        yield found


@pytest.fixture(scope="module")
def app(story: Story) -> Flask:
    return app_on(story.register, story.recorder)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Walks that are marked so go on both engines, all else on SQLite.

    A marked walk that asks for a `locale` goes in each language on SQLite, and in one on PostgreSQL.
    """
    if "database_url" not in metafunc.fixturenames:
        return
    engines = ["sqlite", "postgresql"] if metafunc.definition.get_closest_marker("both_engines") else ["sqlite"]
    if len(engines) > 1 and "locale" in metafunc.fixturenames:
        walks = [("sqlite", "zh-CN"), ("sqlite", "en-GB"), ("postgresql", "zh-CN")]
        metafunc.parametrize(("database_url", "locale"), walks, indirect=["database_url"], scope="module")
    else:
        metafunc.parametrize("database_url", engines, indirect=True, scope="module")


@pytest.fixture(scope="module")
def database_url(request: pytest.FixtureRequest) -> str:
    """Of an empty database on PostgreSQL; empty for SQLite, which has its place."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgres").create_database()
    return url


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    """Where a browser finds the story."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@contextmanager
def open_browser(path: str) -> Iterator[Browser]:
    """The browser at this path, and what drives it. No second may be opened before it is closed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One for all modules here; who needs a person's own opens a context."""
    with open_browser(chromium) as browser:
        yield browser


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
