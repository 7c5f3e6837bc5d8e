"""Operators, their signing keys, their API keys, and models."""

from base64 import b64encode

import pytest

from ledger.signing.jws import Ed25519EventSigner, parse_jws
from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import AUTHORITY, LAB, MAKER, QUIET, Town, makers_signer, pack, signed, told
from tests.service.domain.story import PACK_MODEL

NEW = {"operator_id": "cq-new", "name": "新经营者", "roles": ["workshop"], "region": "500112"}
PUBLIC_KEY = b64encode(Ed25519EventSigner("cq-quiet/a", b"q" * 32).public_key).decode()


def stored(register: Register) -> int:
    with register.read() as reader:
        return reader.size()


def test_the_authority_enrols_an_operator_who_is_then_listed(client: CheckedClient, town: Town) -> None:
    answer = client.post("/v1/operators", json=NEW, headers=town.bearer(AUTHORITY))
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/operators/cq-new"
    assert answer.get_json()["entry"]["event"]["actor"] == AUTHORITY
    shown = client.get("/v1/operators/cq-new", headers=town.bearer(LAB)).get_json()
    assert shown == NEW | {"keys": []}
    listed = client.get("/v1/operators", headers=town.bearer(LAB)).get_json()
    assert [each["operator_id"] for each in listed] == sorted([each["operator_id"] for each in listed])
    assert shown in listed


def test_a_wrong_enrolment_is_told_all_that_is_wrong(client: CheckedClient, town: Town, register: Register) -> None:
    size = stored(register)
    wrong = NEW | {"roles": ["king"], "region": "999999", "tier": 1}
    refusal = problem(client.post("/v1/operators", json=wrong, headers=town.bearer(AUTHORITY)), 422)
    assert {fault["pointer"] for fault in refusal["errors"]} == {"/roles/0", "/region", "/tier"}
    assert stored(register) == size


def test_only_the_authority_enrols_and_nobody_promotes_himself(client: CheckedClient, town: Town) -> None:
    promotion = {"operator_id": MAKER, "name": "x", "roles": ["authority"], "region": "500112"}
    problem(client.post("/v1/operators", json=promotion, headers=town.bearer(MAKER)), 403)
    refusal = problem(client.post("/v1/events", json=told("enrol_operator"), headers=town.bearer(MAKER)), 403)
    assert [fault["code"] for fault in refusal["errors"]] == ["role"]


def test_an_operator_registers_its_own_key_and_ends_it(client: CheckedClient, town: Town) -> None:
    headers, path = town.bearer(QUIET), f"/v1/operators/{QUIET}"
    key = {"name": "a", "public_key": PUBLIC_KEY}
    assert client.post(f"{path}/keys", json=key, headers=headers).status_code == 201
    [shown] = client.get(path, headers=headers).get_json()["keys"]
    assert (shown["kid"], shown["custody"], shown["public_key"]) == (f"{QUIET}/a", "own", PUBLIC_KEY)
    problem(client.post(f"{path}/keys", json=key, headers=headers), 409)
    assert client.post(f"{path}/keys/a/revoke", json={"reason": "lost"}, headers=headers).status_code == 201
    problem(client.post(f"{path}/keys/a/revoke", json={"reason": "lost"}, headers=headers), 409)
    [ended] = client.get(path, headers=headers).get_json()["keys"]
    assert isinstance(ended["until"], int)


def test_the_service_makes_and_holds_a_key_for_who_wants_it(client: CheckedClient, town: Town) -> None:
    path = f"/v1/operators/{QUIET}/keys"
    assert client.post(path, json={"custody": "service"}, headers=town.bearer(AUTHORITY)).status_code == 201
    answer = client.post("/v1/events", json=told("recycle", pack(2)), headers=town.bearer(QUIET))
    assert problem(answer, 422)["errors"][0]["code"] == "subject-unknown"


def test_a_revoked_key_signs_nothing_more(client: CheckedClient, town: Town) -> None:
    path = f"/v1/operators/{MAKER}/keys/own/revoke"
    assert client.post(path, json={"reason": "drill"}, headers=town.bearer(MAKER)).status_code == 201
    assert makers_signer().header.kid == f"{MAKER}/own"
    problem(client.post("/v1/events", json=signed("register", pack(2)), headers=town.bearer(MAKER)), 403)


