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
from api.routes import Answer, Routes, Terms
from api.schemas.genealogy import GENEALOGY
from api.schemas.queries import GenealogyQuery
from ledger.entry import format_time
from service.db.lineage import StoredEdge
from service.domain.lineage import LOT
from service.domain.materials.lots import Lot
from service.genealogy import Direction, Genealogy, Node, trace
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


def genealogy_members(found: Genealogy, *, whole: bool) -> dict[str, object]:
    """The JSON object; without lots for those who do not see all."""
    nodes = [node for node in found.nodes if whole or not node.id.startswith(LOT)]
    links = [link for link in found.links if whole or not link.target.startswith(LOT)]
    return {
        "code": found.code,
        "direction": found.direction.value,
        "whole": whole,
        "complete": found.complete,
        "size": found.size,
        "checkpoint": found.checkpoint.decode(),
        "nodes": [_node_members(node) for node in nodes],
        "links": [_link_members(link) for link in links],
        "more": [{"id": each.node, "since": each.since} for each in found.more],
    }


def _node_members(node: Node) -> dict[str, object]:
    if node.lot is not None:
        return {"id": node.id, "kind": "lot", **_lot_members(node.lot)}
    state = node.state
    if state is None:
        scheme, _, number = node.id.partition(":")
        return {"id": node.id, "kind": scheme} | ({"index": int(number)} if scheme == "batch" else {})
    members: dict[str, object] = {"id": node.id, "level": state.level.value, "declared_in": node.listed}
    if node.run is not None:
        run = node.run
        return members | {"kind": "parts", "first": run.code(), "last": run.code(run.size - 1), "count": run.size}
    status = {"op_state": state.op_state.value, "life_status": state.life_status.value}
    return members | {"kind": "battery", "code": state.code, **status}


def _lot_members(lot: Lot) -> dict[str, object]:
    return {
        "operator": lot.operator,
        "material": lot.product.value,
        "lot": lot.number,
        "mass_g": lot.mass_g,
        "left_g": lot.left_g,
        "made_at": format_time(lot.made_at),
        "holds_mg": {element.value: amount for element, amount in lot.known_mg.items()},
        "holds_at_most_mg": {element.value: amount for element, amount in lot.at_most_mg.items()},
    }


def _link_members(link: StoredEdge) -> dict[str, object]:
    return {
        "from": link.source,
        "to": link.target,
        "link": link.link.value,
        "title": link.link.en,
        "title_zh": link.link.zh,
        "index": link.entry,
        "occurred_at": link.occurred_at,
    }


def _cached(response: Response, *, public: bool) -> Response:
    response.headers["Cache-Control"] = "public, max-age=60" if public else "private, no-cache"
    response.vary.add("Authorization")
    return json.with_etag(response)
