"""A register with a short story in it, told once, and ways to call commands on it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli import packtrail

UNTIL = "2026-11-01T00:00:00"


def call(*arguments: str | Path, input: str | None = None) -> Result:
    """One command in this process, with stdout and stderr apart."""
    return CliRunner().invoke(packtrail, [str(each) for each in arguments], prog_name="packtrail", input=input)


def done(*arguments: str | Path) -> Any:
    """What a command says as JSON that did all it was asked."""
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refused(*arguments: str | Path) -> str:
    """The one line by which a command refuses what it was given."""
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("packtrail: ") and result.stderr.count("\n") == 1
    return result.stderr


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a complete story of 60 packs. Only read it."""
    folder = tmp_path_factory.mktemp("told") / "var"
    result = call("demo", "--data", folder, "--packs", "60", "--until", UNTIL)
    assert result.exit_code == 0, result.stderr
    return folder


@pytest.fixture
def own(told: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return shutil.copytree(told, tmp_path / "own")


@pytest.fixture
def founded(tmp_path: Path) -> Path:
    """The data folder of an empty register."""
    folder = tmp_path / "founded"
    assert call("init", "--data", folder).exit_code == 0
    return folder
