"""Duties and reports through HTTP: the law for everybody, lateness for those whom it concerns."""

import csv
import hashlib
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from ledger.entry import format_time
from service.domain.duties.rows import DUTIES
from service.domain.recovery.targets import RECYCLED_CONTENT, TARGETS
from service.domain.rules_use import date_in_china
from service.work import Register
from tests.api.checking import CheckedClient, checked_client
from tests.api.town import AUTHORITY, BUREAU, LAB, MOTORS, VIN, Town
from tests.applications import app_on
from tests.service.domain.story import PACK

NOW = (datetime.now(UTC) + timedelta(days=30)).replace(hour=2)
"""The town was founded today, and the register's time never goes back."""
TODAY = date_in_china(NOW)


@pytest.fixture
def client(town: Town) -> Any:
    register = Register(town.settings, clock=lambda: NOW)
    yield checked_client(app_on(register))
    register.close()


def install(client: CheckedClient, town: Town, *, day: str) -> int:
    """The vehicle maker tells today that it installed the pack on `day`."""
    event = {
        "type": "install",
        "subjects": [PACK],
        "occurred_at": f"{day}T02:00:00.000Z",
        "body": {"odometer_km": 12, "vin": VIN},
    }
    response = client.post("/v1/events", json=event, headers=town.bearer(MOTORS))
    assert response.status_code == 201, response.text
    index: int = response.get_json()["index"]
    return index


def late(client: CheckedClient, town: Town, by: str, **query: str) -> Any:
    return client.get("/v1/duties/late", query_string=query, headers=town.bearer(by))


def test_everybody_may_read_the_duties_with_their_sources(client: CheckedClient) -> None:
    answer = client.get("/v1/duties").get_json()
    assert {row["id"] for row in answer["duties"]} == set(DUTIES)
    unknown = [row for row in answer["duties"] if row["days"] is None]
    assert unknown and {row["source"] for row in unknown} == {"source needed"}
    assert {row["id"] for row in answer["counting"]} >= {"first-day", "rest-day"}
    assert any(row["from"] == "2027-02-18" for row in answer["milestones"])


def test_everybody_may_read_the_thresholds_with_their_sources(client: CheckedClient) -> None:
    whole = client.get("/v1/duties").get_json()
    assert {row["id"] for row in whole["targets"]} == {row.id for row in TARGETS}
    assert len(whole["recycled_content"]) == len(RECYCLED_CONTENT)
    [banned] = whole["banned_applications"]
    assert (banned["application"], banned["from"], banned["until"]) == ("electric_bicycle", "2026-04-01", None)
    assert {(row["enforced"], row["source"]) for row in whole["licences"]} == {
        (True, "MIIT Order 73, Art. 18"), (False, "source needed")
    }  # fmt: skip
    tables = ("targets", "recycled_content", "banned_applications", "licences")
    rows = [row for table in tables for row in whole[table]]
    assert all(row["source"] and row["title_zh"] and row["jurisdiction"] in ("CN", "EU") for row in rows)


def test_the_thresholds_of_a_day_are_those_in_force_and_until_is_their_last_day(client: CheckedClient) -> None:
    def nickel(day: str) -> list[tuple[int, str | None, str | None]]:
        answer = client.get("/v1/duties", query_string={"on": day, "jurisdiction": "EU"}).get_json()
        assert {row["jurisdiction"] for row in answer["targets"]} == {"EU"}
        return [(row["ppm"], row["from"], row["until"]) for row in answer["targets"] if row["measure"] == "nickel"]

    assert nickel("2027-12-30") == []
    assert nickel("2031-12-30") == [(900_000, "2027-12-31", "2031-12-30")]
    assert nickel("2031-12-31") == [(950_000, "2031-12-31", None)]


def test_the_rows_of_a_day_are_those_of_its_law(client: CheckedClient) -> None:
    def ids(day: str) -> set[str]:
        answer = client.get("/v1/duties", query_string={"on": day, "jurisdiction": "CN"}).get_json()
        return {row["id"] for row in answer["duties"]}

    assert all(id_.startswith("cn2018-") for id_ in ids("2026-03-31"))
    assert all(id_.startswith("cn73-") for id_ in ids("2026-04-01"))


def test_a_regulator_sees_who_was_late_under_which_law(client: CheckedClient, town: Town) -> None:
    index = install(client, town, day="2026-05-10")
    answer = late(client, town, BUREAU).get_json()
    [case] = answer["cases"]
    assert (case["operator"], case["entry"], case["code"], case["duty"]) == (MOTORS, index, PACK, "cn73-install")
    assert (case["since"], case["due_on"], case["answered_on"]) == ("2026-05-10", "2026-05-30", str(TODAY))
    assert case["days_late"] == (TODAY - date(2026, 5, 30)).days
    assert answer["today"] == str(TODAY) and answer["next"] is None


