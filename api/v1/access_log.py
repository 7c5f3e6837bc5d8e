"""The access log: an operator sees who read its restricted data, the regulator and the authority see all readings."""

from typing import Any
from urllib.parse import urlencode

from flask.typing import ResponseReturnValue

from api import json
from api.auth import AUDITOR, READER, present_registry, signed_in
from api.edge import current_register
from api.routes import Answer, Routes, Terms
from api.schemas.access_log import READINGS, ReadingsQuery
from service.disclosure.listing import ReadingPage, ReadingQuery, list_readings

routes = Routes("access log")

PATH = "/v1/access-log"


@routes.get(
    PATH,
    Terms(
        READER,
        "Who read restricted data: the caller's own data, for auditors all",
        query=ReadingsQuery(),
        answers=(Answer(200, "Up to 100 readings, newest first", READINGS),),
        errors=(422, 503),
    ),
)
def show_readings(query: dict[str, Any]) -> ResponseReturnValue:
    caller = signed_in().operator
    owner = None if AUDITOR.roles & present_registry().roles_of(caller) else caller
    page = list_readings(current_register(), ReadingQuery(owner, query["subject"], query["before"]))
    response = json.answer(page_members(page, owner) | {"next": _next(page, query["subject"])})
    response.headers["Cache-Control"] = "private, no-store"
    return response


def page_members(page: ReadingPage, owner: str | None) -> dict[str, Any]:
    """A page as JSON. owner: whose it is, None: everybody's."""
    return {"owner": owner, "readings": list(page.readings), "seq": page.seq, "chain": page.chain, "next": page.next}


def _next(page: ReadingPage, subject: str | None) -> str | None:
    if page.next is None:
        return None
    return f"{PATH}?{urlencode({'before': page.next} | ({'subject': subject} if subject else {}))}"
