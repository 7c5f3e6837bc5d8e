"""POST /v1/events and GET /v1/entries/{index}, from the sender's side."""

import orjson
import pytest
from werkzeug.test import TestResponse

from ledger.entry import event_bytes
from ledger.receipt import parse_receipt, verify_receipt
from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import AUTHORITY, BUREAU, LAB, MAKER, MOTORS, ORIGIN, VIN, Town, new_id, pack, signed, told
from tests.service.domain.story import PACK


def post(client: CheckedClient, town: Town, event: object, operator: str = MAKER) -> TestResponse:
    return client.post("/v1/events", json=event, headers=town.bearer(operator))


def stored(register: Register) -> int:
    with register.read() as reader:
        return reader.size()


def test_a_signed_event_is_answered_with_a_receipt_that_verifies(
    client: CheckedClient, town: Town, register: Register
) -> None:
    answer = post(client, town, signed("register", pack(2)))
    assert answer.status_code == 201
    receipt = answer.get_json()
    assert answer.headers["Location"] == f"/v1/entries/{receipt['index']}"
    with register.read() as reader:
        entry = reader.entry(receipt["index"])
    assert entry is not None
    assert b'"entry":' + entry + b"," in answer.data
    checkpoint = verify_receipt(parse_receipt(receipt["proof"].encode()), entry, register.verifiers, origin=ORIGIN)
    assert checkpoint.size == receipt["index"] + 1


def test_an_event_told_in_custody_is_signed_by_the_service(client: CheckedClient, town: Town) -> None:
    answer = post(client, town, told("register", pack(2)))
    assert answer.status_code == 201
    event = answer.get_json()["entry"]["event"]
    assert (event["actor"], event["log"], event["subjects"]) == (MAKER, ORIGIN, [pack(2)])


def test_the_same_event_again_gets_the_same_answer_and_is_not_stored_again(
    client: CheckedClient, town: Town, register: Register
) -> None:
    event = signed("register", pack(2))
    first, size = post(client, town, event), stored(register)
    again = post(client, town, event)
    assert again.status_code == 200
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert {**again.get_json(), "proof": ""} == {**first.get_json(), "proof": ""}
    assert stored(register) == size


def test_the_same_id_with_other_content_is_a_conflict_that_names_the_entry(client: CheckedClient, town: Town) -> None:
    id_ = new_id()
    index = post(client, town, signed("register", pack(2), id=id_)).get_json()["index"]
    refusal = problem(post(client, town, signed("register", pack(3), id=id_)), 409)
    assert refusal["index"] == index


def test_what_is_recorded_already_is_a_conflict_that_shows_the_present_state(client: CheckedClient, town: Town) -> None:
    refusal = problem(post(client, town, signed("register", PACK)), 409)
    assert refusal["current"]["code"] == PACK
    assert refusal["errors"][0]["source"]


def test_all_faults_of_a_body_are_told_at_once_where_they_stand(
    client: CheckedClient, town: Town, register: Register
) -> None:
    size = stored(register)
    event = signed("register", pack(2))
    event["event"]["body"] |= {"mass_g": -1, "made_on": "yesterday"}
    refusal = problem(post(client, town, told("register", pack(2), mass_g=-1, made_on="yesterday")), 422)
    assert {fault["pointer"] for fault in refusal["errors"]} == {"/body/mass_g", "/body/made_on"}
    assert all(fault["message"] and fault["message_zh"] for fault in refusal["errors"])
    assert stored(register) == size


def test_a_fault_in_a_signed_event_points_into_the_envelope(client: CheckedClient, town: Town) -> None:
    event = signed("register", pack(2), body={"mass_g": 1})
    pointers = {fault["pointer"] for fault in problem(post(client, town, event), 422)["errors"]}
    assert pointers
    assert all(pointer.startswith("/event/body/") for pointer in pointers)


@pytest.mark.parametrize(
    "member", ["org_id", "seq", "hash", "recorded_at", "status", "tier", "is_test", "index", "actor", "log", "v"]
)
def test_a_member_that_is_not_the_senders_to_set_is_refused(client: CheckedClient, town: Town, member: str) -> None:
    refusal = problem(post(client, town, told("register", pack(2)) | {member: "x"}), 422)
    assert [fault["pointer"] for fault in refusal["errors"]] == [f"/{member}"]


