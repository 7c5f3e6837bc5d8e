"""The genealogy of a battery: where it is now, what became of its matter, what it was made of.

Everybody sees how batteries follow from each other. Batches and what came out of them are for those who see the whole
history.
"""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC, present_caller, present_registry
from api.disclosing import note_batteries
from api.edge import current_register
from api.genealogy import genealogy_members
from api.routes import Answer, Routes, Terms
from api.schemas.genealogy import GENEALOGY
from api.schemas.queries import GenealogyQuery
from service.genealogy import Direction, trace
from service.history import battery_history, may_read_all
from service.lookup import resolve_battery

routes = Routes("genealogy")


@routes.get(
    "/v1/batteries/<battery:identifier>/genealogy",
    Terms(
        PUBLIC,
        "Where it is, what became of it, what it was made of",
        query=GenealogyQuery(),
        answers=(Answer(200, "Nodes, the battery first, and links between them", GENEALOGY),),
        errors=(404, 422),
    ),
)
def show_genealogy(identifier: str, query: dict[str, Any]) -> ResponseReturnValue:
    register, caller = current_register(), present_caller()
    code = resolve_battery(register, identifier)
    whole = caller is not None and may_read_all(caller, battery_history(register, code), present_registry())
    if whole:
        note_batteries([code], "genealogy")
    found = trace(register, code, Direction(query["direction"]), depth=query["depth"], since=query["since"])
    response = json.answer(genealogy_members(found, whole=whole))
    return _cached(response, public=caller is None)


def _cached(response: Response, *, public: bool) -> Response:
    response.headers["Cache-Control"] = "public, max-age=60" if public else "private, no-cache"
    response.vary.add("Authorization")
    return json.with_etag(response)
