"""Erasing restricted values of a battery: value and salt are destroyed, the entry that says so is the answer.

The authority erases any, another operator those that it told itself, both with the key that the service holds for
them. An operator that signs for itself records an event `erase_values` instead.
"""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import MANAGER, signed_in
from api.edge import current_edge
from api.json import JsonBody
from api.receipts import entry_path, receipt_members
from api.routes import Answer, Routes, Terms
from api.schemas.erasure import ERASED, ERASURE
from service.lookup import resolve_battery
from service.private.erasing import Wish, erase_values

routes = Routes("erasures")


@routes.post(
    "/v1/batteries/<battery:identifier>/erasures",
    Terms(
        MANAGER,
        "Erase restricted values",
        body=JsonBody(ERASURE),
        answers=(Answer(201, "What was erased, and the entries that say so", ERASED),),
        errors=(400, 404, 409, 413, 415, 422, 503),
    ),
)
def erase(identifier: str, body: dict[str, Any]) -> ResponseReturnValue:
    edge = current_edge()
    code = resolve_battery(edge.register, identifier)
    wish = Wish(body["basis"], body["reason"], frozenset(body["names"]))
    erased = erase_values(edge.recorder, code, wish, operator=signed_in().operator)
    members = {
        "code": code,
        "erased": erased.count,
        "title": "values erased",
        "title_zh": "已依法删除",
        "entries": [receipt_members(each) for each in erased.entries],
    }
    response: Response = json.answer(members, 201)
    response.headers["Location"] = entry_path(erased.entries[0].index)
    return response
