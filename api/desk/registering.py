"""Registering one battery: a short form, the answers to check, the receipt."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import RECORDER, present_registry
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.desk.telling import Faults, Refusal, members_of, record, rehearse
from api.edge import current_register
from api.pages.answers import visit_of_request
from api.problems import Problem
from api.routes import Terms
from api.telling import event_id, new_event_id
from ledger.entry import parse_entry
from service.domain.errors import InvalidCode
from service.domain.gbt34014 import parse_code
from service.domain.rules_use import date_in_china
from service.domain.states import Model
from service.domain.units import DISPLAYS, format_quantity, unit_of
from service.errors import NotFoundError
from service.imports.cells import CellError, converter
from service.imports.columns import field_of

routes = desk_routes("registering desk")

PATH = "/desk/register"
KIND = "register"
FIELDS = ("id", "model_id", "code", "site", "mass_g", "capacity_mah", "energy_wh", "giai", "identification_link")
AMOUNTS = ("mass_g", "capacity_mah", "energy_wh")
"""Asked for only where this battery differs from its model."""
_POINTERS = {"/subjects": "code", "/body/made_on": "code"} | {f"/body/{name}": name for name in FIELDS}
_WORDS: Mapping[str, tuple[str, str]] = {
    "model_id": ("choose the model", "请选择型号"),
    "code": ("enter the code", "请填写编码"),
    "site": ("say where it was made", "请填写生产地点"),
}


@routes.get(PATH, Terms(RECORDER, "Register one battery"))
def show_form() -> ResponseReturnValue:
    given = {name: request.args.get(name, "")[:80] for name in ("model_id", "site")}
    return _form(given)


@routes.post(PATH, Terms(RECORDER, "Check a registration, or record it"))
def check_or_record() -> ResponseReturnValue:
    typed = {name: field(name) for name in FIELDS}
    typed["id"] = event_id(typed["id"])
    act = field("act")
    if act == "change":
        return _form(typed)
    faults, members = _read(typed)
    if members is None:
        return _form(typed, faults)
    if act != "record":
        refusal = rehearse(members, _POINTERS)
        return _check(typed, members) if refusal is None else _form(typed, refusal.faults, refusal.problem)
    outcome = record(members, _POINTERS)
    if isinstance(outcome, Refusal):
        return _form(typed, outcome.faults, outcome.problem)
    return go(f"{PATH}/{outcome.index}")


@routes.get(f"{PATH}/<int:index>", Terms(RECORDER, "A registration that was recorded"))
def show_done(index: int) -> ResponseReturnValue:
    with current_register().read() as reader:
        found = reader.entries_at([index]) if index < 1 << 62 else {}
    event = parse_entry(found[index]).event if index in found else None
    if event is None or event.type != KIND or event.actor != person_caller().operator:
        raise NotFoundError(f"entry {index} is no registration of this organisation")
    return show(
        "desk/registered.html",
        code=event.subjects[0],
        index=index,
        again={"model_id": event.body["model_id"], "site": event.body["site"]},
    )


def own_models() -> dict[str, Model]:
    """The models that the person's organisation published, by id."""
    return present_registry().models_of(person_caller().operator)


def _form(
    typed: Mapping[str, str], faults: Faults | None = None, problem: Problem | None = None
) -> ResponseReturnValue:
    say = visit_of_request(current_register()).say
    models = own_models()
    words = {id_: say.pick(*each.body.names) for id_, each in models.items()}
    levels = {id_: say.pick(each.body.level.en, each.body.level.zh) for id_, each in models.items()}
    return show(
        "desk/register.html",
        status=422 if faults else 200,
        typed=dict.fromkeys(FIELDS, "") | {"id": new_event_id()} | dict(typed),
        faults=faults or {},
        problem=problem,
        models=words,
        levels=levels,
        amounts=[(name, say(f"reg.{name}"), say.pick(row.en, row.zh)) for name in AMOUNTS if (row := unit_of(name))],
        position=_position(typed.get("code", "")) if faults and "code" in faults else None,
    )


def _check(typed: Mapping[str, str], members: Mapping[str, Any]) -> ResponseReturnValue:
    say, body = visit_of_request(current_register()).say, members["body"]
    model = own_models()[body["model_id"]].body
    rows = [
        (say("reg.model"), f"{say.pick(*model.names)} · {model.model_id}"),
        (say("identity.level"), say.pick(model.level.en, model.level.zh)),
        (say("reg.made_on"), body["made_on"]),
        (say("reg.site"), body["site"]),
        *((say(f"reg.{name}"), format_quantity(body[name], name, say.language)) for name in AMOUNTS),
        *((say(f"reg.{name}"), body[name]) for name in ("gtin", "giai", "identification_link") if name in body),
    ]
    return show("desk/register_check.html", typed=typed, code=members["subjects"][0], rows=rows)


def _read(typed: Mapping[str, str]) -> tuple[Faults, dict[str, Any] | None]:
    """The event that the form tells, or what keeps it from being one."""
    faults = {name: words for name, words in _WORDS.items() if not typed[name]}
    model = own_models().get(typed["model_id"])
    if model is None:
        faults["model_id"] = _WORDS["model_id"]
    body: dict[str, Any] = {"model_id": typed["model_id"], "site": typed["site"]}
    if typed["code"]:
        try:
            today = date_in_china(current_register().clock())
            body["made_on"] = parse_code(typed["code"], today=today).date.isoformat()
        except InvalidCode as error:
            faults["code"] = str(error), error.reason_zh + _place_zh(error)
    for name in AMOUNTS:
        try:
            body[name] = _amount(name, typed[name]) if typed[name] else getattr(model.body, name) if model else 0
        except CellError as error:
            faults[name] = error.en, error.zh
    body |= {name: typed[name] for name in ("giai", "identification_link") if typed[name]}
    if model is not None and model.body.gtin:
        body["gtin"] = model.body.gtin
    return faults, None if faults else members_of(typed["id"], KIND, [typed["code"]], body)


def _amount(name: str, text: str) -> int:
    """A number as people write it, in the unit that people read. Raises CellError."""
    places = DISPLAYS[name.rpartition("_")[2]].places
    value: int = converter(field_of(KIND, name), places)(text)
    return value


def _position(code: str) -> int | None:
    try:
        parse_code(code)
    except InvalidCode as error:
        return error.position if error.position is not None and error.position < len(code) else None
    return None


def _place_zh(error: InvalidCode) -> str:
    return "" if error.position is None else f"（第{error.position + 1}位）"