def test_an_event_of_march_is_late_by_the_law_of_march(client: CheckedClient, town: Town) -> None:
    install(client, town, day="2026-03-02")
    [case] = late(client, town, BUREAU).get_json()["cases"]
    assert (case["duty"], case["due_on"]) == ("cn2018-install", "2026-03-23")


def test_an_operator_sees_its_own_lateness_and_nobody_elses(client: CheckedClient, town: Town) -> None:
    install(client, town, day="2026-05-10")
    assert len(late(client, town, MOTORS).get_json()["cases"]) == 1
    assert late(client, town, LAB).get_json()["cases"] == []
    assert late(client, town, LAB, operator=MOTORS).status_code == 403
    assert late(client, town, BUREAU, operator=MOTORS).status_code == 200
    assert late(client, town, BUREAU, operator="cq-nobody").status_code == 404
    assert client.get("/v1/duties/late").status_code == 401


def test_the_end_of_a_page_that_is_none_is_refused(client: CheckedClient, town: Town) -> None:
    for after in ("", "x", "2026-05-30~1~A", "2026-05-30~" + "9" * 20 + "~A~b", "2026-05-30~1~a'~b"):
        assert late(client, town, BUREAU, after=after).status_code == 422, after
    assert late(client, town, BUREAU, after="2026-05-30~1~~cn73-install").status_code == 200


def test_sums_are_for_the_operator_itself_and_for_regulators(client: CheckedClient, town: Town) -> None:
    install(client, town, day="2026-05-10")

    def sums(by: str, **query: str) -> Any:
        return client.get("/v1/duties/sums", query_string=query, headers=town.bearer(by))

    [row] = sums(MOTORS).get_json()
    assert (row["duty"], row["month"], row["cases"], row["late"]) == ("cn73-install", "2026-05", 1, 1)
    assert row["mean_days"] == (TODAY - date(2026, 5, 10)).days
    assert sums(BUREAU, operator=MOTORS).get_json() == [row]
    assert sums(LAB, operator=MOTORS).status_code == 403


def test_the_authority_sets_a_deadline_by_an_entry_and_others_may_not(client: CheckedClient, town: Town) -> None:
    body = {"duty": "cn73-repair", "days": 30, "clock": "working_days", "valid_from": "2026-04-01", "source": "notice"}
    event = {"type": "set_deadline", "subjects": [], "occurred_at": format_time(NOW), "body": body}
    assert client.post("/v1/events", json=event, headers=town.bearer(LAB)).status_code in (403, 404)
    told = client.post("/v1/events", json=event, headers=town.bearer(AUTHORITY))
    assert told.status_code == 201, told.text
    rows = {row["id"]: row for row in client.get("/v1/duties").get_json()["duties"]}
    row = rows["cn73-repair"]
    assert (row["days"], row["clock"], row["state"], row["set_by"]) == (
        30, "working_days", "judged", told.get_json()["index"]
    )  # fmt: skip
    for name, value in (("days", -1), ("days", 1.5), ("duty", "cn73-sale"), ("clock", "moons"), ("valid_from", "x")):
        refused = client.post("/v1/events", json=event | {"body": body | {name: value}}, headers=town.bearer(AUTHORITY))
        assert refused.status_code in (400, 422), (name, refused.text)


def test_the_authority_sets_from_when_on_a_licence_has_to_be_told(client: CheckedClient, town: Town) -> None:
    body = {"role": "recycler", "licence": "investment_approval", "told_from": "2026-07-01", "source": "notice"}
    event = {"type": "set_licence_day", "subjects": [], "occurred_at": format_time(NOW), "body": body}
    assert client.post("/v1/events", json=event, headers=town.bearer(LAB)).status_code in (403, 404)
    told = client.post("/v1/events", json=event, headers=town.bearer(AUTHORITY))
    assert told.status_code == 201, told.text
    rows = {(row["role"], row["licence"]): row for row in client.get("/v1/duties").get_json()["licences"]}
    row = rows["recycler", "investment_approval"]
    assert row["told_from"] == "2026-07-01"
    assert row["told_days"] == [{"told_from": "2026-07-01", "source": "notice", "entry": told.get_json()["index"]}]
    assert rows["dismantler", "investment_approval"]["told_from"] is None
    for name, value in (("role", "nobody"), ("licence", "other"), ("told_from", "soon"), ("source", "")):
        refused = client.post("/v1/events", json=event | {"body": body | {name: value}}, headers=town.bearer(AUTHORITY))
        assert refused.status_code in (400, 422), (name, refused.text)


