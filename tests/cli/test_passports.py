"""packtrail passport."""

import json
from pathlib import Path

import pytest

from service.passports.publishing import author_of_model, hand_in, publish
from tests.cli.conftest import call
from tests.service.passports.contents import content
from tests.service.passports.market import MAKER, PACK, open_market


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("passports") / "data"
    with open_market(folder) as market:
        author = author_of_model(market.register, "CQ-150", MAKER)
        publish(market.recorder, hand_in(market.register, author, content()), operator=MAKER)
    return folder


def test_the_passport_goes_to_stdout_and_what_it_lacks_to_stderr(published: Path) -> None:
    result = call("passport", PACK, "--data", published, "--format", "gefeg")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["Battery_Passport"]["IdentifiersAndProductData"]["x-gbCode"] == PACK
    assert "withheld: CircularityAndResourceEfficiency/SafetyMeasures (pt2)" in result.stderr
    assert "left out: BatteryCarbonFootprint/CarbonFootprintPerformanceClass (pending, #18)" in result.stderr


def test_who_answers_for_it_gets_all_parts(published: Path, tmp_path: Path) -> None:
    out = tmp_path / "passport.json"
    result = call("passport", PACK, "--data", published, "--as", "answerable", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "withheld" not in result.stderr
    assert "SafetyMeasures" in json.loads(out.read_text())["Battery_Passport"]["CircularityAndResourceEfficiency"]


@pytest.mark.parametrize("form", ["batterypass", "jsonld", "registry"])
def test_each_format_is_one_json_document(published: Path, form: str) -> None:
    result = call("passport", PACK, "--data", published, "--format", form, "--json")
    assert result.exit_code == 0, result.stderr
    assert isinstance(json.loads(result.stdout), dict)


def test_the_whole_schema_is_not_for_the_public(published: Path) -> None:
    result = call("passport", PACK, "--data", published, "--profile", "schema-complete")
    assert result.exit_code == 4
    assert "Annex XIII" in result.stderr
    assert result.stdout == ""


def test_a_battery_that_is_not_there_is_told(published: Path) -> None:
    assert call("passport", PACK.replace("0001", "0009"), "--data", published).exit_code == 2
