"""What an accepted event changes about a battery, besides the steps of the lifecycle table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.domain.bodies import (
    Assemble,
    Collect,
    Dismantle,
    HandOver,
    Install,
    IssueNotice,
    LiftNotice,
    PlaceOnMarket,
    Receive,
    Register,
    RegisterPack,
    Repair,
    ReplacePack,
    ReportIncident,
    ReportSoh,
    ResidualTest,
    Retire,
    SecondLife,
    Swap,
    TransferOwnership,
)
from service.domain.case import B, Case, listing_of, parts_of
from service.domain.corrections import corrected_state
from service.domain.events import KINDS
from service.domain.gbt34014 import LEVEL_OF_LETTER
from service.domain.rules_counters import HEALTH_FIELDS, is_of_this_vehicle, is_superseded
from service.domain.rules_handover import handed, producer_of, responsible_for_waste, taken
from service.domain.rules_labels import labels_printed, labels_voided
from service.domain.rules_notice import flags_after, lifted, name_of
from service.domain.rules_second_life import OPERATIONS, operation_of
from service.domain.rules_time import is_late
from service.domain.states import COMMITTED, UNSAFE, BatteryState, LifeStatus, OpState, PassportStatus
from service.domain.words import Severity

Changes = Mapping[str, Any]
Effect = Callable[[Case[Any], BatteryState], Changes]


def create(case: Case[Any], code: str) -> BatteryState:
    """A battery that was not there: as new, of its model, or made of used ones, with rated values of its own."""
    body: Register | SecondLife = case.body
    event, new = case.event, isinstance(body, Register)
    model = case.facts.models[body.model_id].body if isinstance(body, Register) else None
    life = LifeStatus.ORIGINAL if isinstance(body, Register) else OPERATIONS[operation_of(event.kind, body)].output
    rated = model or body
    return BatteryState(
        code=code,
        level=LEVEL_OF_LETTER[code[3]],
        op_state=OpState.REGISTERED,
        life_status=life,
        passport=PassportStatus.DRAFT,
        maker=event.actor,
        holder=event.actor,
        made_on=body.made_on,
        mass_g=body.mass_g,
        capacity_mah=body.capacity_mah,
        energy_wh=body.energy_wh,
        rated_capacity_mah=rated.capacity_mah,
        rated_energy_wh=rated.energy_wh,
        count=1,
        last_occurred_at=event.occurred_at,
        model_id=model.model_id if model else None,
        gtin=body.gtin or (model.gtin if model else None),
        derived_from=() if new else event.subjects[1:],
        responsible=None if new else event.actor,
    )


def create_pack(case: Case[RegisterPack], code: str) -> BatteryState:
    """A new pack with the parts that its registration lists."""
    children = listing_of(case).children_of(code)
    return create(case, code).changed({"op_state": OpState.ASSEMBLED, "children": children})


def _assemble_parent(case: Case[Assemble], state: BatteryState) -> Changes:
    return {"children": case.event.subjects[1:], "mass_g": case.body.mass_g}


def _join(case: Case[B], state: BatteryState) -> Changes:
    return {"parent": case.event.subjects[0]}


def _leave(case: Case[B], state: BatteryState) -> Changes:
    return {"parent": None}


def _place(case: Case[PlaceOnMarket], state: BatteryState) -> Changes:
    """Who placed it last answers for it. What is told late of a battery at home changes nothing about that."""
    answered = state.responsible is not None and state.op_state is not OpState.EXPORTED
    responsible = state.responsible if answered and is_late(case.event, state) else case.event.actor
    return {"responsible": responsible, "markets": (*state.markets, case.body.market.value)}


def _ask_void(case: Case[B], state: BatteryState) -> Changes:
    return {"void_asked": True}


def _enter_vehicle(case: Case[Install] | Case[Swap] | Case[ReplacePack], state: BatteryState) -> Changes:
    return {"vehicle": case.event.vehicle, "odometer_km": getattr(case.body, "odometer_km", None)}


def _replace(case: Case[ReplacePack], state: BatteryState) -> Changes:
    """The new pack takes the place of the old one: a vehicle that is in use stays in use."""
    old = case.states[0]
    before = old.resumes if old.op_state is OpState.UNDER_SERVICE else old.op_state
    in_use = {"op_state": OpState.IN_USE} if before is not OpState.INSTALLED else {}
    return {**_enter_vehicle(case, state), **in_use}


def _leave_vehicle(case: Case[B], state: BatteryState) -> Changes:
    return {"vehicle": None, "odometer_km": None}


def _transfer(case: Case[TransferOwnership], state: BatteryState) -> Changes:
    """An owner of an earlier time than the newest one's leaves the present as it is."""
    told = case.event.occurred_at
    known = state.owned_at or (state.last_occurred_at if "owner" in dict(state.committed) else told)
    return {} if told < known else {"owner": case.body.new_owner, "owned_at": told}


