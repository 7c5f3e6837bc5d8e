"""packtrail copies: suspected labels are listed and closed."""

import json
from pathlib import Path

import pytest

from service.scans.noting import note_sighting
from tests.cli.conftest import call
from tests.service.town import StillClock, found_town, pack


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a register with one suspected label."""
    town = found_town(tmp_path / "data", StillClock())
    town.must(town.tell("cq-cells", "register", pack(1)))
    for cell in ("wm7b9", "u1x0e"):
        note_sighting(town.register, pack(1), cell=cell, operator=None)
    town.close()
    return tmp_path / "data"


def test_a_suspected_label_is_listed_until_it_is_closed_with_a_note(data: Path) -> None:
    listed = call("copies", "list", "--data", data)
    assert listed.exit_code == 0, listed.stderr
    assert all(word in listed.stdout for word in (pack(1), "too_fast", "wm7b9", "u1x0e", "open"))
    closed = call("copies", "close", "1", "--note", "label replaced", "--data", data, "--json")
    assert closed.exit_code == 0, closed.stderr
    assert json.loads(closed.stdout)["note"] == "label replaced"
    assert "no label is suspected" in call("copies", "list", "--data", data).stdout
    assert "closed" in call("copies", "list", "--closed", "--data", data).stdout


def test_an_alert_that_is_not_there_or_closed_stays_as_it_is(data: Path) -> None:
    missing = call("copies", "close", "7", "--note", "x", "--data", data)
    assert missing.exit_code == 2
    assert "there is no alert 7" in missing.stderr
    assert call("copies", "close", "1", "--note", "x", "--data", data).exit_code == 0
    assert call("copies", "close", "1", "--note", "x", "--data", data).exit_code != 0
