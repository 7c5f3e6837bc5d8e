"""Duties for the authority: who is late now, by organisation and by duty, each case, and the rows in force."""

from functools import partial
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from api.auth import AUDITOR, present_registry
from api.desk.figures.asking import Asked
from api.desk.figures.behind import Line, lead
from api.desk.figures.cards import Record, records
from api.desk.figures.pages import present_speaker, view_of
from api.desk.files import answer_csv
from api.desk.opening import desk_routes, show
from api.duties import case_members
from api.edge import current_register
from api.routes import Terms
from api.schemas.duties import After, format_place
from service.domain.duties.rows import DUTIES
from service.domain.duties.thresholds import thresholds_on
from service.domain.rules_use import date_in_china
from service.duties import LateQuery, duties_in_force, find_late
from service.errors import NotFoundError
from service.figures.reading import read_figure
from service.figures.shapes import Filter

routes = desk_routes("duties desk")

PATH = "/desk/duties"
PAGE, WORST = 25, 50
_AFTER: fields.Field[Any] = After()


@routes.get(PATH, Terms(AUDITOR, "Who is late now, by organisation and duty"))
def show_duties() -> ResponseReturnValue:
    register, registry = current_register(), present_registry()
    operator, after = request.args.get("operator") or None, request.args.get("after")
    if operator is not None and operator not in registry.operators:
        raise NotFoundError("there is no such organisation: /desk/organisations lists them")
    query = LateQuery(operator, after=None if after is None else _AFTER.deserialize(after), limit=PAGE)
    page = find_late(register, query)
    today, asked = date_in_china(register.clock()), Asked({"operator": operator or ""}, Filter(operator=operator))
    return show(
        "desk/duties.html",
        kept={"operator": operator} if operator else None,
        operator=operator,
        organisations=_late_ones("operator", None),
        duties=_late_ones("duty", operator),
        worst=WORST,
        leads=lambda row, by: lead("overdue", Line(row, by, asked.filter)),
        view=partial(view_of, asked),
        cases=[case_members(case, page.today) for case in page.cases],
        next=format_place(page.next),
        rows=duties_in_force(registry, on=today),
        rules=DUTIES,
        targets=thresholds_on(today).targets,
        operators=registry.operators,
        speaker=present_speaker(),
    )


@routes.get(f"{PATH}.csv", Terms(AUDITOR, "How late organisations are, by duty, as a file"))
def show_file() -> ResponseReturnValue:
    operator = request.args.get("operator") or None
    table = read_figure(current_register(), "overdue", Filter(operator=operator, by="duty" if operator else "operator"))
    header = [column.key for column in table.columns]
    return answer_csv("duties", {"operator": operator} if operator else {}, header, table.rows)


def _late_ones(by: str, operator: str | None) -> list[Record]:
    """Groups where something is or was late: most overdue first."""
    rows = records(read_figure(current_register(), "overdue", Filter(operator=operator, by=by)))
    late = [row for row in rows if row["overdue"] or row["late"]]
    return sorted(late, key=lambda row: (-int(row["overdue"] or 0), -int(row["late"] or 0), str(row["group"])))