def test_a_vehicle_scrapped_without_its_pack_is_a_case_until_a_record_of_replacement(
    client: CheckedClient, town: Town
) -> None:
    install(client, town, day="2026-05-10")
    enrol = {"operator_id": LAB, "name": "拆解", "roles": ["dismantler", "tester"], "region": "500112"}
    assert client.post("/v1/operators", json=enrol, headers=town.bearer(AUTHORITY)).status_code == 201
    event = {
        "type": "scrap_vehicle",
        "subjects": [],
        "occurred_at": "2026-08-01T02:00:00.000Z",
        "body": {"certificate_no": "HS-1", "vin": VIN},
    }
    told = client.post("/v1/events", json=event, headers=town.bearer(LAB))
    assert told.status_code == 201, told.text

    def missing(by: str) -> Any:
        return client.get("/v1/missing-batteries", headers=town.bearer(by)).get_json()["cases"]

    [case] = missing(BUREAU)
    assert (case["code"], case["found"], case["certificate_no"], case["operator"]) == (PACK, None, "HS-1", LAB)
    assert missing(LAB) == [case]
    assert missing(MOTORS) == []
    body = {"event_id": told.get_json()["entry"]["event"]["id"], "reason": "incorrect_data", "note": "found"}
    correction = {
        "type": "correct",
        "subjects": [],
        "occurred_at": format_time(NOW),
        "body": body | {"replacement": "GH-1"},
    }
    answered = client.post("/v1/events", json=correction, headers=town.bearer(LAB))
    assert answered.status_code == 201, answered.text
    assert missing(BUREAU) == []


def report(client: CheckedClient, town: Town, by: str, **query: str) -> Any:
    asked = {"duty": "cn73-install", "from": "2026-05-01", "to": "2026-05-31"} | query
    return client.get("/v1/reports", query_string=asked, headers=town.bearer(by))


def test_an_operator_draws_its_report_with_the_vin_that_only_it_may_see(client: CheckedClient, town: Town) -> None:
    index = install(client, town, day="2026-05-10")
    response = report(client, town, MOTORS)
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data.startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark"
    row, end = csv.DictReader(io.StringIO(response.data.decode("utf-8-sig")))
    assert end["企业名称"] == "packtrail_end"
    assert row["电池编码"] == PACK and row["车辆（车架号）"] == VIN
    assert (row["发生日期"], row["报送期限"], row["是否逾期"]) == ("2026-05-10", "2026-05-30", "是")
    assert row["条目序号"] == str(index)


def test_a_regulator_gets_the_same_report_without_the_vin(client: CheckedClient, town: Town) -> None:
    install(client, town, day="2026-05-10")
    told = report(client, town, BUREAU, operator=MOTORS, format="json")
    assert VIN not in told.text
    [row] = orjson.loads(told.data)["rows"]
    assert (row["battery.code"], row["body.vin"], row["duty.late"]) == (PACK, "", "是")
    assert report(client, town, LAB, operator=MOTORS).status_code == 403


def test_a_report_comes_in_the_encoding_that_is_asked_for(client: CheckedClient, town: Town) -> None:
    install(client, town, day="2026-05-10")
    response = report(client, town, MOTORS, encoding="gb18030")
    assert response.content_type == "text/csv; charset=gb18030"
    assert "电池编码" in response.data.decode("gb18030")


def test_a_wrong_question_for_a_report_is_refused_with_its_place(client: CheckedClient, town: Town) -> None:
    for query, place in (
        ({"duty": "cn73-nothing"}, "duty"),
        ({"from": "2026-05-32"}, "from"),
        ({"to": "2026-04-01"}, "to"),
        ({"encoding": "utf-7"}, "encoding"),
    ):
        response = report(client, town, MOTORS, **query)
        assert response.status_code == 422
        assert [fault["pointer"] for fault in response.get_json()["errors"]] == [f"/{place}"], response.text


def test_a_report_without_rows_is_a_file_with_its_titles(client: CheckedClient, town: Town) -> None:
    lines = report(client, town, MOTORS).data.decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and "电池编码" in lines[0] and lines[1].startswith("packtrail_end,")


def test_a_raw_report_is_the_table_alone_and_its_end_stands_in_a_header(client: CheckedClient, town: Town) -> None:
    install(client, town, day="2026-05-10")
    response = report(client, town, MOTORS, cells="raw")
    [row] = csv.DictReader(io.StringIO(response.data.decode("utf-8-sig")))
    assert row["电池编码"] == PACK
    end = orjson.loads(response.headers["Packtrail-Export"])
    assert (end["count"], end["cells"], end["filter"]["duty"]) == (1, "raw", "cn73-install")
    assert end["sha256"] == hashlib.sha256(response.data).hexdigest()
    assert ".raw.csv" in response.headers["Content-Disposition"]
