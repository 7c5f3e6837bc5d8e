"""Printing labels: a file of them, and an entry for each print; and the log of what was printed.

An operator that signs for itself records its prints as events `print_label`, and draws with `dry_run`.
"""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import READER, RECORDER, signed_in
from api.edge import current_register
from api.json import JsonBody
from api.labelling import CONTENT_TYPES
from api.printing import Order, print_labels
from api.routes import Answer, Routes, Terms
from api.schemas.labels import PRINT, PRINT_LOG, PrintLogQuery
from ledger.entry import format_time
from service.labelling import Line, print_log

routes = Routes("labels")

ENTRIES = "PackTrail-Entries"
_FILE = {"type": "string", "format": "binary"}
_KINDS = tuple(content.partition(";")[0] for content in CONTENT_TYPES.values())


@routes.post(
    "/v1/labels",
    Terms(
        RECORDER,
        "Print labels: the file, and an entry for each 64 batteries",
        body=JsonBody(PRINT),
        answers=(
            *(Answer(201, "The file", _FILE, kind, headers={ENTRIES: "That record it"}) for kind in _KINDS),
            *(Answer(200, "The file, of which nothing is recorded", _FILE, kind) for kind in _KINDS),
        ),
        errors=(400, 404, 409, 413, 415, 422, 503),
    ),
)
def add_print(body: dict[str, Any]) -> ResponseReturnValue:
    made = print_labels(Order.of(body), operator=signed_in().operator)
    response = Response(made.data, 201 if made.entries else 200, content_type=made.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Cache-Control"] = "private, no-store"
    if made.entries:
        response.headers[ENTRIES] = ",".join(map(str, made.entries))
    return response


@routes.get(
    "/v1/labels",
    Terms(
        READER,
        "The log of the caller's prints, newest first",
        query=PrintLogQuery(),
        answers=(Answer(200, "A page", PRINT_LOG),),
        errors=(422,),
    ),
)
def show_prints(query: dict[str, Any]) -> ResponseReturnValue:
    page = print_log(current_register(), signed_in().operator, before=query["before"])
    following = f"/v1/labels?before={page.older}" if page.older else None
    response = json.answer({"prints": [_members(line) for line in page.lines], "next": following})
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _members(line: Line) -> dict[str, Any]:
    return {
        "index": line.index,
        "id": line.id,
        "type": line.kind,
        "occurred_at": format_time(line.occurred_at),
        "batteries": list(line.codes),
        "body": line.body,
    }
