"""Scenarios 8 to 10: people without a key who scan a battery, and who buys a car with one."""

import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from service.domain.fields import fields_of
from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.shapes import SHAPES
from service.domain.passport.tiers import Tier
from service.domain.restricted import RESTRICTED
from tests.journeys.scenarios.stage import (
    DEALER,
    FLEET,
    GREEN,
    LAB,
    MAKER,
    MOTORS,
    OUTLET,
    REPAIR,
    VIN,
    Stage,
    code,
)
from tests.service.passports.contents import content

PACK = code(1)
LANGUAGES = {"zh": "zh-Hans", "en": "en"}
PUBLIC_FIELDS = {
    field.name
    for nr, row in DATA_POINTS.items()
    if row.tier is Tier.PT1 and nr in SHAPES
    for field in fields_of(SHAPES[nr])
}
OF_OTHER_PARTS = {row.element for row in DATA_POINTS.values() if row.tier is not Tier.PT1} - PUBLIC_FIELDS
"""What the data points of parts 2 to 4 are called, but for the word "cycles", which a field of part 1 bears too."""
RESTRICTED_FIELDS = {name for fields in RESTRICTED.values() for name in fields}
MARKS = ("MARK-PT2", "mark-pt2", "MARK-PT3", "983421", "983,421", "98.3", "147654", "147.6", "149321", "149.3", VIN)
"""Values of parts 2 to 4 as they were told, and as a page would write them; and the vehicle."""
WAYS = (
    f"/b/{PACK}",
    f"/v1/batteries/{PACK}",
    f"/v1/batteries/{PACK}/history",
    f"/v1/batteries/{PACK}/genealogy",
    f"/v1/batteries/{PACK}/passport",
    f"/v1/batteries/{PACK}/passport?format=jsonld",
    f"/v1/dpps/{PACK}",
    f"/v1/dpps/{PACK}?representation=full",
    "/v1/models/CQ-150/passport",
)