def _report_soh(case: Case[ReportSoh], state: BatteryState) -> Changes:
    """A report of an earlier time than a later measurement leaves the present as it is."""
    if is_superseded(case.event, state):
        return {}
    body = case.body
    changes: dict[str, Any] = {
        "soce_ppm": body.soce_ppm,
        "remaining_capacity_mah": body.remaining_capacity_mah,
        "full_cycles": body.full_cycles or 0,
        "repaired_since_soh": False,
        "measured_at": case.event.occurred_at,
    }
    if _is_told(case, "throughput_wh"):
        changes["throughput_wh"] = body.throughput_wh or 0
    if _is_told(case, "odometer_km") and is_of_this_vehicle(case.event, state):
        changes["odometer_km"] = body.odometer_km
    return changes


def _is_told(case: Case[B], name: str) -> bool:
    """Whether the event says something in this field, be it erased since."""
    return getattr(case.body, name) is not None or name in case.event.commitments


def _report_incident(case: Case[ReportIncident], state: BatteryState) -> Changes:
    """A critical incident makes the battery unsafe until a repair passes its safety test."""
    repaired = state.safe_at is not None and case.event.occurred_at < state.safe_at
    if case.body.severity is not Severity.CRITICAL or repaired:
        return {}
    return {"flags": _with_flag(state, UNSAFE, wanted=True)}


def _repair(case: Case[Repair], state: BatteryState) -> Changes:
    body, event = case.body, case.event
    changes: dict[str, Any] = {"repaired_since_soh": True}
    if not is_superseded(event, state):
        changes |= {"soce_ppm": body.soce_ppm, "measured_at": event.occurred_at}
    if not (body.safety_test_passed and is_late(event, state)):
        changes["flags"] = _with_flag(state, UNSAFE, wanted=not body.safety_test_passed)
    if body.safety_test_passed and (state.safe_at is None or state.safe_at < event.occurred_at):
        changes["safe_at"] = event.occurred_at
    if body.removed is not None and body.inserted is not None:
        kept = tuple(body.inserted if code == body.removed else code for code in state.children)
        mass = {part: each.mass_g for part, each in zip(case.parts, case.states, strict=True)}
        changes |= {"children": kept, "mass_g": max(1, state.mass_g - mass["removed"] + mass["inserted"])}
    return changes


def _with_flag(state: BatteryState, flag: str, *, wanted: bool) -> tuple[str, ...]:
    if (flag in state.flags) is wanted:
        return state.flags
    return tuple(sorted({*state.flags, flag} if wanted else {*state.flags} - {flag}))


def _issue_notice(case: Case[IssueNotice], state: BatteryState) -> Changes:
    notices = tuple(sorted({*state.notices, name_of(case.body, case.event.actor)}))
    return {"notices": notices, "flags": flags_after(state, notices, state.decision)}


def _lift_notice(case: Case[LiftNotice], state: BatteryState) -> Changes:
    gone = lifted(case, state)
    notices = tuple(name for name in state.notices if name not in gone)
    return {"notices": notices, "flags": flags_after(state, notices, state.decision)}


def _swap_out(case: Case[Swap], state: BatteryState) -> Changes:
    return {**_leave_vehicle(case, state), **_health_at_swap(case, state, "out")}


def _swap_in(case: Case[Swap], state: BatteryState) -> Changes:
    return {**_enter_vehicle(case, state), **_health_at_swap(case, state, "in")}


def _health_at_swap(case: Case[Swap], state: BatteryState, part: str) -> Changes:
    name = HEALTH_FIELDS["swap", part].field
    if not _is_told(case, name) or is_superseded(case.event, state):
        return {}
    told = getattr(case.body, name)
    return {"soce_ppm": told, "measured_at": case.event.occurred_at, "repaired_since_soh": False}


def _retire(case: Case[Retire], state: BatteryState) -> Changes:
    changes: dict[str, Any] = {"vehicle": None, "odometer_km": None}
    if _is_told(case, "soce_ppm") and not is_superseded(case.event, state):
        changes |= {"soce_ppm": case.body.soce_ppm, "measured_at": case.event.occurred_at}
    if case.body.to_operator is not None and case.body.to_operator != case.event.actor:
        changes["handed_to"] = case.body.to_operator
    if case.body.discarded:
        changes |= {"life_status": LifeStatus.WASTE, "responsible": producer_of(state)}
    return changes


