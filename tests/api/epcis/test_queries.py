"""Asking for events: parameters, pages, who sees what, stored queries, resources."""

from typing import Any
from urllib.parse import quote

import pytest

from service.epcis.event_hash import event_hash
from service.epcis.terms import NAMESPACE, PREFIX
from service.epcis.writing import event_id
from tests.api.checking import CheckedClient
from tests.api.epcis.documents import document, events_of
from tests.api.town import AUTHORITY, BASE_URL, BUREAU, LAB, MAKER, MOTORS, Town, new_id, pack
from tests.service.domain.story import PACK

EPC = "https://id.gs1.org/01/09521234000013/21/ABCDEFGG2T0000001"


def ask(client: CheckedClient, town: Town, *, by: str = BUREAU, path: str = "/epcis/events", **asked: str) -> Any:
    answer = client.get(path, query_string=asked, headers=town.bearer(by))
    assert answer.status_code == 200, answer.json
    return answer


def found(client: CheckedClient, town: Town, *, by: str = BUREAU, **asked: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = ask(client, town, by=by, **asked).json["epcisBody"]["queryResults"]["resultsBody"][
        "eventList"
    ]
    return events


@pytest.fixture
def report(client: CheckedClient, town: Town) -> str:
    """The eventID of a report of health by the vehicle maker."""
    id_ = new_id()
    event = events_of("report_soh", PACK, id_=id_)[0]
    assert client.post("/epcis/events", json=event, headers=town.bearer(MAKER)).status_code == 201
    return event_id(id_)


def test_what_was_recorded_in_any_way_is_found(client: CheckedClient, town: Town) -> None:
    [event] = found(client, town, EQ_bizStep="commissioning")
    assert (event["type"], event["action"], event["epcList"]) == ("ObjectEvent", "ADD", [EPC])
    assert event["ilmd"]["packtrail:model_id"] == "CQ-150"


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"eventType": "ObjectEvent"}, 2),
        ({"eventType": "AssociationEvent|TransformationEvent"}, 0),
        ({"eventType": "packtrail:RegisterEvent"}, 7),
        ({"EQ_action": "OBSERVE"}, 1),
        ({"EQ_action": "ADD|OBSERVE"}, 2),
        ({"EQ_bizStep": "urn:epcglobal:cbv:bizstep:inspecting"}, 1),
        ({"EQ_disposition": "https://ref.gs1.org/cbv/Disp-conformant"}, 1),
        ({"EQ_disposition": "damaged"}, 0),
        ({"MATCH_epc": EPC}, 2),
        ({"MATCH_anyEPC": "urn:epc:id:sgtin:9521234.000001.ABCDEFGG2T0000001"}, 2),
        ({"MATCH_anyEPC": f"{BASE_URL}/b/{PACK}"}, 2),
        ({"MATCH_epc": EPC, "EQ_action": "ADD"}, 1),
        ({"MATCH_epc": "https://id.gs1.org/01/09521234000013/21/ABCDEFGG2T0000099"}, 0),
        ({"GE_eventTime": "2026-02-26T12:30:01.123Z", "eventType": "ObjectEvent"}, 2),
        ({"GE_eventTime": "2026-02-26T12:30:01.124Z", "eventType": "ObjectEvent"}, 0),
        ({"LT_eventTime": "2026-02-26T20:30:01.124+08:00", "eventType": "ObjectEvent"}, 2),
        ({"GE_recordTime": "2000-01-01T00:00:00Z", "eventType": "ObjectEvent", "orderBy": "recordTime"}, 2),
        ({"LT_recordTime": "2000-01-01T00:00:00Z"}, 0),
        ({"EQ_bizLocation": f"{NAMESPACE}operator/{MAKER}"}, 2),
        ({"EXISTS_errorDeclaration": "true"}, 0),
        ({"EXISTS_errorDeclaration": "false", "eventType": "ObjectEvent"}, 2),
        ({"eventType": "ObjectEvent", "eventCountLimit": "1"}, 1),
        ({"EQ_transformationID": "urn:uuid:x"}, 0),
        ({"EQ_eventID": "urn:uuid:x"}, 0),
        ({"eventType": "ObjectEvent", "maxEventCount": "2"}, 2),
        ({"EQ_source_owning_party": EPC}, 0),
        ({"EQ_bizTransaction_po": EPC}, 0),
        ({"EQ_quantity_KGM": "1"}, 0),
        ({"GE_errorDeclarationTime": "2000-01-01T00:00:00Z"}, 0),
        ({"EQ_type": f"gs1:Temperature|{NAMESPACE}StateOfCertifiedEnergy", "GE_value_P1": "88.5"}, 1),
        ({"LT_value_P1": "0"}, 0),
        ({"EXISTS_sensorElementList": "true", "EQ_value_CEL": "-5|5"}, 1),
        ({"EQ_ILMD_packtrail:model_id": "CQ-150"}, 1),
        ({"EXISTS_ILMD_packtrail:model_id": "false", "MATCH_epc": EPC}, 1),
        ({"EQ_packtrail:type": "report_soh"}, 1),
        ({"EXISTS_INNER_packtrail:soce_ppm": "true"}, 1),
        ({"HASATTR_bizLocation": "country"}, 0),
        ({"EQATTR_bizLocation_country": "CN"}, 0),
    ],
)
def test_each_parameter_asks_what_the_standard_says(
    client: CheckedClient, town: Town, report: str, asked: dict[str, str], number: int
) -> None:
    assert len(found(client, town, **asked)) == number


