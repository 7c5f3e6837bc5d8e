"""Our rows of the 71 data points against the Commission's guidance as OpenEPCIS transcribed it."""

import json
import re
from datetime import date
from typing import Any

import pytest

from service.domain.passport.datapoints import APPLIES_FROM, DATA_POINTS, Status, status_of
from service.domain.passport.tiers import Tier
from service.domain.words import Category
from tests.needs import SHARED_DATA, missing

FOLDER = SHARED_DATA / "battery" / "ec-guidance"
STATUSES = {
    "mandatory": Status.MANDATORY,
    "optional": Status.OPTIONAL,
    "conditional": Status.CONDITIONAL,
    "pending": Status.PENDING,
    "notToBeFilled": Status.NONE,
}
CATEGORIES = {"ev": Category.EV, "lmt": Category.LMT, "industrial": Category.INDUSTRIAL}


def rows(name: str = "ec-guidance-datapoints.json") -> list[dict[str, Any]]:
    file = FOLDER / name
    if not file.is_file():
        missing(f"shared/data/battery/ec-guidance/{name} beside the project")
    given: list[dict[str, Any]] = json.loads(file.read_text())["dataPoints"]
    return given


def test_the_numbers_are_those_of_the_guidance() -> None:
    assert [row["nr"] for row in rows()] == list(DATA_POINTS)


@pytest.mark.parametrize("name", ["ec-guidance-datapoints.json", "ec-datapoint-applicability.json"])
@pytest.mark.parametrize("day", [APPLIES_FROM, date(2030, 1, 1)])
def test_every_status_by_category_is_that_of_the_guidance(name: str, day: date) -> None:
    for row in rows(name):
        for category, given in row["applicability"].items():
            assert status_of(row["nr"], CATEGORIES[category], day) is STATUSES[given["status"]], row["nr"]


def test_stationary_batteries_count_as_industrial_and_starter_batteries_have_no_passport() -> None:
    for nr in DATA_POINTS:
        industrial = status_of(nr, Category.INDUSTRIAL, APPLIES_FROM)
        assert status_of(nr, Category.STATIONARY, APPLIES_FROM) is industrial
        assert status_of(nr, Category.SLI, APPLIES_FROM) is Status.NONE


def test_every_clause_is_that_of_the_guidance() -> None:
    for row in rows():
        ours = DATA_POINTS[row["nr"]].source
        if row["source"] is None:
            assert ours == "source needed"
            continue
        wanted = re.sub(r"\s+", "", row["source"].removeprefix("BR ").replace("Article", "Art."))
        found = re.sub(r"\s+", "", ours.removeprefix("Regulation (EU) 2023/1542, "))
        assert found == wanted, row["nr"]


def test_every_part_follows_from_the_clause_and_agrees_with_the_transcription() -> None:
    for row in rows():
        ours = DATA_POINTS[row["nr"]]
        if row["accessTier"] == "public":
            assert ours.tier is Tier.PT1
        elif row["accessTier"] == "notifiedBodiesAndAuthorities":
            assert ours.tier is Tier.PT3
        else:
            assert ours.tier is (Tier.PT4 if "XIII 4" in row["source"] else Tier.PT2)
        assert ours.dynamic is (row["lifecycle"] == "dynamic")
