"""The stage: founded once, and a copy of it for each scenario."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import Settings
from tests.journeys.scenarios.stage import Stage, copy_of, found_stage


@pytest.fixture(scope="session")
def founded_stage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, str]]:
    """The register that the others are copies of. Nobody writes to it."""
    return found_stage(tmp_path_factory.mktemp("scenarios") / "register")


@pytest.fixture
def stage(founded_stage: tuple[Settings, dict[str, str]], tmp_path: Path) -> Iterator[Stage]:
    """A register of the scenario's own, on the day it was founded."""
    settings, keys = founded_stage
    opened = Stage.open(copy_of(settings, tmp_path / "register"), keys)
    yield opened
    opened.close()
