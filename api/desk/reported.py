"""Problems that people reported: the authority sees all and handles them, others those about their own batteries."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from api.auth import AUDITOR, READER, present_registry
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from service.errors import Fault, FaultyError, NotFoundError, RefusedError
from service.reported import photos
from service.reported.noting import MOST_OPEN, open_reports
from service.reported.reading import Report, find_all, find_open, find_own, find_report, handle

routes = desk_routes("reported desk")

PATH = "/desk/reported"
PAGE = 25
LONGEST_NOTE = 500
_BEFORE = fields.Integer(validate=validate.Range(0, 2**31 - 1))


@routes.get(PATH, Terms(READER, "Problems that people reported"))
def show_reports() -> ResponseReturnValue:
    return _page()


@routes.get(f"{PATH}/<reference>/photo", Terms(READER, "The photograph of a report"))
def show_photo(reference: str) -> ResponseReturnValue:
    register = current_register()
    with register.read() as reader:
        found = find_report(reader.connection, reference)
    if not (_sees_all() or found.concerns(person_caller().operator)):
        raise NotFoundError("there is no report with this reference")
    response = Response(photos.load(register.settings, register.vault, found.reference), content_type="image/jpeg")
    response.headers["Content-Disposition"] = f'inline; filename="{found.reference}.jpeg"'
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@routes.post(f"{PATH}/<reference>/handle", Terms(AUDITOR, "Say what was found about a report"))
def handle_report(reference: str) -> ResponseReturnValue:
    note = field("note", most=LONGEST_NOTE)
    try:
        if not 1 <= len(note) <= LONGEST_NOTE:
            raise RefusedError([_NO_NOTE])
        handle(current_register(), reference, by=person_caller().operator, note=note)
    except FaultyError as error:
        return _page(error=error)
    return go(PATH)


_NO_NOTE = Fault(
    "/note", "length", f"say what was found, in at most {LONGEST_NOTE} letters", f"请填写处理结果，至多{LONGEST_NOTE}字"
)


def _page(*, error: FaultyError | None = None) -> ResponseReturnValue:
    sees_all, whole = _sees_all(), request.args.get("all") == "1"
    found, waiting = _find(sees_all, whole)
    return show(
        "desk/reported.html",
        problem=None if error is None else problem_of(error),
        reports=found[:PAGE],
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        sees_all=sees_all,
        whole=whole or not sees_all,
        waiting=waiting,
        uncounted=waiting == MOST_OPEN,
        most=LONGEST_NOTE,
        operators=present_registry().operators,
    )


def _find(sees_all: bool, whole: bool) -> tuple[list[Report], int]:
    """A page, and one more; and how many reports of all wait, counted up to MOST_OPEN."""
    given = request.args.get("before")
    before = None if given is None else _BEFORE.deserialize(given)
    with current_register().read() as reader:
        connection = reader.connection
        if not sees_all:
            return find_own(connection, person_caller().operator, before=before, limit=PAGE + 1), 0
        waiting = open_reports(connection, MOST_OPEN)
        find = find_all if whole else find_open
        return find(connection, before=before, limit=PAGE + 1), waiting


def _sees_all() -> bool:
    return bool(AUDITOR.roles & present_registry().roles_of(person_caller().operator))
