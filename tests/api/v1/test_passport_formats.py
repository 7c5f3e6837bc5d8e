"""Passports in the formats of others over HTTP: each reader gets what it may see and is told what it does not get."""

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785

from tests.api.checking import CheckedClient, problem
from tests.api.passports import client_of, publish_content
from tests.service.passports.market import BASE_URL, BRUSSELS, BUREAU, MAKER, PACK, REPAIR, Market, open_market

MARKS = {"pt2": "MARK-PT2", "pt3": "MARK-PT3"}
"""Texts of CONTENT that tell which part of Annex XIII they are of."""
SEEN = {"": set[str](), BRUSSELS: {"pt2", "pt3"}, REPAIR: {"pt2"}, BUREAU: {"pt2", "pt3"}, MAKER: {"pt2", "pt3"}}
FULL = {
    "17": {"raw_material_g": 18_500, "production_g": 38_000, "distribution_g": 2_800, "end_of_life_g": 10_000,
           "total_g": 69_300, "study": "https://docs.example.cn/study.pdf"},
    "18": {"performance_class": "B", "label": "https://docs.example.cn/class-b.svg"},
    "19": {"report": "https://docs.example.cn/due-diligence.pdf"},
    "40": {"symbol": "https://docs.example.cn/bin.svg", "meaning": "separate collection"},
    "41": {"cadmium": False, "lead": False, "symbol": "https://docs.example.cn/none.svg"},
    "58": {"fade_ppm": 0},
    "68": {"cycles": 0},
    "70": {"temperature_mc": 25_000},
    "71": {"soc_ppm": 500_000},
}  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with open_market(tmp_path_factory.mktemp("market") / "data") as opened:
        publish_content(client_of(opened), opened)
        yield opened


@pytest.fixture
def client(market: Market) -> CheckedClient:
    return client_of(market)


def address(form: str, profile: str = "launch") -> str:
    return f"/v1/batteries/{PACK}/passport?format={form}&profile={profile}"


@pytest.mark.parametrize("form", ["gefeg", "batterypass", "jsonld"])
@pytest.mark.parametrize("reader", SEEN)
def test_each_reader_gets_the_parts_it_may_see(market: Market, client: CheckedClient, form: str, reader: str) -> None:
    answer = client.get(address(form), headers=market.bearer(reader) if reader else {})
    assert answer.status_code == 200, answer.text
    for part, mark in MARKS.items():
        if part not in SEEN[reader]:
            assert mark not in answer.text
            assert form == "jsonld" or part in answer.headers["Passport-Withheld"]
    assert ("MARK-PT2" in answer.text or form == "batterypass") or "pt2" not in SEEN[reader]
    assert answer.headers["Cache-Control"].startswith("private" if reader else "public")


def test_a_repairer_finds_no_test_report_and_an_authority_no_state_of_the_battery(
    market: Market, client: CheckedClient
) -> None:
    repairer = client.get(address("gefeg"), headers=market.bearer(REPAIR))
    authority = client.get(address("gefeg"), headers=market.bearer(BRUSSELS))
    assert repairer.headers["Passport-Withheld"] == "pt3"
    assert authority.headers["Passport-Withheld"] == "pt4"
    assert "CapacityFade" in repairer.text
    assert "CapacityFade" not in authority.text


def test_what_the_guidance_holds_pending_is_left_out_and_named(client: CheckedClient) -> None:
    answer = client.get(address("gefeg"))
    assert "pending=17 18 19" in answer.headers["Passport-Left-Out"]
    assert answer.json is not None
    assert answer.json["Battery_Passport"]["BatteryCarbonFootprint"] == {}


def test_the_whole_schema_is_refused_to_who_may_not_see_all_of_it(market: Market, client: CheckedClient) -> None:
    for headers in ({}, market.bearer(BRUSSELS), market.bearer(REPAIR)):
        refused = problem(client.get(address("gefeg", "schema-complete"), headers=headers), 403)
        assert refused["errors"][0]["source"] == "Regulation (EU) 2023/1542, Art. 77(2)"


def test_the_whole_schema_of_a_passport_without_pending_values_is_refused_with_their_numbers(
    market: Market, client: CheckedClient
) -> None:
    refused = problem(client.get(address("gefeg", "schema-complete"), headers=market.bearer(MAKER)), 409)
    codes = {error["code"] for error in refused["errors"]}
    assert {"missing_17", "missing_18", "missing_19"} <= codes
    assert all(error["pointer"].startswith("/") and error["message_zh"] for error in refused["errors"])


def test_the_whole_schema_is_given_when_everything_is_there(tmp_path: Path) -> None:
    with open_market(tmp_path / "data") as market:
        client = client_of(market)
        publish_content(client, market, **FULL)
        answer = client.get(address("gefeg", "schema-complete"), headers=market.bearer(MAKER))
        assert answer.status_code == 200, answer.text
        assert "Passport-Left-Out" not in answer.headers
        assert "Passport-Withheld" not in answer.headers


def test_the_address_of_a_data_point_that_stands_for_a_list_answers(market: Market, client: CheckedClient) -> None:
    document = client.get(address("gefeg"), headers=market.bearer(MAKER)).get_json()
    accidents = document["Battery_Passport"]["PerformanceAndDurability"]["InformationOnAccidents"]
    told = client.get(accidents.removeprefix(BASE_URL), headers=market.bearer(MAKER))
    assert told.status_code == 200, told.text


def test_another_format_or_profile_is_a_wrong_request(client: CheckedClient) -> None:
    problem(client.get(address("xml")), 422)
    problem(client.get(address("gefeg", "whole")), 422)


def test_the_registry_record_is_the_same_for_everybody_and_so_is_its_hash(
    market: Market, client: CheckedClient
) -> None:
    answer = client.get(f"/v1/batteries/{PACK}/registry-record")
    assert answer.json is not None
    record = answer.json["record"]
    assert answer.json["sha256"] == b64encode(sha256(rfc8785.dumps(record)).digest()).decode()
    assert record["battery"]["gb_code"] == PACK
    assert record["category"] == "ev"
    for reader in (MAKER, BUREAU):
        told = client.get(f"/v1/batteries/{PACK}/registry-record", headers=market.bearer(reader))
        assert told.data == answer.data
    linked = client.get(address("jsonld")).get_json()
    assert linked["sha256"] == record["version_sha256"]


def test_a_battery_whose_passport_was_never_published_has_no_record(client: CheckedClient) -> None:
    other = PACK.replace("PE12", "PE13")
    problem(client.get(f"/v1/batteries/{other}/registry-record"), 409)


def test_the_context_is_served_by_itself_and_is_the_one_in_the_documents(client: CheckedClient) -> None:
    served = client.get("/v1/contexts/passport")
    assert served.content_type == "application/ld+json"
    assert json.loads(served.data)["@context"] == client.get(address("jsonld")).get_json()["@context"]
    assert BASE_URL in served.text


@pytest.mark.parametrize("form", ["gefeg", "batterypass", "jsonld"])
def test_a_document_that_did_not_change_is_not_sent_again(client: CheckedClient, form: str) -> None:
    first = client.get(address(form))
    again = client.get(address(form), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
