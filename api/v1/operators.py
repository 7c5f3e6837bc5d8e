"""Operators and their signing keys. Each change is an entry that the authority signs; its receipt is the answer."""

from base64 import b64encode
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import AUTHORITY, OWNER, READER, present_registry
from api.edge import current_edge
from api.json import JsonBody, ObjectBody
from api.problems import answer_problem, moved, problem_of
from api.receipts import receipt_members
from api.routes import Answer, Routes, Terms
from api.schemas.admin import DISPUTE, NEW_KEY, REVOCATION, ROTATION, RULING
from api.schemas.answers import OPERATOR, OPERATORS, RECEIPT
from ledger.signing.keyring import Key, KeyRing
from service.domain.events import body_mapping
from service.domain.words import Standing
from service.errors import FaultyError, NotFoundError
from service.operators import (
    dispute_key,
    enrol_operator,
    make_custodial_key,
    register_own_key,
    revoke_key,
    rotate_custodial_key,
)
from service.recording.recorder import Recorded
from service.recording.registry import Operator, Registry
from service.standing import Ruling, ruling_members, set_standing

routes = Routes("operators")

_REFUSALS = (400, 404, 409, 413, 415, 422, 503)
_RECEIPT = (Answer(201, "Recorded", RECEIPT, headers={"Location": "The operator"}),)


@routes.get("/v1/operators", Terms(READER, "All operators", answers=(Answer(200, "By id", OPERATORS),)))
def list_operators() -> ResponseReturnValue:
    registry = present_registry()
    members = [_members(registry, registry.operators[id_]) for id_ in sorted(registry.operators)]
    return json.with_etag(json.answer(members))


@routes.get(
    "/v1/operators/<operator>",
    Terms(READER, "One operator with its keys", answers=(Answer(200, "As enrolled", OPERATOR),), errors=(404,)),
)
def show_operator(operator: str) -> ResponseReturnValue:
    registry = present_registry()
    return json.with_etag(json.answer(_members(registry, _enrolled(registry, operator))))


@routes.post(
    "/v1/operators",
    Terms(
        AUTHORITY,
        "Enrol an operator, or renew its enrolment",
        body=ObjectBody({"$ref": "#/components/schemas/EnrolOperatorBody"}),
        answers=_RECEIPT,
        errors=_REFUSALS,
    ),
)
def enrol(body: dict[str, Any]) -> ResponseReturnValue:
    try:
        recorded = enrol_operator(current_edge().recorder, body)
    except FaultyError as error:
        return answer_problem(moved(problem_of(error), lambda pointer: pointer.removeprefix("/body")))
    return _recorded(recorded, body["operator_id"])


@routes.post(
    "/v1/operators/<operator>/keys",
    Terms(OWNER, "Register a signing key", body=JsonBody(NEW_KEY), answers=_RECEIPT, errors=_REFUSALS),
)
def add_key(operator: str, body: dict[str, Any]) -> ResponseReturnValue:
    _enrolled(present_registry(), operator)
    recorder = current_edge().recorder
    if body["custody"] == "service":
        return _recorded(make_custodial_key(recorder, operator), operator)
    kid = f"{operator}/{body['name']}"
    return _recorded(register_own_key(recorder, kid, body["public_key"], alg=body["alg"]), operator)


@routes.post(
    "/v1/operators/<operator>/keys/<key>/revoke",
    Terms(OWNER, "End a signing key", body=JsonBody(REVOCATION), answers=_RECEIPT, errors=_REFUSALS),
)
def end_key(operator: str, key: str, body: dict[str, Any]) -> ResponseReturnValue:
    return _recorded(revoke_key(current_edge().recorder, _known(operator, key), body["reason"]), operator)


@routes.post(
    "/v1/operators/<operator>/keys/<key>/rotate",
    Terms(
        OWNER,
        "Replace a signing key that the service holds by a new one",
        body=JsonBody(ROTATION),
        answers=_RECEIPT,
        errors=_REFUSALS,
    ),
)
def rotate_key(operator: str, key: str, body: dict[str, Any]) -> ResponseReturnValue:
    return _recorded(rotate_custodial_key(current_edge().recorder, _known(operator, key)), operator)


@routes.post(
    "/v1/operators/<operator>/keys/<key>/dispute",
    Terms(
        OWNER, "Mark entries signed with a key as in doubt", body=JsonBody(DISPUTE), answers=_RECEIPT, errors=_REFUSALS
    ),
)
def dispute(operator: str, key: str, body: dict[str, Any]) -> ResponseReturnValue:
    kid = _known(operator, key)
    recorded = dispute_key(current_edge().recorder, kid, body["reason"], start=body["start"], end=body.get("end"))
    return _recorded(recorded, operator)


@routes.post(
    "/v1/operators/<operator>/standing",
    Terms(
        AUTHORITY,
        "Suspend, end or reinstate an operator",
        body=JsonBody(RULING),
        answers=_RECEIPT,
        errors=_REFUSALS,
    ),
)
def rule(operator: str, body: dict[str, Any]) -> ResponseReturnValue:
    _enrolled(present_registry(), operator)
    ruling = Ruling(operator, Standing(body["standing"]), body["reason"], body["since"])
    try:
        recorded = set_standing(current_edge().recorder, ruling)
    except FaultyError as error:
        return answer_problem(moved(problem_of(error), lambda pointer: pointer.removeprefix("/body")))
    return _recorded(recorded, operator)


def _known(operator: str, key: str) -> str:
    kid = f"{operator}/{key}"
    if kid not in present_registry().keys:
        raise NotFoundError("no such key in this register")
    return kid


def _enrolled(registry: Registry, operator: str) -> Operator:
    found = registry.operators.get(operator)
    if found is None:
        raise NotFoundError("no such operator in this register")
    return found


def _members(registry: Registry, operator: Operator) -> dict[str, object]:
    keys = [key for key in registry.keys.values() if key.header.operator == operator.id]
    ruling = registry.standings.get(operator.id)
    standing = {} if ruling is None else {"standing": ruling_members(ruling)}
    return body_mapping(operator.enrolment) | standing | {"keys": [_key_members(key, registry.ring) for key in keys]}


def _key_members(key: Key, ring: KeyRing) -> dict[str, object]:
    doubts = [each for each in ring.disputes if each.kid == key.header.kid]
    return {
        "kid": key.header.kid,
        "alg": key.header.alg,
        "custody": "service" if key.header.custodial else "own",
        "public_key": b64encode(key.public_key).decode(),
        "since": key.since,
        "until": key.until,
        "disputed": [{"from": each.start, "to": each.end, "reason": each.reason} for each in doubts],
    }


def _recorded(recorded: Recorded, operator: str) -> Response:
    response = json.answer(receipt_members(recorded), 201)
    response.headers["Location"] = f"/v1/operators/{operator}"
    return response
