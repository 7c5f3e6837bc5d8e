"""What the authority has to look into: late duties, missing batteries, copied labels, recycling below its target, and
what stands behind the figures of lost mass, missing collection, licences, silence and doubled codes.

One kind is shown, or the first page of each. Each case has a page of its own with notes, see `api.desk.case_files`.
Each list is read a page at a time, and as a file of at most MAX_ROWS rows, whose end mark says where the next begins.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from api.auth import AUDITOR, present_registry
from api.copies import alert_members
from api.desk.case_kinds import BEHIND, count_kinds, key_of, keys_of
from api.desk.figures.pages import cell_markup, present_speaker
from api.desk.files import answer_csv
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.duties import case_members, missing_members
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from api.schemas.duties import After, AfterMissing, format_place
from service.cases.finding import recovery_key
from service.cases.notes import count_notes
from service.condition import MOST
from service.domain.materials.batch import Family
from service.domain.recovery.verdicts import Outcome
from service.domain.rules_use import date_in_china
from service.duties import LateQuery, find_late, find_missing
from service.errors import ConflictError, Fault, FaultyError, NotFoundError, RefusedError
from service.figures.lists import Which, read_rows
from service.figures.shapes import Filter, Rows
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


class Behind(NamedTuple):
    """Rows behind a figure; keys: of each, with how many notes it has."""

    found: Rows
    keys: list[tuple[str, int]]
    slug: str


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
    asked = {"list": name, "after": after or "", "next": place or ""}
    return answer_csv(f"cases-{name}", asked, columns, ([row[column] for column in columns] for row in rows))


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
    register, kind, speaker = current_register(), request.args.get("kind", ""), present_speaker()
    if kind and kind not in LISTS and kind not in BEHIND:
        raise NotFoundError("there is no such kind of case")
    shown = {name: each.find(register, request.args.get(name), PAGE) for name, each in LISTS.items()}
    return show(
        "desk/cases.html",
        problem=None if error is None else problem_of(error),
        kept={"kind": kind} if kind else None,
        kind=kind,
        kinds=count_kinds(register, len(shown["recovery"].rows)),
        more_than=MOST,
        shown=shown,
        behind=_behind(register, kind) if kind in BEHIND else None,
        key_of=key_of,
        most=LONGEST_NOTE,
        operators=present_registry().operators,
        speaker=speaker,
        cell=lambda column, value: cell_markup(speaker, column, value),
    )


def _behind(register: Register, kind: str) -> Behind:
    """A page of the cases behind a figure, how many notes each has, and where the figure is."""
    which = Which(kind, after=request.args.get("after"), limit=PAGE)
    found = read_rows(register, BEHIND[kind], Filter(), which)
    keys = keys_of(found)
    with register.read() as reader:
        noted = count_notes(reader.connection, [f"{kind}:{key}" for key in keys])
    return Behind(found, [(key, noted.get(f"{kind}:{key}", 0)) for key in keys], BEHIND[kind])


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
            | {"key": recovery_key(row, verdict.target)}
            for row in read_recovery(register, period)
            for verdict in row.verdicts
            if verdict.in_force and verdict.outcome is Outcome.FAIL
        ],
        None,
    )


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
