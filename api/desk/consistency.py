"""Consistency between any two sizes of the log that somebody types: the proof on a page, and as a file to keep."""

from typing import Any

import orjson
from flask import request
from flask.typing import ResponseReturnValue

from api.auth import AUDITOR
from api.desk.files import answer_file
from api.desk.opening import desk_routes, show
from api.desk.pack_filters import address
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from ledger.entry import format_hash
from ledger.strict import MAX_SIZE
from service.errors import Fault, RefusedError
from service.verification.between import Between, TreeAt, prove_between

routes = desk_routes("consistency desk")

PATH = "/desk/ledger/consistency"
JSON = "application/json"


@routes.get(PATH, Terms(AUDITOR, "Whether the log of one size begins with the log of another"))
def show_consistency() -> ResponseReturnValue:
    typed = {name: request.args.get(name, "")[:40].strip() for name in ("old", "new")}
    found, problem = None, None
    try:
        if any(typed.values()):
            found = _found(typed)
    except RefusedError as error:
        problem = problem_of(error)
    return show(
        "desk/consistency.html",
        problem=problem,
        kept={name: value for name, value in typed.items() if value},
        typed=typed,
        found=found,
        base64=format_hash,
        file=address(f"{PATH}.json", typed),
    )


@routes.get(f"{PATH}.json", Terms(AUDITOR, "The proofs between two sizes of the log, as a file"))
def export_consistency() -> ResponseReturnValue:
    found = _found({name: request.args.get(name, "")[:40].strip() for name in ("old", "new")})
    name = f"consistency-{found.old.size}-{found.new.size}.json"
    return answer_file(name, orjson.dumps(_members(found), option=orjson.OPT_INDENT_2), JSON)


def _found(typed: dict[str, str]) -> Between:
    """Raises RefusedError."""
    sizes = [_size(name, text) for name, text in typed.items()]
    return prove_between(current_register(), *sizes)


def _size(name: str, text: str) -> int:
    written = text.replace(",", "").replace(" ", "")
    if written.isascii() and written.isdigit() and len(written) < 20 and int(written) <= MAX_SIZE:
        return int(written)
    en, zh = "write a size as a whole number from 0 on", "条目总数应为从0开始的整数"
    raise RefusedError([Fault(f"/{name}", "size", en, zh)])


def _members(found: Between) -> dict[str, Any]:
    """The file: hashes in base64, proofs as in RFC 9162, 2.1.4."""
    return {
        "origin": found.origin,
        "consistent": found.is_consistent,
        "old": _tree(found.old),
        "new": _tree(found.new),
        "proof": [format_hash(each) for each in found.proof],
        "newest": _tree(found.newest),
        "proof_to_newest": [format_hash(each) for each in found.onward],
        "source": "RFC 9162, 2.1.4",
    }


def _tree(tree: TreeAt) -> dict[str, Any]:
    members: dict[str, Any] = {"size": tree.size, "root": format_hash(tree.root)}
    return members | ({"checkpoint": tree.note.decode()} if tree.note else {})