@pytest.mark.parametrize(
    "asked",
    [{"EQ_colour": "red"}, {"GE_eventTime": "yesterday"}, {"perPage": "0"}, {"orderBy": "colour"},
     {"nextPageToken": "x"}, {"GE_value_CEL": "warm"}, {"EXISTS_packtrail:site": "1"},
     {"maxEventCount": "1", "eventCountLimit": "1"},
     {"EQ_action": ""}, {"EXISTS_errorDeclaration": "maybe"}, {"orderDirection": "UP"}],
)  # fmt: skip
def test_a_parameter_that_cannot_be_used_is_named(client: CheckedClient, town: Town, asked: dict[str, str]) -> None:
    answer = client.get("/epcis/events", query_string=asked, headers=town.bearer(BUREAU))
    assert answer.status_code == 400
    assert answer.json["code"] == "query-parameter"
    [error] = answer.json["errors"]
    assert error["pointer"] == "/" + next(iter(asked))
    assert error["message_zh"]


def test_a_query_is_answered_whole_or_said_to_be_too_large(client: CheckedClient, town: Town, report: str) -> None:
    asked = {"eventType": "ObjectEvent", "maxEventCount": "1"}
    answer = client.get("/epcis/events", query_string=asked, headers=town.bearer(BUREAU))
    assert (answer.status_code, answer.json["code"]) == (413, "query-too-large")
    body = {"name": "few", "query": {"maxEventCount": 1, "EQ_type": ["Temperature"], "GE_value_CEL": -5}}
    assert client.post("/epcis/queries", json=body, headers=town.bearer(BUREAU)).status_code == 201
    whole = ask(client, town, path="/epcis/queries/few/events")
    assert "Link" not in whole.headers
    [event] = whole.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert event["eventID"] == report


