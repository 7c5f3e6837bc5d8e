"""Duties: the rows for everybody, who is late for those whom it concerns."""

from typing import Any

from flask.typing import ResponseReturnValue

from api import json
from api.auth import AUDITOR, PUBLIC, READER, present_registry, signed_in
from api.duties import case_members, counting_members, duty_members, milestone_members, missing_members, sum_members
from api.edge import current_register
from api.routes import Answer, Routes, Terms
from api.schemas.duties import (
    DutiesQuery,
    DutiesSchema,
    LateQuerySchema,
    LateSchema,
    MissingQuery,
    MissingSchema,
    SumSchema,
    SumsQuery,
    format_place,
)
from api.thresholds import thresholds_members
from service.domain.duties.clocks import COUNTING
from service.domain.duties.milestones import milestones_on
from service.domain.duties.thresholds import thresholds_on
from service.domain.duties.vehicles import SOURCE
from service.duties import LateQuery, all_duties, duties_in_force, find_late, find_missing, sums_of
from service.errors import NotFoundError, NotPermittedError

routes = Routes("duties")


@routes.get(
    "/v1/duties",
    Terms(
        PUBLIC,
        "What the law asks: duties, days, thresholds, each with its source",
        query=DutiesQuery(),
        answers=(Answer(200, "Duties, milestones, thresholds, and how days are counted", DutiesSchema()),),
        errors=(422,),
    ),
)
def show_duties(query: dict[str, Any]) -> ResponseReturnValue:
    registry, day, where = present_registry(), query["on"], query["jurisdiction"]
    rows = all_duties(registry, jurisdiction=where)
    if day is not None:
        rows = duties_in_force(registry, on=day, jurisdiction=where)
    members = {
        "duties": [duty_members(row) for row in rows],
        "milestones": [milestone_members(row) for row in milestones_on(day, where)],
        **thresholds_members(thresholds_on(day, where), registry.licence_days),
        "counting": [counting_members(row) for row in COUNTING],
    }
    return json.with_etag(json.answer(members))


@routes.get(
    "/v1/duties/late",
    Terms(
        READER,
        "What is overdue, and what was answered late",
        query=LateQuerySchema(),
        answers=(Answer(200, "A page, the longest due first", LateSchema()),),
        errors=(404, 422),
    ),
)
def show_late(query: dict[str, Any]) -> ResponseReturnValue:
    query["operator"] = whose(query["operator"], all_by_default=True)
    page = find_late(current_register(), LateQuery(**query))
    members = {
        "today": page.today.isoformat(),
        "operator": query["operator"],
        "cases": [case_members(case, page.today) for case in page.cases],
        "next": format_place(page.next),
    }
    return json.answer(members)


@routes.get(
    "/v1/missing-batteries",
    Terms(
        READER,
        "Vehicles scrapped with another pack than was last installed in them, or with none",
        query=MissingQuery(),
        answers=(Answer(200, "Open cases, oldest entry first", MissingSchema()),),
        errors=(404, 422),
    ),
)
def show_missing(query: dict[str, Any]) -> ResponseReturnValue:
    operator = whose(query["operator"], all_by_default=True)
    page = find_missing(current_register(), operator=operator, after=query["after"], limit=query["limit"])
    members = {
        "title": "Battery missing",
        "title_zh": "电池缺失",
        "source": SOURCE,
        "cases": [missing_members(case) for case in page.cases],
        "next": format_place(page.next),
    }
    return json.answer(members)


@routes.get(
    "/v1/duties/sums",
    Terms(
        READER,
        "How an operator kept its duties, by duty and month",
        query=SumsQuery(),
        answers=(Answer(200, "By duty and month", SumSchema(many=True)),),
        errors=(404, 422),
    ),
)
def show_sums(query: dict[str, Any]) -> ResponseReturnValue:
    operator = whose(query["operator"]) or signed_in().operator
    rows = sums_of(current_register(), operator, since=query["since"] or "", until=query["until"] or "9999-12")
    return json.answer([sum_members(row) for row in rows])


def whose(operator: str | None, *, all_by_default: bool = False) -> str | None:
    """Whose duties the caller may ask for: its own, or, for regulators and the authority, anybody's (None: all)."""
    caller, registry = signed_in().operator, present_registry()
    if not AUDITOR.roles & registry.roles_of(caller):
        if operator not in (None, caller):
            raise NotPermittedError("an operator sees its own duties only")
        return caller
    if operator is not None and operator not in registry.operators:
        raise NotFoundError("no such operator in this register")
    return operator if operator is not None or all_by_default else caller
