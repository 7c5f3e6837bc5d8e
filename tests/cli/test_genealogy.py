"""packtrail genealogy: a tree that reads in both languages."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import call


@pytest.fixture(scope="module")
def events(told: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The events of the story."""
    file = tmp_path_factory.mktemp("export") / "e"
    assert call("export", "--data", told, "--out", file).exit_code == 0
    return [json.loads(line)["event"] for line in file.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def second_life(events: list[dict[str, Any]]) -> dict[str, Any]:
    """An event that made a second life."""
    return next(event for event in events if event["type"] == "repurpose")


def test_the_origins_of_a_second_life_are_shown_as_a_tree(told: Path, second_life: dict[str, Any]) -> None:
    output, *inputs = second_life["subjects"]
    result = call("genealogy", output, "--data", told, "--direction", "back")
    assert result.exit_code == 0, result.stderr
    first, *lines = result.stdout.splitlines()
    assert output in first
    for code in inputs:
        [line] = [line for line in lines if line.startswith("└─") and code in line]
        assert "was made of 来源于" in line
    assert any("has or had as a part 含有或曾含有" in line for line in lines)


def test_what_became_of_a_dismantled_pack_ends_at_its_lots(told: Path, events: list[dict[str, Any]]) -> None:
    recycled = {code for event in events if event["type"] == "recycle" for code in event["subjects"]}
    apart = next(e for e in events if e["type"] == "dismantle" and recycled & set(e["subjects"][1:]))
    result = call("genealogy", apart["subjects"][0], "--data", told, "--direction", "down")
    assert result.exit_code == 0, result.stderr
    assert "was dismantled into 拆解得到" in result.stdout
    lots = [line for line in result.stdout.splitlines() if "gave 产出" in line]
    assert any("lithium 锂" in line for line in lots)
    assert len(lots) == len(set(lots)), "each lot is shown once"
    assert "took in" not in result.stdout, "other inputs of the batch are no descendants"


def test_as_json_it_is_what_the_api_answers(told: Path, second_life: dict[str, Any]) -> None:
    code = second_life["subjects"][1]
    found = json.loads(call("genealogy", code, "--data", told, "--json").stdout)
    assert (found["code"], found["direction"], found["whole"]) == (code, "up", True)
    assert [each["link"] for each in found["links"]][-1] == "consumed_into"


def test_depth_is_cut_and_said(told: Path, second_life: dict[str, Any]) -> None:
    result = call("genealogy", second_life["subjects"][0], "--data", told, "--direction", "back", "--depth", "1")
    assert result.exit_code == 0
    assert "not everything is shown" in result.stderr


def test_what_is_not_there_is_a_usage_error(told: Path) -> None:
    result = call("genealogy", "001PE12ABCDEFGG2T7654321", "--data", told)
    assert result.exit_code == 2