@pytest.mark.parametrize(
    ("envelope", "pointer"),
    [
        ({"event": {}, "jws": 1}, "/jws"),
        ({"event": []}, "/event"),
        ({"jws": "a..b"}, "/event"),
        ({"type": "register"}, "/occurred_at"),
        ({"type": 1, "occurred_at": "x"}, "/type"),
        ({"type": "register", "occurred_at": "x", "private": None}, "/private"),
        ([], ""),
        ("event", ""),
        (7, ""),
    ],
)
def test_an_envelope_of_the_wrong_form_is_told_what_is_wrong(
    client: CheckedClient, town: Town, envelope: object, pointer: str
) -> None:
    refusal = problem(post(client, town, envelope), 422)
    assert pointer in [fault["pointer"] for fault in refusal["errors"]]


def test_a_key_records_only_what_its_own_operator_signed(client: CheckedClient, town: Town, register: Register) -> None:
    size = stored(register)
    for operator in (LAB, AUTHORITY):
        refusal = problem(post(client, town, signed("register", pack(2)), operator), 403)
        assert [fault["pointer"] for fault in refusal["errors"]] == ["/event/actor"]
    assert stored(register) == size


def test_a_signature_over_something_else_is_refused(client: CheckedClient, town: Town, register: Register) -> None:
    size = stored(register)
    event = signed("register", pack(2))
    event["event"]["subjects"] = [pack(3)]
    problem(post(client, town, event), 403)
    assert stored(register) == size


def test_an_operator_without_the_role_may_not_record_it(client: CheckedClient, town: Town) -> None:
    refusal = problem(post(client, town, told("register", pack(2)), LAB), 403)
    assert [fault["code"] for fault in refusal["errors"]] == ["role"]


@pytest.mark.parametrize(
    "code",
    [
        "００１PE12ABCDEFGG2T0000002",
        "001PЕ12ABCDEFGG2T0000002",
        "001PE12ABCDEFGG2T0000002\n",
        "001PE12ABCDEFGG2T000000\u200b2",
        "001pe12abcdefgg2t0000002",
    ],
)
def test_a_code_that_only_looks_right_is_refused(client: CheckedClient, town: Town, code: str) -> None:
    problem(post(client, town, told("register", code)), 422)


def test_a_vehicle_is_committed_to_and_never_stored_in_the_entry(
    client: CheckedClient, town: Town, register: Register
) -> None:
    event = told("install", PACK) | {"private": {"vin": VIN}}
    del event["body"]["vin"]
    answer = post(client, town, event, MOTORS)
    assert answer.status_code == 201, answer.text
    assert VIN not in answer.text
    assert answer.get_json()["entry"]["event"]["body"]["vin_commitment"]


def test_an_entry_is_shown_whole_to_those_who_may_read_it_and_proven_to_everybody(
    client: CheckedClient, town: Town, register: Register
) -> None:
    index = post(client, town, signed("register", pack(2))).get_json()["index"]
    path = f"/v1/entries/{index}"
    for operator in (MAKER, BUREAU, AUTHORITY):
        whole = client.get(path, headers=town.bearer(operator))
        assert event_bytes(orjson.dumps(whole.get_json()["entry"], option=orjson.OPT_SORT_KEYS))
    for headers in ({}, town.bearer(LAB), town.bearer("record-only")):
        assert client.get(path, headers=headers).get_json().keys() == {"index", "leaf_hash", "proof"}


def test_an_entry_beyond_the_register_is_not_found(client: CheckedClient) -> None:
    for index in ("999", "9" * 18, "9" * 19, "9" * 30):
        problem(client.get(f"/v1/entries/{index}"), 404)


def test_a_partner_in_a_batterys_life_reads_the_others_entries(client: CheckedClient, town: Town) -> None:
    event = told("install", PACK) | {"private": {"vin": VIN}}
    del event["body"]["vin"]
    index = post(client, town, event, MOTORS).get_json()["index"]
    assert "entry" in client.get(f"/v1/entries/{index}", headers=town.bearer(MAKER)).get_json()
    assert "entry" not in client.get(f"/v1/entries/{index}", headers=town.bearer(LAB)).get_json()
