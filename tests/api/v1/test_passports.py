"""Passports through HTTP: who sees which part, what is missing, versions, second life, the end."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.canonical import encode
from service.domain.passport.datapoints import DATA_POINTS
from service.recording.recorder import Recorded
from tests.api.checking import CheckedClient, problem
from tests.api.passports import client_of, publish_content
from tests.service.passports.contents import content
from tests.service.passports.market import (
    BRUSSELS,
    BUREAU,
    DEALER,
    LAB,
    LMT_PACK,
    MAKER,
    MOTORS,
    OTHER_PACK,
    OUTLET,
    PACK,
    RECYCLER,
    REPAIR,
    Market,
    open_market,
)
from tests.service.town import vin

PASSPORT = f"/v1/batteries/{PACK}/passport"


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_market(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def client(market: Market) -> CheckedClient:
    return client_of(market)


def points(client: CheckedClient, market: Market, operator: str | None, path: str = PASSPORT) -> dict[str, Any]:
    answer = client.get(path, headers=market.bearer(operator) if operator else {})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json["points"]
    return shown


def tiers_of(shown: dict[str, Any]) -> set[str]:
    return {DATA_POINTS[int(nr)].tier.value for nr in shown}


@pytest.mark.parametrize(
    ("operator", "tiers"),
    [
        (None, {"pt1"}),
        (DEALER, {"pt1"}),
        (BRUSSELS, {"pt1", "pt2", "pt3"}),
        (REPAIR, {"pt1", "pt2", "pt4"}),
        (RECYCLER, {"pt1", "pt2", "pt4"}),
        (BUREAU, {"pt1", "pt2", "pt3", "pt4"}),
        (MAKER, {"pt1", "pt2", "pt3", "pt4"}),
    ],
)
def test_each_reader_sees_a_set_of_parts_and_none_sees_by_rank(
    client: CheckedClient, market: Market, operator: str | None, tiers: set[str]
) -> None:
    publish_content(client, market)
    assert tiers_of(points(client, market, operator)) == tiers


def test_what_lacks_is_listed_by_number_with_its_clause(client: CheckedClient, market: Market) -> None:
    path = f"{PASSPORT}?view=completeness"
    assert client.get(path).status_code == 401
    before = client.get(path, headers=market.bearer(DEALER)).json
    assert 33 in [row["nr"] for row in before["missing"]]
    assert not before["complete"]
    publish_content(client, market)
    after = client.get(path, headers=market.bearer(DEALER)).json
    assert after["complete"]
    assert after["missing"] == []
    assert after["pending"] == [17, 18, 19, 44]


def test_pending_data_points_are_kept_and_not_displayed(client: CheckedClient, market: Market) -> None:
    more = content(**{"44": {"instructions": "https://docs.example.cn/manual.pdf"}})
    client.put("/v1/models/CQ-150/passport", json={"points": more}, headers=market.bearer(MAKER))
    client.post("/v1/models/CQ-150/passport:publish", headers=market.bearer(MAKER))
    assert "44" not in points(client, market, None)
    kept = client.get("/v1/models/CQ-150/passport").json
    assert "44" in kept["parts"]["pt1"]["document"]["points"]


def test_a_reader_checks_each_part_he_got_against_the_entry(client: CheckedClient, market: Market) -> None:
    publish_content(client, market)
    shown = client.get("/v1/models/CQ-150/passport", headers=market.bearer(BRUSSELS)).json
    assert set(shown["parts"]) == {"pt1", "pt2", "pt3"}
    entry = client.get(f"/v1/entries/{shown['versions'][0]['entry']}", headers=market.bearer(BUREAU)).json
    for tier, part in shown["parts"].items():
        salt = b"commit/v1\n" + base64.b64decode(part["salt"]) if "salt" in part else b""
        digest = hashlib.sha256(salt + encode(part["document"])).digest()
        assert base64.b64encode(digest).decode() == entry["entry"]["event"]["body"][f"{tier}_sha256"]


def test_a_measurement_takes_the_place_of_what_was_declared(client: CheckedClient, market: Market) -> None:
    publish_content(client, market)
    assert isinstance(market.place(PACK), Recorded)
    assert points(client, market, REPAIR)["61"]["value"] == {"soce_ppm": 1_000_000}
    assert points(client, market, REPAIR)["52"]["value"] == {"fade_ppm": 0}
    market.must(MAKER, "report_soh", PACK, soce_ppm=970_000, remaining_capacity_mah=147_000, full_cycles=120,
                method="charge_test", uncertainty_ppm=5_000, resistance_uohm=104_500)  # fmt: skip
    shown = points(client, market, REPAIR)
    assert shown["61"]["value"] == {"soce_ppm": 970_000}
    assert (shown["61"]["method"], shown["61"]["by"], shown["61"]["uncertainty_ppm"]) == ("charge_test", MAKER, 5_000)
    assert shown["52"]["value"] == {"fade_ppm": 20_000}
    assert shown["56"]["value"] == {"increase_ppm": 100_000}
    assert shown["68"]["value"] == {"cycles": 120}
    assert "62" not in shown  # not to be filled for an electric vehicle battery
    assert points(client, market, None).keys() == points(client, market, DEALER).keys()


def test_negative_events_are_counted_one_by_one(client: CheckedClient, market: Market) -> None:
    publish_content(client, market)
    market.must(REPAIR, "report_incident", PACK, incident="flood", severity="minor", happened_on="2027-05-20")
    market.must(REPAIR, "report_incident", PACK, incident="accident", severity="serious", happened_on="2027-05-21")
    events = points(client, market, REPAIR)["69"]["value"]["events"]
    assert [each["incident"] for each in events] == ["flood", "accident"]


def test_a_passport_is_draft_until_its_battery_is_on_the_market(client: CheckedClient, market: Market) -> None:
    publish_content(client, market)
    assert client.get(PASSPORT).json["status"] == "draft"
    market.place(PACK)
    shown = client.get(PASSPORT).json
    assert (shown["status"], shown["placed_on"], shown["market"]) == ("active", "2027-05-31", "EU")


def test_an_earlier_day_shows_the_version_that_stood_then(client: CheckedClient, market: Market) -> None:
    publish_content(client, market)
    market.clock.move(days=1)
    market.place(PACK)
    market.clock.move(days=1)
    changed = content(**{"31": {"cycles": 2_500}})
    client.put("/v1/models/CQ-150/passport", json={"points": changed}, headers=market.bearer(MAKER))
    client.post("/v1/models/CQ-150/passport:publish", headers=market.bearer(MAKER))
    assert client.get(PASSPORT).json["version"] == "2.0.2"
    first = client.get(f"{PASSPORT}?at=2027-06-01T05:00:00Z").json
    assert (first["version"], first["status"]) == ("1.0.1", "draft")
    assert first["points"]["31"]["value"] == {"cycles": 2_000}
    second = client.get(f"{PASSPORT}?at=2027-06-02T05:00:00Z").json
    assert (second["version"], second["status"]) == ("1.0.2", "active")
    assert client.get(f"{PASSPORT}?at=2027-05-01T05:00:00Z").status_code == 404


def test_who_does_not_answer_for_a_passport_hands_nothing_in(client: CheckedClient, market: Market) -> None:
    refused = client.put(PASSPORT, json={"points": content()}, headers=market.bearer(MOTORS))
    assert problem(refused, 403)["code"] == "not-permitted"
    refused = client.put("/v1/models/CQ-150/passport", json={"points": content()}, headers=market.bearer(MOTORS))
    assert refused.status_code == 403
    assert (
        client.put("/v1/models/NO/passport", json={"points": content()}, headers=market.bearer(MAKER)).status_code
        == 404
    )


def test_a_bad_content_is_refused_with_places_in_both_languages(client: CheckedClient, market: Market) -> None:
    bad = content(**{"26": {"voltage_mv": -1}, "12": {"short_name": "gold"}})
    answer = client.put("/v1/models/CQ-150/passport", json={"points": bad}, headers=market.bearer(MAKER))
    errors = problem(answer, 422)["errors"]
    assert {each["pointer"] for each in errors} == {"/points/26/voltage_mv", "/points/12/short_name"}
    assert all(each["message_zh"] for each in errors)
    assert client.post("/v1/models/CQ-150/passport:publish", headers=market.bearer(MAKER)).status_code == 404


def test_the_71_data_points_are_published_with_what_the_law_says_of_each(client: CheckedClient) -> None:
    rows = client.get("/v1/datapoints").json
    assert [row["nr"] for row in rows] == list(range(1, 72))
    assert rows[32] | {} == rows[32]
    assert (rows[32]["ev"], rows[32]["lmt"]) == ("M", "-")


def test_a_passport_ends_when_its_battery_is_recycled(client: CheckedClient, market: Market) -> None:
    publish_content(client, market)
    market.place(OTHER_PACK)
    market.must(MOTORS, "install", OTHER_PACK, vin=vin(1))
    market.must(DEALER, "sell", OTHER_PACK, sold_on="2027-06-01")
    market.must(MOTORS, "retire", OTHER_PACK)
    market.must(OUTLET, "collect", OTHER_PACK, from_operator=MOTORS)
    market.must(LAB, "test", OTHER_PACK, decision="recycle")
    market.must(RECYCLER, "recycle", OTHER_PACK, input_mass_g=300_000, loss_mass_g=250_000,
                outputs=[{"material": "steel", "mass_g": 50_000, "lot": "S-1"}])  # fmt: skip
    for operator in (None, BUREAU):
        ended = client.get(f"/v1/batteries/{OTHER_PACK}/passport", headers=market.bearer(operator) if operator else {})
        assert ended.status_code == 410
        assert ended.json["status"] == "ceased"
        assert "points" not in ended.json
        assert ended.json["digests"]["model"]["pt1"]
        assert ended.json["entries"]["model"] > 0


def test_light_means_of_transport_show_remaining_capacity_instead(client: CheckedClient, market: Market) -> None:
    publish_content(client, market, "CQ-LMT")
    shown = points(client, market, REPAIR, f"/v1/batteries/{LMT_PACK}/passport")
    assert shown["62"]["value"] == {"capacity_mah": 150_000}
    assert "61" not in shown
    assert "33" not in shown
