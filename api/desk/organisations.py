"""Organisations for the authority: who is enrolled, and of each what it may do, what flows through it, what it owes.

Organisations and keys are held in memory by every process, so a list of them costs no search.
"""

from datetime import date
from functools import partial
from typing import Any, NamedTuple

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import AUDITOR, present_registry
from api.desk.figures.asking import FIELDS, read_asked_of
from api.desk.figures.pages import cell_markup, leads_of, present_speaker, view_of
from api.desk.figures.words import Speaker
from api.desk.files import answer_csv
from api.desk.opening import desk_routes, field, person_caller, show
from api.edge import current_register
from api.problems import Problem
from api.routes import Terms
from ledger.signing.keyring import Key
from service.condition import MOST
from service.domain.bodies import Licence
from service.domain.licences import NEEDED, is_valid
from service.domain.roles import Role
from service.domain.rules_use import date_in_china
from service.domain.spans import holds_on
from service.domain.words import LicenceKind, Standing
from service.duties import LateQuery, find_late, find_missing
from service.errors import NotFoundError
from service.figures.reading import read_figure
from service.figures.shapes import Filter, Table
from service.recording.registry import Operator, Registry

routes = desk_routes("organisations desk")

PATH = "/desk/organisations"
PAGE = 50
LONGEST = 100


class HeldLicence(NamedTuple):
    """A licence on a day: valid, ended or to come. needed: a role of its holder needs one of this kind."""

    licence: Licence
    state: str
    needed: bool


@routes.get(PATH, Terms(AUDITOR, "The organisations that are enrolled"))
def show_organisations() -> ResponseReturnValue:
    registry, found, after = present_registry(), _found(), request.args.get("after", "")
    page = [each for each in found if each.id > after][: PAGE + 1]
    return show(
        "desk/organisations.html",
        kept=_kept(),
        organisations=page[:PAGE],
        count=len(found),
        next=page[PAGE - 1].id if len(page) > PAGE else None,
        roles=list(Role),
        standings=registry.standings,
        is_active=registry.is_active,
        speaker=present_speaker(),
        asked=_asked(),
    )


@routes.get(f"{PATH}.csv", Terms(AUDITOR, "The organisations, as a file"))
def show_file() -> ResponseReturnValue:
    header = ("id", "name", "name_en", "roles", "region", "uscc")
    rows = (
        (each.id, each.enrolment.name, each.enrolment.name_en, " ".join(sorted(each.roles)), each.enrolment.region,
         each.enrolment.uscc)
        for each in _found()
    )  # fmt: skip
    return answer_csv("organisations", {name: text for name, text in _asked().items() if text}, header, rows)


@routes.get(f"{PATH}/<organisation>", Terms(AUDITOR, "One organisation: licences, flows, what is open, keys"))
def show_organisation(organisation: str) -> ResponseReturnValue:
    return organisation_page(organisation)


def enrolled(registry: Registry, organisation: str) -> Operator:
    """The organisation of the address. Raises NotFoundError."""
    known = registry.operators.get(organisation)
    if known is None:
        raise NotFoundError("there is no such organisation: /desk/organisations lists them")
    return known


def organisation_page(organisation: str, *, problem: Problem | None = None) -> ResponseReturnValue:
    """The page of one organisation; for the authority with what it may rule of it."""
    register, registry, speaker = current_register(), present_registry(), present_speaker()
    known = enrolled(registry, organisation)
    today = date_in_china(register.clock())
    flows = read_figure(register, "flows", Filter(operator=organisation))
    return show(
        "desk/organisation.html",
        operator=known,
        licences=_held(known, today),
        needed=_missing_kinds(known, today),
        flows=_flows(flows, organisation, speaker),
        size=flows.size,
        lag=flows.lag,
        late=len(find_late(register, LateQuery(operator=organisation, limit=MOST)).cases),
        missing=len(find_missing(register, operator=organisation, limit=MOST).cases),
        **_overdue(organisation),
        most=MOST,
        keys=_keys(registry, organisation),
        ruling=registry.standings.get(organisation),
        may_rule=_may_rule(registry),
        is_authority=organisation == registry.authority,
        standings=list(Standing),
        today=today,
        typed_reason=field("reason", most=200),
        problem=problem,
        speaker=speaker,
        cell=lambda column, value: cell_markup(speaker, column, value),
    )