def keys_of(value: Any) -> Iterator[str]:
    """Every key of a JSON value, however deep, and every text that could be one: elements are named by `elementId`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from keys_of(list(value.values()))
    elif isinstance(value, list):
        for each in value:
            yield from keys_of(each)


def in_use(stage: Stage, battery: str = PACK) -> None:
    """A battery on the market, in a car that was sold, with a report of its health."""
    stage.today("2027-06-01")
    stage.must(MAKER, "register", battery, made_on="2026-02-26", capacity_mah=149_321)
    assert stage.publish_passport(content()).status_code == 201
    assert stage.place(battery, on="2027-06-01").status_code == 201
    stage.must(MOTORS, "install", battery, vin=VIN, odometer_km=12)
    stage.must(DEALER, "sell", battery, sold_on="2027-06-01")
    stage.today("2027-06-20")
    stage.must(
        REPAIR, "report_soh", battery,
        soce_ppm=983_421, remaining_capacity_mah=147_654, full_cycles=61, method="charge_test", uncertainty_ppm=5_000,
    )  # fmt: skip


def to_its_end(stage: Stage, battery: str = PACK) -> None:
    """From use to recycling."""
    stage.must(MOTORS, "retire", battery, vin=VIN)
    stage.must(OUTLET, "collect", battery, from_operator=MOTORS)
    stage.must(LAB, "test", battery, decision="recycle")
    steel = [{"material": "steel", "mass_g": 50_000, "lot": "ST-1"}]
    stage.must(GREEN, "recycle", battery, input_mass_g=300_000, loss_mass_g=250_000, outputs=steel)


@pytest.mark.parametrize("language", LANGUAGES)
def test_8_somebody_scans_a_battery_and_reads_its_public_part_in_their_language(stage: Stage, language: str) -> None:
    in_use(stage)
    product = stage.see(f"/v1/batteries/{PACK}/passport")["product"]
    started = time.perf_counter()
    page = stage.get(product.removeprefix(stage.settings.base_url), accept="text/html", lang=language)
    assert time.perf_counter() - started < 1
    assert page.status_code == 200
    assert page.headers["Content-Language"] == LANGUAGES[language]
    assert PACK in page.text
    assert [mark for mark in MARKS if mark in page.text] == []
    hidden = [row for row in DATA_POINTS.values() if row.tier is not Tier.PT1]
    assert [row.nr for row in hidden if row.en in page.text or row.zh in page.text] == []


@pytest.mark.parametrize("path", WAYS)
def test_8_somebody_reads_the_raw_json_and_finds_no_key_of_the_other_parts(stage: Stage, path: str) -> None:
    in_use(stage)
    accepted = ("application/json", "application/ld+json") if path.startswith("/b/") else ("*/*",)
    for accept in accepted:
        answer = stage.get(path, accept=accept)
        assert answer.status_code == 200, answer.text
        value = orjson.loads(answer.data)
        value.pop("@context", None)  # a vocabulary, the same for every battery, which holds nothing of this one
        keys = set(keys_of(value))
        assert keys & OF_OTHER_PARTS == set()
        assert keys & RESTRICTED_FIELDS == set()
        assert [mark for mark in MARKS if mark in answer.text] == []
        points = value.get("points", {})
        assert [nr for nr in points if DATA_POINTS[int(nr)].tier is not Tier.PT1] == []


def test_8_the_search_for_keys_finds_them_where_they_are(stage: Stage) -> None:
    in_use(stage)
    whole = stage.see(f"/v1/dpps/{PACK}", MAKER, representation="full")
    assert len(set(keys_of(whole)) & OF_OTHER_PARTS) > 10
    assert set(keys_of(stage.see(f"/v1/batteries/{PACK}/history", MAKER))) & RESTRICTED_FIELDS >= {"soce_ppm"}
    shown = stage.get(f"/v1/batteries/{PACK}/passport", MAKER).text
    assert {mark for mark in MARKS if mark in shown} >= {"MARK-PT2", "MARK-PT3", "983421", "149321"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_9_somebody_scans_a_recycled_battery_and_is_told_that_it_ended(stage: Stage, language: str) -> None:
    in_use(stage)
    leaves = [step["leaf_hash"] for step in stage.see(f"/v1/batteries/{PACK}/history")["steps"]]
    published = stage.see(f"/v1/batteries/{PACK}/passport")
    to_its_end(stage)

    page = stage.get(f"/b/{PACK}", accept="text/html", lang=language)
    assert page.status_code == 410
    assert {"zh": "已再生利用", "en": "Recycled"}[language] in page.text
    assert [mark for mark in MARKS if mark in page.text] == []
    told = stage.get(f"/b/{PACK}", accept="application/json")
    assert told.status_code == 410
    assert told.get_json()["status"]["ended"] is True

    for query in ({}, {"format": "jsonld"}, {"format": "gefeg"}):
        ended = stage.get(f"/v1/batteries/{PACK}/passport", **query)
        assert ended.status_code == 410
        remains = ended.get_json()
        assert (remains["status"], "points" in remains) == ("ceased", False)
        assert remains["digests"] == published["digests"]
    steps = stage.see(f"/v1/batteries/{PACK}/history")["steps"]
    assert [step["leaf_hash"] for step in steps[: len(leaves)]] == leaves
    assert steps[-1]["type"] == "recycle"


def test_10_a_fleet_buys_a_car_and_sees_the_health_of_its_battery_with_date_method_and_source(stage: Stage) -> None:
    in_use(stage)
    assert stage.see(f"/v1/batteries/{PACK}/history", FLEET)["whole"] is False
    stage.today("2027-07-01")
    stage.must(FLEET, "transfer_ownership", PACK, new_owner="owner-7f3a", owner_type="fleet", region="500103")
    assert stage.state(PACK, FLEET)["soce_ppm"] == 983_421
    history = stage.see(f"/v1/batteries/{PACK}/history", FLEET)
    [report] = [step for step in history["steps"] if step["type"] == "report_soh"]
    assert report["private"]["soce_ppm"]["value"] == 983_421
    assert report["occurred_at"].startswith("2027-06-20")
    body = report["entry"]["event"]["body"]
    assert (body["method"], body["uncertainty_ppm"], report["actor"]) == ("charge_test", 5_000, REPAIR)


def test_10_a_private_buyer_has_a_workshop_read_the_health_with_date_method_and_source(stage: Stage) -> None:
    in_use(stage)
    stage.today("2027-07-01")
    stage.must(DEALER, "transfer_ownership", PACK, new_owner="owner-91c0", owner_type="private", region="500103")
    shown = stage.see(f"/v1/batteries/{PACK}/passport", REPAIR)["points"]["61"]
    assert shown["value"] == {"soce_ppm": 983_421}
    assert shown["at"].startswith("2027-06-20")
    assert (shown["method"], shown["by"], shown["uncertainty_ppm"]) == ("charge_test", REPAIR, 5_000)
