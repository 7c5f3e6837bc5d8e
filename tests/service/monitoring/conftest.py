"""A town that is served, and a monitor of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.api.town import BUREAU, Town, build_town
from tests.cli.conftest import call
from tests.service.monitoring.served import Address, OpenRegister, served


@pytest.fixture(scope="session")
def grown_town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town of about 300 entries with a map. Nobody writes to it."""
    town = build_town(tmp_path_factory.mktemp("watched") / "register")
    opened = OpenRegister(town)
    opened.grow(range(100, 150))
    opened.map()
    opened.grow(range(150, 380))
    opened.close()
    return town


@pytest.fixture
def town(grown_town: Town, tmp_path: Path) -> Town:
    return grown_town.copied(tmp_path / "register")


@pytest.fixture
def opened(town: Town) -> Iterator[OpenRegister]:
    register = OpenRegister(town)
    yield register
    register.close()


@pytest.fixture
def address(opened: OpenRegister) -> Iterator[Address]:
    with served(opened.application) as place:
        yield place


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks again at once."""
    monkeypatch.setattr("api.cli.monitoring.PATIENCE", (0.01, 0.01))
    monkeypatch.setattr("api.cli.monitoring.RETRIES", (0.01, 0.02))


class Outcome(NamedTuple):
    """How `packtrail monitor --once` ended: its line as JSON, and what it said."""

    exit_code: int
    found: dict[str, Any]
    said: str


@pytest.fixture
def watch(opened: OpenRegister, address: Address, tmp_path: Path) -> Callable[..., Outcome]:
    """One round of a monitor, with the auditor's key or without."""
    keys = opened.vkeys(tmp_path)

    def once(*more: str | Path, token: bool = True, state: str = "state") -> Outcome:
        auditor = ("--token", opened.town.keys[BUREAU]) if token else ()
        result = call(
            "monitor", address.url, "--key", keys, "--state", tmp_path / state, "--once", "--json", *auditor, *more
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        lines = result.stdout.splitlines()
        return Outcome(result.exit_code, json.loads(lines[-1]) if lines else {}, result.stderr)

    return once
