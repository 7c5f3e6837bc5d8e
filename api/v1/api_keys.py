"""API keys of an operator's programs: made, listed, ended. The secret is shown once, when it is made."""

from datetime import timedelta
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import OWNER, present_registry
from api.edge import current_edge, current_register
from api.json import JsonBody
from api.routes import Answer, Routes, Terms
from api.schemas.admin import API_KEY_REQUEST
from api.schemas.answers import API_KEYS, NEW_API_KEY
from service.access import KeyRow, list_api_keys, make_api_key, revoke_api_key
from service.errors import NotFoundError

routes = Routes("api_keys")


@routes.get(
    "/v1/operators/<operator>/api-keys",
    Terms(OWNER, "The API keys of an operator", answers=(Answer(200, "Oldest first", API_KEYS),), errors=(404,)),
)
def list_keys(operator: str) -> ResponseReturnValue:
    _check_enrolled(operator)
    with current_register().read() as reader:
        rows = list_api_keys(reader.connection, operator)
    return json.answer([_members(row) for row in rows])


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
def make_key(operator: str, body: dict[str, Any]) -> ResponseReturnValue:
    _check_enrolled(operator)
    register = current_register()
    with register.write_beside() as connection:
        key = make_api_key(
            connection,
            operator,
            now=register.clock(),
            scopes=body["scopes"],
            label=body["label"],
            life=timedelta(days=body["days"]),
        )
        id_ = key.split("_")[1]
        row = next(row for row in list_api_keys(connection, operator) if row.id == id_)
    return json.answer(_members(row) | {"api_key": key}, 201)


@routes.delete(
    "/v1/operators/<operator>/api-keys/<key_id>",
    Terms(OWNER, "End an API key at once", answers=(Answer(204, "It is ended"),), errors=(404, 503)),
)
def end_key(operator: str, key_id: str) -> ResponseReturnValue:
    register = current_register()
    with register.write_beside() as connection:
        if key_id not in {row.id for row in list_api_keys(connection, operator)}:
            raise NotFoundError("no such API key")
        revoke_api_key(connection, key_id, now=register.clock())
    current_edge().known_keys.forget()
    return Response(status=204)


def _check_enrolled(operator: str) -> None:
    if operator not in present_registry().operators:
        raise NotFoundError("no such operator in this register")


def _members(row: KeyRow) -> dict[str, object]:
    return {
        "id": row.id,
        "operator": row.operator,
        "label": row.label,
        "scopes": list(row.scopes),
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
    }
