"""API keys of an operator's programs: made, listed, replaced, ended. The secret is shown once, when a key is made."""

from datetime import timedelta
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.api_keys import key_members
from api.auth import OWNER, present_registry, signed_in
from api.edge import current_edge, current_register
from api.json import JsonBody
from api.routes import Answer, Routes, Terms
from api.schemas.admin import API_KEY_REQUEST, API_KEY_ROTATION
from api.schemas.answers import API_KEYS, NEW_API_KEY
from service.errors import NotFoundError
from service.programs.keeping import MadeKey, NewKey, WhichKey, end_key, list_keys, make_key, rotate_key

routes = Routes("api_keys")


@routes.get(
    "/v1/operators/<operator>/api-keys",
    Terms(OWNER, "The API keys of an operator", answers=(Answer(200, "Oldest first", API_KEYS),), errors=(404,)),
)
def show_keys(operator: str) -> ResponseReturnValue:
    if operator not in present_registry().operators:
        raise NotFoundError("no such operator in this register")
    found = list_keys(current_register(), current_edge().limiter.counting, operator)
    return json.answer([key_members(*each) for each in found])


@routes.post(
    "/v1/operators/<operator>/api-keys",
    Terms(
        OWNER,
        "Make an API key",
        body=JsonBody(API_KEY_REQUEST),
        answers=(Answer(201, "The key; it is not shown again", NEW_API_KEY),),
        errors=(400, 404, 413, 415, 422, 503),
    ),
)
def add_key(operator: str, body: dict[str, Any]) -> ResponseReturnValue:
    wanted = NewKey(operator, body["scopes"], body["label"], timedelta(days=body["days"]))
    return _made(make_key(current_edge().recorder, wanted, by=signed_in().operator))


@routes.post(
    "/v1/operators/<operator>/api-keys/<key_id>/rotate",
    Terms(
        OWNER,
        "Make an API key in the place of another, which ends after a while",
        body=JsonBody(API_KEY_ROTATION),
        answers=(Answer(201, "The new key; it is not shown again", NEW_API_KEY),),
        errors=(400, 404, 409, 413, 415, 422, 503),
    ),
)
def replace_key(operator: str, key_id: str, body: dict[str, Any]) -> ResponseReturnValue:
    which, overlap = WhichKey(key_id, operator), timedelta(hours=body["overlap_hours"])
    return _made(rotate_key(current_edge().recorder, which, by=signed_in().operator, overlap=overlap))


@routes.delete(
    "/v1/operators/<operator>/api-keys/<key_id>",
    Terms(OWNER, "End an API key at once", answers=(Answer(204, "It is ended"),), errors=(404, 503)),
)
def remove_key(operator: str, key_id: str) -> ResponseReturnValue:
    end_key(current_edge().recorder, WhichKey(key_id, operator), by=signed_in().operator)
    return Response(status=204)


def _made(made: MadeKey) -> Response:
    return json.answer(key_members(made.row, None) | {"api_key": made.text}, 201)
