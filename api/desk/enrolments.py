"""What the authority rules of an organisation on its page: a renewed enrolment, and whether it takes part.

Each is an entry that the authority signs; the first is its roles and licences of then on, told anew as a whole.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import AUTHORITY, present_registry
from api.desk.enrolment_form import Typed, read_form
from api.desk.opening import desk_routes, field, go, show
from api.desk.organisations import PATH, enrolled, organisation_page
from api.edge import current_edge
from api.naming import operator_name
from api.pages.answers import visit_of_request
from api.problems import Problem, problem_of
from api.routes import Terms
from service.domain.events import body_mapping
from service.domain.roles import Role
from service.domain.words import LicenceKind, Standing
from service.errors import Fault, FaultyError, RefusedError
from service.operators import enrol_operator
from service.recording.registry import Registry
from service.standing import Ruling, set_standing

routes = desk_routes("enrolments desk")


@routes.get(f"{PATH}/<organisation>/enrolment", Terms(AUTHORITY, "The form to renew an enrolment"))
def show_form(organisation: str) -> ResponseReturnValue:
    registry = present_registry()
    return _form(registry, organisation, Typed.of(enrolled(registry, organisation).enrolment))


@routes.post(f"{PATH}/<organisation>/enrolment", Terms(AUTHORITY, "Renew an enrolment"))
def renew(organisation: str) -> ResponseReturnValue:
    registry, typed = present_registry(), read_form()
    known = enrolled(registry, organisation)
    body = {"operator_id": organisation} | typed.body()
    if _in_order(body) != _in_order(body_mapping(known.enrolment)):  # else there is nothing to record
        try:
            enrol_operator(current_edge().recorder, body)
        except FaultyError as error:
            return _form(registry, organisation, typed, problem=problem_of(error))
    return go(f"{PATH}/{organisation}")


@routes.post(f"{PATH}/<organisation>/standing", Terms(AUTHORITY, "Suspend, end or reinstate an organisation"))
def rule(organisation: str) -> ResponseReturnValue:
    enrolled(present_registry(), organisation)
    try:
        ruling = Ruling(organisation, _chosen_standing(), field("reason", most=200), _chosen_day())
        set_standing(current_edge().recorder, ruling)
    except FaultyError as error:
        return organisation_page(organisation, problem=problem_of(error))
    return go(f"{PATH}/{organisation}")


def _form(
    registry: Registry, organisation: str, typed: Typed, *, problem: Problem | None = None
) -> ResponseReturnValue:
    known = registry.operators[organisation]
    return show(
        "desk/enrolment.html",
        operator=known,
        name=operator_name(organisation, registry, visit_of_request(current_edge().register).say),
        typed=typed,
        roles=[role for role in Role if role is not Role.AUTHORITY or role in known.roles],
        kinds=list(LicenceKind),
        problem=problem,
    )


def _in_order(body: Mapping[str, Any]) -> dict[str, Any]:
    """An enrolment with its roles in one order, whatever order they were chosen in."""
    return {**body, "roles": sorted(body["roles"])}


def _chosen_standing() -> Standing:
    try:
        return Standing(request.form.get("standing", ""))
    except ValueError:
        raise RefusedError([Fault("/standing", "standing", "choose what is ruled", "请选择裁定内容")]) from None


def _chosen_day() -> date | None:
    typed = field("since")
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise RefusedError([Fault("/since", "date", "a day is written 2026-05-31", "日期格式为2026-05-31")]) from None
