"""Capturing documents and single events."""

from typing import Any

import pytest

from service.epcis.writing import event_id
from tests.api.checking import CheckedClient
from tests.api.epcis.documents import document, events_of
from tests.api.town import AUTHORITY, LAB, MAKER, MOTORS, QUIET, Town, new_id, pack
from tests.service.domain.story import PACK

BEHAVIOUR = "GS1-EPCIS-Capture-Error-Behaviour"


def capture(client: CheckedClient, town: Town, body: Any, *, by: str = MAKER, behaviour: str = "rollback") -> Any:
    answer = client.post("/epcis/capture", json=body, headers=town.bearer(by) | {BEHAVIOUR: behaviour})
    assert answer.status_code == 202, answer.json
    return answer.json


def registration(number: int) -> dict[str, Any]:
    return events_of("register", pack(number), id_=new_id())[0]


def test_a_document_is_captured_and_its_outcome_stays(client: CheckedClient, town: Town) -> None:
    answer = client.post("/epcis/capture", json=document(registration(7), registration(8)), headers=town.bearer(MAKER))
    assert answer.status_code == 202
    job = answer.json
    assert (job["running"], job["success"], job["errors"]) == (False, True, [])
    assert job["captureErrorBehaviour"] == "rollback"
    again = client.get(f"/epcis/capture/{job['captureID']}", headers=town.bearer(MAKER))
    assert again.json == job
    assert answer.headers["Location"].endswith(f"/epcis/capture/{job['captureID']}")
    assert [each["captureID"] for each in client.get("/epcis/capture", headers=town.bearer(MAKER)).json] == [
        job["captureID"]
    ]
    assert client.get(f"/v1/batteries/{pack(7)}").status_code == 200


def test_an_outcome_is_nobody_elses_to_see(client: CheckedClient, town: Town) -> None:
    job = capture(client, town, document(registration(7)))
    assert client.get(f"/epcis/capture/{job['captureID']}", headers=town.bearer(LAB)).status_code == 404


def test_with_rollback_one_refused_event_refuses_all(client: CheckedClient, town: Town) -> None:
    job = capture(client, town, document(registration(7), events_of("register", PACK, id_=new_id())[0]))
    assert job["success"] is False
    assert client.get(f"/v1/batteries/{pack(7)}").status_code == 404
    assert {each["code"] for each in job["errors"]} == {"conflict"}


def test_with_rollback_an_event_that_cannot_be_read_refuses_all(client: CheckedClient, town: Town) -> None:
    job = capture(client, town, document(registration(7), {"type": "ObjectEvent"}))
    assert job["success"] is False
    assert client.get(f"/v1/batteries/{pack(7)}").status_code == 404


def test_with_proceed_the_others_are_recorded(client: CheckedClient, town: Town) -> None:
    body = document(registration(7), events_of("register", PACK, id_=new_id())[0], registration(8))
    job = capture(client, town, body, behaviour="proceed")
    assert job["success"] is False
    assert [("index" in each, each.get("status")) for each in job["packtrail:events"]] == [
        (True, None),
        (False, 409),
        (True, None),
    ]
    assert client.get(f"/v1/batteries/{pack(8)}").status_code == 200


def test_a_fault_points_into_the_document_in_both_languages(client: CheckedClient, town: Town) -> None:
    wrong = registration(7)
    wrong["ilmd"]["packtrail:mass_g"] = -1
    job = capture(client, town, document(registration(8), wrong))
    [error] = [fault for each in job["errors"] for fault in each.get("errors", ())]
    assert error["pointer"] == "/epcisBody/eventList/1/packtrail:mass_g"
    assert error["message"]
    assert error["message_zh"]


def test_the_same_document_again_records_nothing_more(client: CheckedClient, town: Town) -> None:
    body = document(registration(7))
    first, second = capture(client, town, body), capture(client, town, body)
    assert [each["index"] for each in first["packtrail:events"]] == [
        each["index"] for each in second["packtrail:events"]
    ]


