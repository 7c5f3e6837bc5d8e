"""packtrail recovery."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import call

YEARS = ("--from", "2022-01", "--to", "2026-12")


def test_the_rates_of_the_story_stand_in_both_languages(told: Path) -> None:
    result = call("recovery", "--data", told, *YEARS)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split()[:3] == ["recycler", "step", "material"]
    assert lines[1].split()[:3] == ["企业", "工序", "材料"]
    nickel = [line for line in lines if "nickel 镍" in line]
    assert any("dismantling and crushing 拆解破碎" in line or "all in one batch 一体化处理" in line for line in nickel)
    assert any(line.startswith("*") and "all steps 全流程" in line for line in nickel)
    assert any("CN >= 98% met 达标" in line for line in lines)
    assert any("[2031-12-31 EU >= 95% met 达标]" in line for line in lines)


def test_the_same_as_json_for_one_recycler(told: Path) -> None:
    whole = json.loads(call("recovery", "--data", told, *YEARS, "--json").stdout)
    operators = {row["operator"] for row in whole["rows"]}
    assert None in operators
    assert not any(row["impossible"] for row in whole["rows"])
    one = sorted(operators - {None})[0]
    own = json.loads(call("recovery", "--data", told, *YEARS, "--json", "--operator", one).stdout)
    assert own["rows"] == [row for row in whole["rows"] if row["operator"] == one]


@pytest.mark.parametrize(
    "given", [("--from", "2026-01"), ("--from", "2026-1", "--to", "2026-02"), ("--from", "2026-02", "--to", "2026-01")]
)
def test_a_period_that_makes_no_sense_is_refused(told: Path, given: tuple[str, ...]) -> None:
    assert call("recovery", "--data", told, *given).exit_code == 2
