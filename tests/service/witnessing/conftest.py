"""A register with witnesses, and the chore run by hand."""

from pathlib import Path

import pytest

from tests.service.town import Town
from tests.service.witnessing.chore import Chore


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick of a hundredth of a second in place of a second."""
    monkeypatch.setattr("service.witnessing.rounds.PACE_SECONDS", 0.01)


@pytest.fixture
def chore(town: Town) -> Chore:
    return Chore(town.register)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """For the witnesses' memories."""
    return tmp_path / "witnesses"