def _hand_over(case: Case[HandOver], state: BatteryState) -> Changes:
    return handed(case, state)


def _receive(case: Case[Receive], state: BatteryState) -> Changes:
    return taken(case, state)


def _collect(case: Case[Collect], state: BatteryState) -> Changes:
    responsible = responsible_for_waste(case, state)
    return {"mass_g": case.body.mass_g, "responsible": responsible, **taken(case, state)}


def _test(case: Case[ResidualTest], state: BatteryState) -> Changes:
    """Its decision is the newest, since tests are told in order; a measurement may be known that is newer."""
    body, event = case.body, case.event
    decided = {"decision": body.decision, "flags": flags_after(state, state.notices, body.decision)}
    if is_late(event, state) and is_superseded(event, state):
        return decided
    return {
        **decided,
        "remaining_capacity_mah": body.remaining_capacity_mah,
        "soce_ppm": body.soce_ppm,
        "repaired_since_soh": False,
        "measured_at": event.occurred_at,
    }


def _dismantle(case: Case[Dismantle], state: BatteryState) -> Changes:
    return {"children": ()}


def _consume(case: Case[SecondLife], state: BatteryState) -> Changes:
    return {"consumed_into": case.event.subjects[0]}


def committed_after(case: Case[Any], state: BatteryState, changes: Changes) -> tuple[tuple[str, str], ...]:
    """What the state is committed to after these changes: a new value has the commitment it came with, or none."""
    committed = dict(state.committed)
    leaves = "vehicle" in changes and changes["vehicle"] is None
    named = _named_otherwise(case, state) if case.event.kind in _OTHER_NAMES else {}
    for name, field in COMMITTED.items():
        if name in changes:
            given = case.event.commitments.get(named.get(name, field))
            if given is None or (leaves and name in _OF_THE_VEHICLE):
                committed.pop(name, None)
            else:
                committed[name] = given
    return tuple(sorted(committed.items()))


def _named_otherwise(case: Case[Any], state: BatteryState) -> Mapping[str, str]:
    """The fields of the body that are called otherwise than COMMITTED says: a swap tells the same of two batteries."""
    event = case.facts.corrected if case.event.kind == "correct" else case.event
    if event is None or event.kind != "swap":
        return {}
    part = parts_of(event, KINDS[event.kind])[event.subjects.index(state.code)]
    return {"soce_ppm": HEALTH_FIELDS["swap", part].field}


_OTHER_NAMES = frozenset({"swap", "correct"})
_OF_THE_VEHICLE = frozenset({"vehicle", "odometer_km"})

CREATORS: dict[tuple[str, str], Callable[[Case[Any], str], BatteryState]] = {
    ("register", "subject"): create,
    ("register_pack", "subject"): create_pack,
    ("prepare_reuse", "output"): create,
    ("repurpose", "output"): create,
    ("remanufacture", "output"): create,
}

EFFECTS: dict[tuple[str, str], Effect] = {
    ("assemble", "parent"): _assemble_parent,
    ("assemble", "child"): _join,
    ("place_on_market", "subject"): _place,
    ("void", "subject"): _ask_void,
    ("install", "subject"): _enter_vehicle,
    ("transfer_ownership", "subject"): _transfer,
    ("report_soh", "subject"): _report_soh,
    ("report_incident", "subject"): _report_incident,
    ("repair", "subject"): _repair,
    ("repair", "removed"): _leave,
    ("repair", "inserted"): _join,
    ("replace_pack", "old"): _leave_vehicle,
    ("replace_pack", "new"): _replace,
    ("swap", "out"): _swap_out,
    ("swap", "in"): _swap_in,
    ("issue_notice", "subject"): _issue_notice,
    ("lift_notice", "subject"): _lift_notice,
    ("retire", "subject"): _retire,
    ("scrap_vehicle", "subject"): _leave_vehicle,
    ("hand_over", "subject"): _hand_over,
    ("receive", "subject"): _receive,
    ("collect", "subject"): _collect,
    ("test", "subject"): _test,
    ("dismantle", "subject"): _dismantle,
    ("dismantle", "module"): _leave,
    ("dismantle", "missing"): _leave,
    ("prepare_reuse", "input"): _consume,
    ("repurpose", "input"): _consume,
    ("remanufacture", "input"): _consume,
    ("print_label", "subject"): labels_printed,
    ("void_label", "subject"): labels_voided,
    ("correct", "subject"): corrected_state,
}
