"""The genealogy of a battery as JSON: nodes, and links between them. For the interface and the command line."""

from ledger.entry import format_time
from service.db.lineage import StoredEdge
from service.domain.lineage import LOT
from service.domain.materials.lots import Lot
from service.genealogy import Genealogy, Node


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
