"""What is handed out in the words of EPCIS can be verified, and captured again as what it was."""

from base64 import b64decode
from typing import Any

from ledger.entry import build_event, parse_time
from ledger.signing.jws import parse_jws, sign_event, verify_event
from service.domain.restricted import restricted_in
from service.epcis.reading import Reader
from service.epcis.terms import NAMESPACE, PREFIX
from service.epcis.writing import Told, event_id, write_events
from tests.api.checking import CheckedClient
from tests.api.epcis.documents import NAMES, document, events_of
from tests.api.town import BUREAU, MAKER, ORIGIN, Town, makers_signer, new_id, pack, signed, told
from tests.service.domain.story import PACK


def ask(client: CheckedClient, town: Town, *, by: str = BUREAU, **asked: str) -> Any:
    return client.get("/epcis/events", query_string=asked, headers=town.bearer(by)).json


def events_in(answer: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return events


def in_epcis(envelope: dict[str, Any]) -> dict[str, Any]:
    event = envelope["event"]
    moment = parse_time(event["occurred_at"])
    signed_event = Told(
        event["id"], event["type"], moment, event["subjects"], event["body"], {}, {}, MAKER, ORIGIN, envelope["jws"]
    )
    return write_events(signed_event, NAMES)[0]


def test_an_event_that_its_operator_signed_is_captured_with_its_signature(client: CheckedClient, town: Town) -> None:
    event = in_epcis(signed("register", pack(31)))
    answer = client.post("/epcis/events", json=event, headers=town.bearer(MAKER))
    assert answer.status_code == 201, answer.json
    assert client.get(f"/v1/batteries/{pack(31)}").status_code == 200


def test_an_event_changed_after_it_was_signed_is_refused(client: CheckedClient, town: Town) -> None:
    event = in_epcis(signed("register", pack(31)))
    event["ilmd"]["packtrail:mass_g"] += 1
    assert client.post("/epcis/events", json=event, headers=town.bearer(MAKER)).status_code == 403
    assert client.get(f"/v1/batteries/{pack(31)}").status_code == 404


def test_an_event_of_another_operator_is_refused(client: CheckedClient, town: Town) -> None:
    event = in_epcis(signed("register", pack(31)))
    assert client.post("/epcis/events", json=event, headers=town.bearer(BUREAU)).status_code == 403


def test_what_is_handed_out_is_captured_again_as_what_it_was(client: CheckedClient, town: Town) -> None:
    report = events_of("report_soh", PACK, id_=new_id())[0]
    assert client.post("/epcis/events", json=report, headers=town.bearer(MAKER)).status_code == 201
    answer = ask(client, town, by=MAKER, MATCH_epc=NAMES.epc_of(PACK), orderDirection="ASC")
    assert len(events_in(answer)) == 2
    job = client.post("/epcis/capture", json=answer, headers=town.bearer(MAKER)).json
    assert job["success"], job["errors"]
    indexes = [each["packtrail:index"] for each in answer["epcisBody"]["queryResults"]["packtrail:records"]]
    assert [each["index"] for each in job["packtrail:events"]] == indexes


def test_the_signature_can_be_verified_from_the_epcis_event_alone(client: CheckedClient, town: Town) -> None:
    [event] = events_in(ask(client, town, EQ_bizStep="commissioning"))
    keys = client.get(f"/v1/operators/{MAKER}", headers=town.bearer(BUREAU)).json["keys"]
    read = Reader(NAMES, MAKER, ORIGIN, {PREFIX: NAMESPACE}).read(event)
    assert read.jws is not None
    jws = parse_jws(read.jws)
    [public] = [b64decode(each["public_key"]) for each in keys if each["kid"] == jws.header.kid]
    verify_event(build_event(read.members).data, jws, public)
    assert sign_event(build_event(read.members).data, makers_signer()) != read.jws


def test_a_correction_is_told_as_the_event_with_an_error_declaration(client: CheckedClient, town: Town) -> None:
    [made] = events_in(ask(client, town, EQ_bizStep="commissioning"))
    about = made["eventID"].removeprefix("urn:uuid:")
    wrong = told("correct", PACK) | {"id": new_id()}
    wrong["body"] = {"event_id": about, "reason": "incorrect_data", "note": "weighed again", "mass_g": 301_000}
    answer = client.post("/v1/events", json=wrong, headers=town.bearer(MAKER))
    assert answer.status_code == 201, answer.json
    [declared] = events_in(ask(client, town, EXISTS_errorDeclaration="true"))
    assert declared["eventID"] == made["eventID"]
    assert {name: declared[name] for name in ("type", "action", "epcList", "ilmd", "eventTime")} == {
        name: made[name] for name in ("type", "action", "epcList", "ilmd", "eventTime")
    }
    declaration = declared["errorDeclaration"]
    assert declaration["reason"] == "incorrect_data"
    assert declaration["correctiveEventIDs"] == [event_id(wrong["id"], 1)]
    [corrective] = events_in(ask(client, town, EQ_eventID=event_id(wrong["id"], 1)))
    assert corrective["ilmd"]["packtrail:mass_g"] == 301_000
    both = events_in(ask(client, town, EQ_eventID=made["eventID"]))
    assert [("errorDeclaration" in each) for each in both] == [True, False]
    assert "note" in restricted_in("correct")


def test_an_error_declaration_is_captured_as_a_correction(client: CheckedClient, town: Town) -> None:
    [made] = events_in(ask(client, town, by=MAKER, EQ_bizStep="commissioning"))
    declaration = {
        "declarationTime": "2026-02-27T08:00:00+08:00",
        "reason": "incorrect_data",
        "packtrail:note": "weighed again",
        "packtrail:mass_g": 301_000,
    }
    body = document(made | {"errorDeclaration": declaration})
    job = client.post("/epcis/capture", json=body, headers=town.bearer(MAKER)).json
    assert job["success"], job["errors"]
    [declared] = events_in(ask(client, town, EXISTS_errorDeclaration="true"))
    assert declared["errorDeclaration"]["packtrail:mass_g"] == 301_000