def test_an_operator_without_a_key_in_custody_is_told_to_sign(client: CheckedClient, town: Town) -> None:
    event = events_of("report_soh", PACK, id_=new_id())[0]
    answer = client.post("/epcis/events", json=event, headers=town.bearer(QUIET))
    assert answer.status_code == 422
    [error] = answer.json["errors"]
    assert (error["pointer"], error["code"]) == ("/packtrail:jws", "custody")


def test_one_event_is_captured_at_its_address(client: CheckedClient, town: Town) -> None:
    id_ = new_id()
    event = events_of("report_soh", PACK, id_=id_)[0]
    answer = client.post("/epcis/events", json=event, headers=town.bearer(MAKER))
    assert answer.status_code == 201
    assert answer.json["eventID"] == event_id(id_)
    assert answer.json["eventHash"].startswith("ni:///sha-256;")
    found = client.get(answer.headers["Location"].removeprefix("https://id.example.cn"), headers=town.bearer(MAKER))
    assert found.json["eventID"] == event_id(id_)
    assert found.headers["PackTrail-Leaf-Hash"] == answer.json["leafHash"]
    assert client.post("/epcis/events", json=event, headers=town.bearer(MAKER)).status_code == 200


def test_an_event_of_somebody_elses_needs_no_extension(client: CheckedClient, town: Town) -> None:
    event = {
        "type": "ObjectEvent",
        "action": "ADD",
        "bizStep": "https://ref.gs1.org/cbv/BizStep-commissioning",
        "disposition": "active",
        "eventTime": "2026-02-26T20:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["urn:epc:id:sgtin:9521234.000001.ABCDEFGG2T0000009"],
        "readPoint": {"id": "https://id.gs1.org/414/9521234000013"},
        "acme:line": "4",
    }
    answer = client.post("/epcis/events", json=event, headers=town.bearer(MAKER))
    assert answer.status_code == 201, answer.json
    assert answer.json["notRecorded"] == ["acme:line"]
    shown = client.get(f"/v1/batteries/{pack(9)}", headers=town.bearer(AUTHORITY))
    assert shown.json["code"] == pack(9)


def test_half_a_swap_is_refused(client: CheckedClient, town: Town) -> None:
    main, out = events_of("swap", pack(1), pack(2), id_=new_id())
    for name in [name for name in out if name.startswith("packtrail:")]:
        del out[name]
    job = capture(client, town, document(out), by=MOTORS)
    [error] = job["errors"]
    assert error["errors"][0]["code"] == "half"
    assert main["type"] == "AssociationEvent"


@pytest.mark.parametrize(
    "body",
    ['{"type": "EPCISDocument", "type": "EPCISDocument"}', '{"type": NaN}', "[" * 100 + "]" * 100],
    ids=["a member twice", "not a number", "too deep"],
)
def test_what_is_not_strict_json_is_refused(client: CheckedClient, town: Town, body: str) -> None:
    answer = client.post(
        "/epcis/capture", data=body, headers=town.bearer(MAKER) | {"Content-Type": "application/ld+json"}
    )
    assert answer.status_code == 400


NO_DOCUMENTS: list[Any] = [
    {},
    [],
    {"type": "EPCISDocument"},
    document(),
    document(1),
    document({}) | {"@context": {"packtrail": "https://example.com/"}},
]


@pytest.mark.parametrize("body", NO_DOCUMENTS)
def test_what_is_no_document_is_refused(client: CheckedClient, town: Town, body: Any) -> None:
    answer = client.post("/epcis/capture", json=body, headers=town.bearer(MAKER))
    assert answer.status_code == 422
    assert client.get("/epcis/capture", headers=town.bearer(MAKER)).json == []


def test_too_many_events_are_refused_at_once(client: CheckedClient, town: Town) -> None:
    answer = client.post("/epcis/capture", json=document(*[{}] * 1001), headers=town.bearer(MAKER))
    assert answer.status_code == 413


def test_the_headers_of_the_standard_are_there(client: CheckedClient) -> None:
    answer = client.options("/epcis/capture")
    assert answer.status_code == 200
    assert answer.headers["GS1-EPCIS-Version"] == "2.0"
    assert answer.headers["GS1-EPCIS-Capture-Limit"] == "1000"
    assert "POST" in answer.headers["Allow"]