@pytest.mark.parametrize("order", ["eventTime", "recordTime"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("size", ["1", "2", "3"])
def test_pages_hold_every_event_once_and_in_order(
    client: CheckedClient, town: Town, order: str, direction: str, size: str
) -> None:
    events = [events_of("register", pack(n), id_=new_id())[0] for n in range(20, 27)]
    for n, event in enumerate(events):
        event["eventTime"] = f"2026-02-26T0{n % 3}:00:00.000Z"
    assert client.post("/epcis/capture", json=document(*events), headers=town.bearer(MAKER)).json["success"]
    asked = {"EQ_bizStep": "commissioning", "orderBy": order, "orderDirection": direction, "perPage": size}
    seen: list[dict[str, Any]] = []
    address = "/epcis/events"
    while address:
        answer = client.get(address, query_string=asked if "?" not in address else None, headers=town.bearer(BUREAU))
        assert answer.status_code == 200
        page = answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        assert len(page) <= int(size)
        seen += page
        address = answer.headers.get("Link", "").partition(">")[0].removeprefix(f"<{BASE_URL}")
    assert len({event["eventID"] for event in seen}) == len(seen) == 8
    times = [event[order] for event in seen]
    assert times == sorted(times, reverse=direction == "DESC")


def test_a_token_of_another_query_is_refused(client: CheckedClient, town: Town, report: str) -> None:
    answer = ask(client, town, perPage="1", eventType="ObjectEvent")
    token = answer.headers["Link"].partition("nextPageToken=")[2].partition(">")[0]
    other = client.get(
        "/epcis/events", query_string={"nextPageToken": token, "EQ_action": "ADD"}, headers=town.bearer(BUREAU)
    )
    assert other.status_code == 400


def test_who_took_no_part_finds_nothing(client: CheckedClient, town: Town, report: str) -> None:
    assert found(client, town, by=LAB) == []
    assert found(client, town, by=MOTORS, MATCH_epc=EPC) == []
    assert client.get(f"/epcis/events/{quote(report, safe='')}", headers=town.bearer(LAB)).status_code == 404
    assert len(found(client, town, by=MAKER, MATCH_epc=EPC)) == 2


def test_without_a_key_nothing_is_told(client: CheckedClient, report: str) -> None:
    assert client.get("/epcis/events").status_code == 401


def test_restricted_values_are_told_to_those_who_may_see_them(client: CheckedClient, town: Town, report: str) -> None:
    [event] = found(client, town, EQ_eventID=report)
    [element] = event["sensorElementList"]
    values = {each["type"]: (each["value"], each["uom"]) for each in element["sensorReport"]}
    assert values[f"{NAMESPACE}StateOfCertifiedEnergy"] == (88.5, "P1")
    assert values["Temperature"] == (-5, "CEL")
    assert set(event["packtrail:fieldCommitments"]) >= {"packtrail:soce_ppm", "packtrail:full_cycles"}


def test_a_vehicle_is_never_named(client: CheckedClient, town: Town) -> None:
    main = events_of("install", PACK, id_=new_id())[0]
    assert "LSVAU2A34N2183294" in main["parentID"]
    assert client.post("/epcis/events", json=main, headers=town.bearer(MOTORS)).status_code == 201
    [event] = found(client, town, EQ_bizStep="installing")
    assert event["parentID"].startswith(f"{NAMESPACE}vehicle/")
    assert "LSVAU2A34N2183294" not in ask(client, town).text


def test_both_hashes_stand_beside_each_event(client: CheckedClient, town: Town, report: str) -> None:
    results = ask(client, town, EQ_eventID=report).json["epcisBody"]["queryResults"]
    [record], [event] = results["packtrail:records"], results["resultsBody"]["eventList"]
    assert record["packtrail:eventHash"] == event_hash(event, {PREFIX: NAMESPACE})
    entry = client.get(f"/v1/entries/{record['packtrail:index']}", headers=town.bearer(AUTHORITY)).json
    assert entry["leaf_hash"] == record["packtrail:leafHash"]


def test_a_stored_query_is_asked_again_and_forgotten(client: CheckedClient, town: Town, report: str) -> None:
    made = client.post(
        "/epcis/queries",
        json={"name": "made", "query": {"EQ_bizStep": ["commissioning"], "perPage": 5}},
        headers=town.bearer(BUREAU),
    )
    assert made.status_code == 201
    path = "/epcis/queries/made"
    assert client.get(path, headers=town.bearer(BUREAU)).json["query"]["EQ_bizStep"] == ["commissioning"]
    answer = ask(client, town, path=f"{path}/events")
    assert len(answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 1
    again = client.post("/epcis/queries", json={"name": "made", "query": {}}, headers=town.bearer(BUREAU))
    assert again.status_code == 409
    assert client.get(path, headers=town.bearer(MAKER)).status_code == 404
    assert [each["name"] for each in client.get("/epcis/queries", headers=town.bearer(BUREAU)).json] == ["made"]
    assert client.delete(path, headers=town.bearer(BUREAU)).status_code == 204
    assert client.get(f"{path}/events", headers=town.bearer(BUREAU)).status_code == 404


def test_a_query_that_cannot_be_asked_is_not_stored(client: CheckedClient, town: Town) -> None:
    body = {"name": "x", "query": {"EQ_colour": ["red"]}}
    assert client.post("/epcis/queries", json=body, headers=town.bearer(BUREAU)).status_code == 400
    assert client.get("/epcis/queries", headers=town.bearer(BUREAU)).json == []


def test_subscriptions_are_said_not_to_be_offered(client: CheckedClient, town: Town) -> None:
    for method in (client.get, client.post):
        answer = method("/epcis/queries/x/subscriptions", headers=town.bearer(BUREAU))
        assert (answer.status_code, answer.json["code"]) == (501, "not-offered")


@pytest.mark.parametrize(
    ("path", "member"),
    [("/epcis", "eventTypes"), ("/epcis/eventTypes", "AssociationEvent"), ("/epcis/bizSteps", "commissioning"),
     ("/epcis/dispositions", "destroyed"), ("/epcis/bizLocations", f"{NAMESPACE}operator/{MAKER}"),
     ("/epcis/epcs", f"{BASE_URL}/b/{PACK}"), ("/epcis/bizSteps/commissioning", "events")],
)  # fmt: skip
def test_the_resources_can_be_browsed(client: CheckedClient, town: Town, path: str, member: str) -> None:
    answer = ask(client, town, path=path)
    assert answer.json["type"] == "Collection"
    assert member in answer.json["member"]


@pytest.mark.parametrize(
    "below", ["bizSteps/commissioning", "eventTypes/ObjectEvent", "dispositions/active", f"epcs/{quote(EPC, safe='')}"]
)
def test_the_events_of_a_resource_are_found_below_it(client: CheckedClient, town: Town, below: str) -> None:
    answer = ask(client, town, path=f"/epcis/{below}/events")
    assert len(answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 1


def test_only_who_sees_every_battery_lists_them(client: CheckedClient, town: Town) -> None:
    assert client.get("/epcis/epcs", headers=town.bearer(MAKER)).status_code == 403
    assert client.get("/epcis/readPoints", headers=town.bearer(BUREAU)).status_code == 501
    assert client.get("/epcis/colours", headers=town.bearer(BUREAU)).status_code == 404