@pytest.mark.parametrize(
    "key",
    [
        {},
        {"name": "a"},
        {"public_key": PUBLIC_KEY},
        {"name": "A", "public_key": PUBLIC_KEY},
        {"name": "a\n", "public_key": PUBLIC_KEY},
        {"name": "a", "public_key": "x"},
        {"name": "a", "public_key": b64encode(bytes(32)).decode()},
        {"name": "a", "public_key": b64encode(b"short").decode()},
        {"name": "a", "public_key": PUBLIC_KEY, "alg": "none"},
        {"name": "a", "public_key": PUBLIC_KEY, "alg": "HS256"},
        {"name": "a", "public_key": PUBLIC_KEY, "custody": "service"},
        {"name": "a", "public_key": PUBLIC_KEY, "custody": "mine"},
        {"name": "a", "public_key": PUBLIC_KEY, "kid": "cq-city/own"},
    ],
)
def test_a_key_that_is_none_is_not_registered(
    client: CheckedClient, town: Town, register: Register, key: dict[str, str]
) -> None:
    size = stored(register)
    problem(client.post(f"/v1/operators/{QUIET}/keys", json=key, headers=town.bearer(QUIET)), 422)
    assert stored(register) == size


def test_nobody_manages_the_keys_of_another(client: CheckedClient, town: Town, register: Register) -> None:
    size, headers = stored(register), town.bearer(LAB)
    path = f"/v1/operators/{MAKER}"
    problem(client.post(f"{path}/keys", json={"custody": "service"}, headers=headers), 403)
    problem(client.post(f"{path}/keys/own/revoke", json={"reason": "x"}, headers=headers), 403)
    problem(client.post(f"{path}/api-keys", json={}, headers=headers), 403)
    problem(client.get(f"{path}/api-keys", headers=headers), 403)
    problem(client.post(f"{path}/keys", json={"custody": "service"}, headers=town.bearer("record-only")), 403)
    assert stored(register) == size


def test_an_unknown_operator_has_no_keys(client: CheckedClient, town: Town, register: Register) -> None:
    size, headers, path = stored(register), town.bearer(AUTHORITY), "/v1/operators/nobody"
    problem(client.get(path, headers=headers), 404)
    problem(client.post(f"{path}/keys", json={"custody": "service"}, headers=headers), 404)
    problem(client.post(f"{path}/keys/a/revoke", json={"reason": "x"}, headers=headers), 404)
    problem(client.post(f"{path}/api-keys", json={}, headers=headers), 404)
    assert stored(register) == size


def test_an_api_key_is_shown_once_works_and_ends(client: CheckedClient, town: Town) -> None:
    path, headers = f"/v1/operators/{LAB}/api-keys", town.bearer(LAB)
    wish = {"label": "bench 3", "scopes": ["read"], "days": 30}
    made = client.post(path, json=wish, headers=headers)
    assert made.status_code == 201
    key, id_ = made.get_json()["api_key"], made.get_json()["id"]
    listed = client.get(path, headers=headers)
    assert [(each["label"], each["scopes"]) for each in listed.get_json()][-1] == ("bench 3", ["read"])
    assert key.split("_", 2)[2] not in listed.text
    mine = {"Authorization": f"Bearer {key}"}
    assert client.get("/v1/operators", headers=mine).status_code == 200
    problem(client.post(path, json={}, headers=mine), 403)
    assert client.delete(f"{path}/{id_}", headers=headers).status_code == 204
    problem(client.get("/v1/operators", headers=mine), 401)
    problem(client.delete(f"{path}/{id_}", headers=headers), 404)


def test_nobody_ends_the_api_key_of_another_by_its_id(client: CheckedClient, town: Town) -> None:
    foreign = town.keys[MAKER].split("_")[1]
    problem(client.delete(f"/v1/operators/{LAB}/api-keys/{foreign}", headers=town.bearer(LAB)), 404)
    assert client.get("/v1/operators", headers=town.bearer(MAKER)).status_code == 200


@pytest.mark.parametrize(
    "wish",
    [
        {"scopes": []},
        {"scopes": ["root"]},
        {"days": 0},
        {"days": 10**9},
        {"days": "30"},
        {"label": "x" * 101},
        {"id": "a"},
    ],
)
def test_an_api_key_that_nobody_should_have_is_not_made(client: CheckedClient, town: Town, wish: object) -> None:
    problem(client.post(f"/v1/operators/{LAB}/api-keys", json=wish, headers=town.bearer(LAB)), 422)


def test_models_are_shown_as_they_were_published(client: CheckedClient, town: Town) -> None:
    shown = client.get("/v1/models/CQ-150").get_json()
    assert shown == {"model_id": "CQ-150", "maker": MAKER, "body": PACK_MODEL}
    assert client.get("/v1/models", headers=town.bearer(LAB)).get_json() == [shown]
    problem(client.get("/v1/models/none"), 404)


