"""Putting a pack or module together from parts that are registered: their codes, the answers to check, the receipt."""

from collections.abc import Sequence
from typing import Any

from flask.typing import ResponseReturnValue

from api.auth import RECORDER
from api.desk.opening import desk_routes, field, go, show
from api.desk.pack_filters import words_of
from api.desk.packs import PATH as PACKS
from api.desk.telling import Faults, Refusal, members_of, record, rehearse
from api.edge import current_register
from api.pages.answers import visit_of_request
from api.problems import Problem
from api.routes import Terms
from api.telling import event_id, new_event_id
from service.domain.events import KINDS
from service.domain.names import OP_STATES
from service.domain.units import DISPLAYS, format_decimal, format_quantity
from service.history import battery_now
from service.imports.cells import CellError, converter
from service.imports.columns import field_of
from service.lookup import resolve_battery
from service.packlist.pasting import seek, split_names
from service.recording.listings import load_known

routes = desk_routes("assembling desk")

KIND = "assemble"
MOST = KINDS[KIND].subjects.maximum - 1
_POINTERS = {"/subjects": "parts", "/body/mass_g": "mass_g"}
_MASS = DISPLAYS["g"]
_NO_PARTS = ("name at least one part", "请至少填写一个部件")


@routes.get(f"{PACKS}/<code>/assemble", Terms(RECORDER, "Put a battery together from its parts"))
def show_form(code: str) -> ResponseReturnValue:
    register = current_register()
    now = battery_now(register, resolve_battery(register, code))
    mass = format_decimal(now.state.mass_g, _MASS.places, grouped=False)
    return _form(now.code, {"id": new_event_id(), "parts": "", "mass_g": mass})


@routes.post(f"{PACKS}/<code>/assemble", Terms(RECORDER, "Check what a battery is put together from, or record it"))
def check_or_record(code: str) -> ResponseReturnValue:
    code = resolve_battery(current_register(), code)
    typed = {"id": event_id(field("id")), "parts": field("parts", most=8_000), "mass_g": field("mass_g")}
    if field("act") == "change":
        return _form(code, typed)
    faults, parts, mass_g = _read(typed)
    if faults:
        return _form(code, typed, faults)
    members = members_of(typed["id"], KIND, [code, *parts], {"mass_g": mass_g})
    if field("act") != "record":
        refusal = rehearse(members, _POINTERS)
        if refusal is None:
            return _check(code, typed, parts, mass_g)
        return _form(code, typed, refusal.faults, refusal.problem)
    outcome = record(members, _POINTERS)
    if isinstance(outcome, Refusal):
        return _form(code, typed, outcome.faults, outcome.problem)
    return go(f"{PACKS}/{code}")


def _read(typed: dict[str, str]) -> tuple[Faults, list[str], int]:
    faults: dict[str, tuple[str, str]] = {}
    register = current_register()
    names = split_names(typed["parts"])
    with register.read() as reader:
        sought = seek(reader.connection, register.current_registry(reader.connection), names)
    lost = [each for each in sought if each.code is None]
    if not names:
        faults["parts"] = _NO_PARTS
    elif len(names) > MOST:
        faults["parts"] = f"up to {MOST} parts at once", f"一次最多{MOST}个部件"
    elif lost:
        name, (en, zh) = lost[0].name, lost[0].why
        faults["parts"] = f"{name}: {en}", f"{name}：{zh}"
    mass_g = 0
    try:
        mass_g = converter(field_of(KIND, "mass_g"), _MASS.places)(typed["mass_g"])
    except CellError as error:
        faults["mass_g"] = error.en, error.zh
    return faults, [each.code for each in sought if each.code], mass_g


def _form(
    code: str, typed: dict[str, str], faults: Faults | None = None, problem: Problem | None = None
) -> ResponseReturnValue:
    return show(
        "desk/assemble.html",
        status=422 if faults else 200,
        code=code,
        typed=typed,
        faults=faults or {},
        problem=problem,
        most=MOST,
    )


def _check(code: str, typed: dict[str, str], parts: Sequence[str], mass_g: int) -> ResponseReturnValue:
    register = current_register()
    say = visit_of_request(register).say
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        states = load_known(reader.connection, parts, registry.models)
    rows: list[dict[str, Any]] = [
        {
            "code": part,
            "model": words_of("model", states[part].model_id or "", registry, say),
            "status": words_of("state", states[part].op_state.value, registry, say),
            "tone": OP_STATES[states[part].op_state].tone,
        }
        for part in parts
    ]
    mass = format_quantity(mass_g, "mass_g", say.language)
    return show("desk/assemble_check.html", code=code, typed=typed, rows=rows, mass=mass)