def _overdue(organisation: str) -> dict[str, Any]:
    """What it reported late, by duty, and where its numbers lead."""
    asked = read_asked_of(dict.fromkeys(FIELDS, "") | {"operator": organisation})
    table = read_figure(current_register(), "overdue", Filter(operator=organisation, by="duty"))
    return {"overdue": table, "leads": leads_of(table, asked.filter), "view": partial(view_of, asked)}


def _may_rule(registry: Registry) -> bool:
    """Whether who looks may change what is enrolled."""
    caller = person_caller()
    return "manage" in caller.scopes and Role.AUTHORITY in registry.roles_of(caller.operator)


class Flow(NamedTuple):
    """What went one way: from or to whom or which state, of which level, how many, how heavy (g)."""

    way: str
    level: str
    other: str
    unit: str
    number: int
    mass_g: int


def _flows(table: Table, organisation: str, speaker: Speaker) -> list[Flow]:
    """in, out: hands; stock: what it has; made: what it registered. In this order, the greatest first."""
    found, keys = list[Flow](), [column.key for column in table.columns]
    for cells in table.rows:
        row = dict(zip(keys, cells, strict=True))
        amounts = (int(row["count"] or 0), int(row["mass_g"] or 0))
        level, before, after = str(row["level"]), str(row["before"]), str(row["after"])
        if row["flow"] == "handed" and after == organisation:
            found.append(Flow("in", level, before, "operator", *amounts))
        elif row["flow"] == "handed" and before == organisation:
            found.append(Flow("out", level, after, "operator", *amounts))
        elif row["flow"] == "stock":
            found.append(Flow("stock", level, after, "state", *amounts))
        elif row["flow"] == "moved" and before == "":
            found.append(Flow("made", level, after, "state", *amounts))
    order = ("made", "in", "out", "stock")
    return sorted(found, key=lambda flow: (order.index(flow.way), -flow.number, flow.other))


def _held(operator: Operator, today: date) -> list[HeldLicence]:
    needed = _needed(operator, today)
    return [
        HeldLicence(each, "valid" if is_valid(each, today) else "to_come" if today < each.valid_from else "ended",
                 each.licence in needed)
        for each in operator.enrolment.licences or ()
    ]  # fmt: skip


def _missing_kinds(operator: Operator, today: date) -> list[tuple[str, str]]:
    """Kinds of licences that a role of it needs and of which none is valid: English and Chinese names."""
    valid = {each.licence for each in operator.enrolment.licences or () if is_valid(each, today)}
    return [(each.en, each.zh) for each in sorted(_needed(operator, today) - valid)]


def _needed(operator: Operator, today: date) -> set[LicenceKind]:
    """Kinds of licences that a role of it needs."""
    return {need.licence for need in NEEDED if need.role in operator.roles and holds_on(need, today)}


def _keys(registry: Registry, organisation: str) -> list[Key]:
    """All keys it ever had, newest first."""
    own = [key for key in registry.keys.values() if key.header.operator == organisation]
    return sorted(own, key=lambda key: -key.since)


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "")[:LONGEST].strip() for name in ("q", "role", "district")}


def _kept() -> dict[str, str]:
    return {name: text for name, text in _asked().items() if text}


def _found() -> list[Operator]:
    """The organisations that are asked for, by id."""
    asked, operators = _asked(), present_registry().operators
    typed = asked["q"].casefold()
    return [
        each
        for _, each in sorted(operators.items())
        if (not asked["role"] or asked["role"] in each.roles)
        and each.enrolment.region.startswith(asked["district"])
        and typed in f"{each.id} {each.enrolment.name} {each.enrolment.name_en or ''}".casefold()
    ]
