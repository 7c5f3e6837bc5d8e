"""The access log for people: who read the organisation's restricted data; for auditors all readings."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import READER, present_registry
from api.desk.opening import desk_routes, person_caller, show
from api.edge import current_register
from api.routes import Terms
from ledger.entry import parse_time
from service.disclosure.chain import find_break
from service.disclosure.listing import ReadingPage, ReadingQuery, list_readings

routes = desk_routes("access")


@routes.get("/desk/access", Terms(READER, "Who read restricted data"))
def show_access() -> ResponseReturnValue:
    registry = present_registry()
    operator = person_caller().operator
    owner = None if registry.is_supervisor(operator) else operator
    subject = request.args.get("subject", "").strip()[:64] or None
    page = list_readings(current_register(), ReadingQuery(owner, subject, request.args.get("before")))
    return show(
        "desk/access.html",
        owner=owner,
        subject=subject or "",
        readings=[_told(each) for each in page.readings],
        page=page,
        is_unbroken=owner is None or _is_unbroken(page, subject),
        names={id_: each.enrolment for id_, each in registry.operators.items()},
    )


def _told(reading: Any) -> dict[str, Any]:
    return {**reading, "at": parse_time(reading["at"]), "shown_at": parse_time(reading["shown_at"])}


def _is_unbroken(page: ReadingPage, subject: str | None) -> bool:
    """Whether the readings on the page follow on each other; those of one subject stand apart, and are not asked."""
    return subject is not None or find_break(page.readings[::-1]) is None
