"""The licences that the law asks for, and from when on the register wants to be told of each: a day the authority sets.

Each day is an entry that the authority signs, with its source. The newest of a licence holds; the others stay to be
read.
"""

from datetime import date

from flask.typing import ResponseReturnValue

from api.auth import AUDITOR, AUTHORITY, present_registry
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.edge import current_edge, current_register
from api.problems import Problem, problem_of
from api.routes import Terms
from service.domain.duties.thresholds import thresholds_on
from service.domain.licences import Need, told_from
from service.domain.roles import Role
from service.domain.rules_use import date_in_china
from service.duties import set_licence_day
from service.errors import FaultyError

routes = desk_routes("licences desk")

PATH = "/desk/licences"
SOURCE = 200
"""Characters of a source."""


@routes.get(PATH, Terms(AUDITOR, "The licences that roles need, and from when on each has to be told"))
def show_licences() -> ResponseReturnValue:
    return _page()


@routes.post(PATH, Terms(AUTHORITY, "Set from when on a licence has to be told"))
def set_day() -> ResponseReturnValue:
    role, _, licence = field("need", most=80).partition("/")
    told = {"told_from": field("told_from", most=10), "source": field("source", most=SOURCE)}
    body = {"role": role, "licence": licence} | {name: text for name, text in told.items() if text}
    try:
        set_licence_day(current_edge().recorder, body)
    except FaultyError as error:
        return _page(problem=problem_of(error))
    return go(PATH)


def _page(*, problem: Problem | None = None) -> ResponseReturnValue:
    registry = present_registry()
    today: date = date_in_china(current_register().clock())
    needs = thresholds_on(today).licences
    return show(
        "desk/licences.html",
        needs=needs,
        open_needs=list({(need.role, need.licence): need for need in needs if need.is_enforced}.values()),
        days=registry.licence_days,
        told_from=_told_from,
        may_set=_may_set(),
        today=today,
        chosen=field("need", most=80),
        typed=field("source", most=SOURCE),
        most=SOURCE,
        problem=problem,
    )


def _told_from(need: Need) -> date | None:
    return told_from(need, present_registry().licence_days)


def _may_set() -> bool:
    caller = person_caller()
    return "manage" in caller.scopes and Role.AUTHORITY in present_registry().roles_of(caller.operator)
