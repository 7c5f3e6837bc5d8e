"""What the authority has to look into: late duties, missing batteries, copied labels, recycling below its target.

Each list is read a page at a time, and as a file of at most MAX_ROWS rows, whose end mark says where the next begins.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Response, request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from api.auth import AUDITOR, present_registry
from api.copies import alert_members
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.duties import case_members, missing_members
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from api.schemas.duties import After, AfterMissing, format_place
from service.domain.materials.batch import Family
from service.domain.recovery.verdicts import Outcome
from service.domain.rules_use import date_in_china
from service.duties import LateQuery, find_late, find_missing
from service.errors import ConflictError, Fault, FaultyError, NotFoundError, RefusedError
from service.exports.stamp import Cells, stamp_of
from service.exports.writing import write_csv
from service.recovery import read_recovery, usual_period
from service.scans.alerts import close_alert, find_alerts
from service.work import Register

routes = desk_routes("cases desk")

PATH = "/desk/cases"
PAGE, ROWS_AT_ONCE, MAX_ROWS = 25, 500, 10_000
LONGEST_NOTE = 500
_LATE: fields.Field[Any] = After()
_MISSING: fields.Field[Any] = AfterMissing()
LAST_ALERT = 2**31 - 1
"""The greatest id that the database can give."""
_ALERT = fields.Integer(validate=validate.Range(0, LAST_ALERT))


class Found(NamedTuple):
    """A page of a list, and where the next begins; None at the end."""

    rows: list[dict[str, Any]]
    next: str | None


@routes.get(PATH, Terms(AUDITOR, "What has to be looked into"))
def show_cases() -> ResponseReturnValue:
    return _page()


@routes.get(f"{PATH}/<name>.csv", Terms(AUDITOR, "One of the lists, as a file"))
def show_file(name: str) -> ResponseReturnValue:
    if name not in LISTS:
        raise NotFoundError("there is no such list")
    find, columns = LISTS[name]
    register, after, rows = current_register(), request.args.get("after"), list[dict[str, Any]]()
    place = after
    while len(rows) < MAX_ROWS:
        found = find(register, place, ROWS_AT_ONCE)
        rows += found.rows
        place = found.next
        if place is None:
            break
    with register.read() as reader:
        stamp = stamp_of(reader, f"cases-{name}", {"list": name, "after": after or "", "next": place or ""})
    cells = ([_cell(row[column]) for column in columns] for row in rows)
    data = b"".join(write_csv(stamp, columns, cells, cells=Cells.SPREADSHEET))
    response = Response(data, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="cases-{name}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@routes.post(f"{PATH}/copies/<int:alert_id>/close", Terms(AUDITOR, "Close an alert with what was found"))
def close(alert_id: int) -> ResponseReturnValue:
    register, note = current_register(), field("note", most=LONGEST_NOTE)
    if alert_id > LAST_ALERT:
        raise NotFoundError("there is no such alert")
    try:
        if not 1 <= len(note) <= LONGEST_NOTE:
            raise RefusedError([_NO_NOTE])
        with register.write_beside() as connection:
            close_alert(connection, alert_id, by=person_caller().operator, note=note, now=register.clock())
    except ConflictError as error:
        return _page(error=ConflictError(str(error), [_CLOSED]))
    except FaultyError as error:
        return _page(error=error)
    return go(PATH)


_NO_NOTE = Fault(
    "/note", "length", f"say what was found, in at most {LONGEST_NOTE} letters", f"请填写核查结果，至多{LONGEST_NOTE}字"
)
_CLOSED = Fault(
    "/note", "closed", "somebody else has closed this alert; nothing was changed", "该提醒已由他人关闭，未作改动"
)


def _page(*, error: FaultyError | None = None) -> ResponseReturnValue:
    register = current_register()
    return show(
        "desk/cases.html",
        problem=None if error is None else problem_of(error),
        shown={name: each.find(register, request.args.get(name), PAGE) for name, each in LISTS.items()},
        most=LONGEST_NOTE,
        operators=present_registry().operators,
    )


def _late(register: Register, after: str | None, limit: int) -> Found:
    place = None if after is None else _LATE.deserialize(after)
    page = find_late(register, LateQuery(after=place, limit=limit))
    return Found([case_members(case, page.today) for case in page.cases], format_place(page.next))


def _missing(register: Register, after: str | None, limit: int) -> Found:
    place = (-1, "") if after is None else _MISSING.deserialize(after)
    page = find_missing(register, after=place, limit=limit)
    return Found([missing_members(case) for case in page.cases], format_place(page.next))


def _copies(register: Register, after: str | None, limit: int) -> Found:
    place = 0 if after is None else _ALERT.deserialize(after)
    with register.read() as reader:
        found = find_alerts(reader.connection, operator=None, after=place, limit=limit + 1)
    rows = []
    for alert in found[:limit]:
        members = alert_members(alert)
        first, second = members["first"] or {}, members["second"]
        places = {"first_at": first.get("at"), "first_place": first.get("place")}
        places |= {"second_at": second["at"], "second_place": second["place"]}
        rows.append(members | places | {"moment": alert.raised_at})
    return Found(rows, str(found[limit - 1].id) if len(found) > limit else None)


def _recovery(register: Register, _after: str | None, _limit: int) -> Found:
    """All at once: the sums of a year, as many as there are recyclers, steps and materials."""
    period = usual_period(date_in_china(register.clock()))
    return Found(
        [
            row.key._asdict()
            | {"family": Family(row.key.family), "operator": row.operator}
            | {"from": period.first, "to": period.last, "rate_ppm": row.rate_ppm}
            | {name: getattr(verdict.target, name) for name in ("id", "jurisdiction", "ppm", "at_most", "source")}
            for row in read_recovery(register, period)
            for verdict in row.verdicts
            if verdict.in_force and verdict.outcome is Outcome.FAIL
        ],
        None,
    )


def _cell(value: object) -> str | int:
    return "" if value is None else value if isinstance(value, int) else str(value)


class CaseList(NamedTuple):
    """One of the lists: how a page of it is found, and the columns of its file."""

    find: Callable[[Register, str | None, int], Found]
    columns: tuple[str, ...]


LISTS = {
    "late": CaseList(
        _late,
        ("operator", "duty", "title", "title_zh", "article", "code", "entry", "since", "due_on", "days_late", "answer",
         "answered_on"),
    ),
    "missing": CaseList(_missing, ("operator", "since", "certificate_no", "code", "found", "entry")),
    "copies": CaseList(
        _copies,
        ("id", "code", "sign", "title", "title_zh", "raised_at", "times", "first_at", "first_place", "second_at",
         "second_place"),
    ),
    "recovery": CaseList(
        _recovery,
        ("operator", "stage", "family", "measure", "rate_ppm", "id", "jurisdiction", "ppm", "at_most", "source", "from",
         "to"),
    ),
}  # fmt: skip
