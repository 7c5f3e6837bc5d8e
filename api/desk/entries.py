"""One entry of the log for the authority: what it says, its bytes, what it is chained to, and its proof."""

from typing import Any

import orjson
from flask.typing import ResponseReturnValue

from api.auth import AUDITOR, present_registry
from api.desk.opening import desk_routes, show
from api.disclosing import note_batteries
from api.edge import current_register
from api.routes import Terms
from ledger.entry import format_hash
from ledger.strict import MAX_SIZE
from service.domain.events import KINDS
from service.domain.titles import TITLES
from service.errors import NotFoundError
from service.explorer import read_leaf

routes = desk_routes("entries desk")


@routes.get("/desk/entries/<int:index>", Terms(AUDITOR, "One entry, down to its bytes and its proof"))
def show_entry(index: int) -> ResponseReturnValue:
    if index >= MAX_SIZE:
        raise NotFoundError(f"there is no entry {index}")
    leaf = read_leaf(current_register(), index)
    event = leaf.entry.event
    note_batteries(event.subjects, "entry")
    return show(
        "desk/entry.html",
        leaf=leaf,
        index=index,
        event=event,
        kind=KINDS.get(event.type),
        members=[(name, TITLES.get(name), _text(value)) for name, value in event.body.items()],
        raw=leaf.proven.entry.decode(),
        actor=present_registry().operators.get(event.actor),
        base64=format_hash,
    )


def _text(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
