"""packtrail access-log: what commands show is noted, and a list that was kept and changed is found out."""

import json
from pathlib import Path

import pytest

from service.access import Caller
from service.disclosure.collecting import collect_readings
from service.disclosure.readings import Disclosed, Way, note_readings
from tests.cli.conftest import call
from tests.service.passports.market import AUTHORITY, LAB, MAKER, PACK, open_market


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register in which a laboratory read three times of the maker's data."""
    folder = tmp_path_factory.mktemp("noted") / "data"
    with open_market(folder) as market:
        for number in range(3):
            market.clock.move(seconds=1)
            shown = [Disclosed(PACK, MAKER, frozenset({"pt2", "pt4"}))]
            note_readings(market.register, Caller(LAB, frozenset({"read"}), "key"), shown, Way(f"/{number}"))
        collect_readings(market.register)
    return folder


def readings(folder: Path, *arguments: str) -> list[dict[str, object]]:
    result = call("access-log", "--json", "--data", folder, *arguments)
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, object]] = json.loads(result.stdout)["readings"]
    return found


def test_readings_are_printed_newest_first(noted: Path) -> None:
    result = call("access-log", "--owner", MAKER, "--data", noted)
    assert result.exit_code == 0, result.stderr
    first, *rest = result.stdout.splitlines()
    assert first.split()[0] == "3" and LAB in first and PACK in first and "pt2 pt4" in first
    assert len(rest) == 2
    assert readings(noted, "--subject", "model:x") == []
    assert call("access-log", "--owner", MAKER, "--before", "x", "--data", noted).exit_code == 2


def test_a_command_that_shows_restricted_data_is_noted_for_who_runs_the_register(noted: Path) -> None:
    before = len(readings(noted))
    assert call("passport", PACK, "--data", noted, "--format", "jsonld", "--as", "public").exit_code == 0
    assert len(readings(noted)) == before
    assert call("passport", PACK, "--data", noted, "--format", "jsonld", "--as", "answerable").exit_code == 0
    [line] = [each for each in readings(noted) if each["operator"] == AUTHORITY]
    assert (line["owner"], line["key_id"], line["route"]) == (MAKER, "command-line", "packtrail passport")
    assert line["seq"] is None  # its owner is told after the days of supervision


@pytest.mark.parametrize("change", ["none", "operator", "taken out"])
def test_a_list_that_was_kept_is_checked(noted: Path, tmp_path: Path, change: str) -> None:
    kept = readings(noted, "--owner", MAKER)
    if change == "operator":
        kept[1]["operator"] = "somebody"
    elif change == "taken out":
        del kept[1]
    file = tmp_path / "kept.json"
    file.write_text(json.dumps({"readings": kept}))
    result = call("access-log", "--check", file, "--data", noted)
    assert result.exit_code == (0 if change == "none" else 1), result.stderr
    assert change == "none" or "does not follow" in result.stderr


@pytest.mark.parametrize("text", ["", "[", "{}", "1", '{"readings": 1}', "[1]"])
def test_what_is_no_list_of_readings_is_told(noted: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "kept.json"
    file.write_text(text)
    assert call("access-log", "--check", file, "--data", noted).exit_code in (1, 2)
