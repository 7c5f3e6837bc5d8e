"""One battery at the desk: what it is, what its passport lacks, its parts, its life, its labels, what can be done."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import READER, present_registry
from api.desk.opening import desk_routes, person_caller, show
from api.desk.pack_filters import address, words_of
from api.desk.pack_parts import tree_of
from api.desk.packs import PATH as PACKS
from api.disclosing import note_battery
from api.document_gate import document_members, visible_documents
from api.edge import current_register
from api.language import Catalogue
from api.naming import operator_name
from api.pages.answers import visit_of_request
from api.pages.battery import identity
from api.pages.facts import Facts, read_facts
from api.routes import Terms
from service.domain.events import KINDS
from service.domain.names import OP_STATES
from service.domain.passport.completeness import Completeness, check_completeness, needs_passport
from service.domain.rules_use import date_in_china
from service.domain.states import OpState
from service.domain.titles import TITLES
from service.domain.units import format_quantity
from service.domain.words import Level, Word
from service.lookup import resolve_battery
from service.packlist.timeline import Happened, may_see_whole, read_timeline
from service.passports.reading import numbers_of
from service.recording.registry import Registry

routes = desk_routes("pack desk")

_UNFINISHED = frozenset({OpState.REGISTERED, OpState.ASSEMBLED})


@routes.get(f"{PACKS}/<code>", Terms(READER, "One battery at the desk"))
def show_pack(code: str) -> ResponseReturnValue:
    register, caller = current_register(), person_caller()
    code = resolve_battery(register, code)
    whole = may_see_whole(register, caller, code)
    facts = read_facts(register, code)
    if whole:
        note_battery(facts.state, "history")
    before = text if (text := request.args.get("before", "")[:18]).isascii() and text.isdigit() else ""
    timeline = read_timeline(register, code, whole=whole, before=int(before) if before else None)
    visit, registry, state = visit_of_request(register), present_registry(), facts.state
    say, place, every = visit.say, f"{PACKS}/{code}", request.args.get("parts") == "all"
    return show(
        "desk/pack.html",
        kept={"before": before} if before else None,
        code=code,
        whole=whole,
        facts=facts,
        rows=list(identity(facts, say)),
        state_words=words_of("state", state.op_state.value, registry, say),
        tone=OP_STATES[state.op_state].tone,
        ended=facts.has_ended,
        held_by=operator_name(state.holder, registry, say) if whole else None,
        answered_by=operator_name(state.responsible or state.maker, registry, say),
        handed_to=operator_name(state.handed_to, registry, say) if whole and state.handed_to else None,
        check=_completeness(facts) if whole else None,
        may_edit=caller.operator == (state.responsible or state.maker),
        tree=tree_of(register, code, every=every, say=say),
        all_parts=None if every else address(place, {"parts": "all"}),
        steps=[_told(step, registry, say) for step in timeline.steps],
        timeline=timeline,
        older=address(place, {"before": str(timeline.older)}) if timeline.older is not None else None,
        newest=address(place, {}) if before else None,
        documents=[document_members(each) for each in visible_documents(code)],
        labels=state.labels - state.labels_void,
        void_labels=state.labels_void,
        may_record="record" in caller.scopes,
        may_assemble="record" in caller.scopes and _may_assemble(facts, caller.operator),
    )


def _completeness(facts: Facts) -> Completeness | None:
    """What of its passport is there; None where nobody asks for one, or it has no row of its own yet."""
    if facts.state.level is not Level.PACK or facts.has_ended:
        return None
    register = current_register()
    category, numbers, state = numbers_of(register, facts.code.text)
    if category is None or not needs_passport(category, state.energy_wh):
        return None
    return check_completeness(category, date_in_china(register.clock()), numbers)


def _may_assemble(facts: Facts, operator: str) -> bool:
    state = facts.state
    return state.level is not Level.CELL and state.maker == operator and state.op_state in _UNFINISHED


def _told(step: Happened, registry: Registry, say: Catalogue) -> dict[str, Any]:
    """A step in words. fields: title, value, and whether it is shown to those who have to do with the battery only."""
    kind = KINDS.get(step.kind)
    private = {name: _private(name, each, say) for name, each in step.private.items()}
    shown = [(_title(name, say), _text(name, value, say), False) for name, value in step.body.items()]
    return {
        "index": step.index,
        "title": say.pick(kind.title_en, kind.title_zh) if kind else step.kind,
        "actor": operator_name(step.actor, registry, say),
        "occurred_at": step.occurred_at,
        "late": (step.received_at - step.occurred_at).days > 0,
        "received_at": step.received_at,
        "others": step.others,
        "fields": shown + [(_title(name, say), text, True) for name, text in private.items()],
    }


def _title(name: str, say: Catalogue) -> str:
    en, zh = TITLES.get(name, (name, name))
    return say.pick(en, zh)


def _private(name: str, shown: Mapping[str, Any], say: Catalogue) -> str:
    return str(say("pack.erased")) if shown.get("erased") else _text(name, shown["value"], say)


def _text(name: str, value: Any, say: Catalogue) -> str:
    """A value as people read it; a list or table by how many members it has."""
    if isinstance(value, bool):
        return str(say("pack.yes" if value else "pack.no"))
    if isinstance(value, int):
        try:
            return format_quantity(value, name, say.language)
        except KeyError:
            return f"{value:,d}"
    if isinstance(value, list | dict):
        return str(say("pack.members", count=len(value)))
    if isinstance(value, Word):
        return say.pick(value.en, value.zh)
    return str(value)