def test_a_key_held_by_the_service_is_rotated_and_signs_on(client: CheckedClient, town: Town) -> None:
    headers, path = town.bearer(QUIET), f"/v1/operators/{QUIET}"
    assert client.post(f"{path}/keys", json={"custody": "service"}, headers=headers).status_code == 201
    [held] = [key for key in client.get(path, headers=headers).get_json()["keys"] if key["custody"] == "service"]
    name = held["kid"].partition("/")[2]
    answer = client.post(f"{path}/keys/{name}/rotate", json={}, headers=headers)
    assert answer.status_code == 201
    entry = answer.get_json()["entry"]["event"]
    assert (entry["type"], entry["actor"], entry["body"]["replaces"]) == ("rotate_key", QUIET, held["kid"])
    keys = {key["kid"]: key["until"] for key in client.get(path, headers=headers).get_json()["keys"]}
    assert keys[held["kid"]] == answer.get_json()["index"] and keys[entry["body"]["kid"]] is None
    problem(client.post(f"{path}/keys/{name}/rotate", json={}, headers=headers), 409)
    problem(client.post(f"{path}/keys/unknown/rotate", json={}, headers=headers), 404)
    problem(client.post(f"{path}/keys/{name}/rotate", json={}, headers=town.bearer(MAKER)), 403)


def test_what_a_stolen_key_signed_is_marked_wherever_it_is_read(client: CheckedClient, town: Town) -> None:
    """By its operator, who still is who it is though the key is not only its own."""
    headers, code = town.bearer(MAKER), pack(1)
    steps = client.get(f"/v1/batteries/{code}/history", headers=headers).get_json()["steps"]
    assert not any(step["disputed"] for step in steps)
    kid = parse_jws(steps[0]["entry"]["jws"]).header.kid
    name = kid.partition("/")[2]
    path = f"/v1/operators/{MAKER}/keys/{name}/dispute"
    index = steps[0]["index"]
    said = {"from": index, "to": index + 1, "reason": "the laptop was stolen"}
    assert client.post(path, json=said, headers=headers).status_code == 201
    steps = client.get(f"/v1/batteries/{code}/history", headers=headers).get_json()["steps"]
    assert [step["disputed"] for step in steps] == [True] + [False] * (len(steps) - 1)
    [shown] = [
        key for key in client.get(f"/v1/operators/{MAKER}", headers=headers).get_json()["keys"] if key["kid"] == kid
    ]
    assert shown["disputed"] == [said] and shown["until"] is None
    page = client.get(f"/b/{code}?lang=en", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert page.count("Disputed.") == 1
    problem(client.post(path, json=said | {"to": 10**9}, headers=headers), 409)
    problem(client.post(path, json=said | {"from": -1}, headers=headers), 422)


def test_nobody_sends_what_only_the_register_records(client: CheckedClient, town: Town) -> None:
    for kind in ("announce_log_keys", "new_epoch", "commit_map"):
        event = told("retire", pack(1)) | {"type": kind, "subjects": [], "body": {}}
        refusal = problem(client.post("/v1/events", json=event, headers=town.bearer(AUTHORITY)), 422)
        assert [fault["code"] for fault in refusal["errors"]] == ["kind"]


def test_the_authority_suspends_an_operator_whose_keys_and_events_are_then_refused(
    client: CheckedClient, town: Town, register: Register
) -> None:
    path, why = f"/v1/operators/{MAKER}/standing", "its licence is being looked at"
    ruling = {"standing": "suspended", "reason": why, "since": "2026-02-01"}
    for who in (MAKER, LAB):
        problem(client.post(path, json=ruling, headers=town.bearer(who)), 403)
    assert client.get("/v1/operators", headers=town.bearer(MAKER)).status_code == 200
    assert client.post(path, json=ruling, headers=town.bearer(AUTHORITY)).status_code == 201
    size = stored(register)
    for answer in (
        client.get("/v1/operators", headers=town.bearer(MAKER)),
        client.post("/v1/events", json=told("register", pack(2)), headers=town.bearer(MAKER)),
        client.post("/v1/events", json=signed("register", pack(2)), headers=town.bearer("read-only")),
        client.get(f"/v1/operators/{MAKER}/api-keys", headers=town.bearer(MAKER) | {"Accept-Language": "zh"}),
    ):
        [fault] = problem(answer, 403)["errors"]
        assert fault["code"] == "operator-suspended" and why in fault["message"] and "已暂停" in fault["message_zh"]
    assert "已暂停" in answer.get_json()["detail"]
    assert stored(register) == size
    shown = client.get(f"/v1/operators/{MAKER}", headers=town.bearer(LAB)).get_json()
    assert shown["standing"] == ruling
    problem(client.post(path, json=ruling, headers=town.bearer(AUTHORITY)), 409)
    for wrong in ({"standing": "gone"}, {"reason": ""}, {"since": "2126-01-01"}):
        problem(client.post(path, json=ruling | wrong, headers=town.bearer(AUTHORITY)), 422)
    problem(client.post("/v1/operators/nobody/standing", json=ruling, headers=town.bearer(AUTHORITY)), 404)
    back = {"standing": "active", "reason": "renewed"}
    assert client.post(path, json=back, headers=town.bearer(AUTHORITY)).status_code == 201
    assert client.get("/v1/operators", headers=town.bearer(MAKER)).status_code == 200
