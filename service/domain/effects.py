"""What an accepted event changes about a battery, besides the steps of the lifecycle table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.domain.bodies import (
    Assemble,
    Collect,
    Dismantle,
    Install,
    Register,
    Repair,
    ReportSoh,
    Repurpose,
    ResidualTest,
    Retire,
    Swap,
)
from service.domain.case import B, Case
from service.domain.gbt34014 import LEVEL_OF_LETTER
from service.domain.rules_end import OPERATIONS
from service.domain.states import COMMITTED, QUARANTINED, UNSAFE, BatteryState, LifeStatus, OpState, PassportStatus
from service.domain.words import Decision

Changes = Mapping[str, Any]
Effect = Callable[[Case[Any], BatteryState], Changes]


def register(case: Case[Register], code: str) -> BatteryState:
    body, actor = case.body, case.event.actor
    rated = case.facts.models[body.model_id].body
    return BatteryState(
        code=code,
        level=LEVEL_OF_LETTER[code[3]],
        op_state=OpState.REGISTERED,
        life_status=LifeStatus.ORIGINAL,
        passport=PassportStatus.DRAFT,
        maker=actor,
        holder=actor,
        made_on=body.made_on,
        mass_g=body.mass_g,
        capacity_mah=body.capacity_mah,
        energy_wh=body.energy_wh,
        rated_capacity_mah=rated.capacity_mah,
        rated_energy_wh=rated.energy_wh,
        count=1,
        last_occurred_at=case.event.occurred_at,
        model_id=body.model_id,
        gtin=body.gtin or rated.gtin,
    )


def create_output(case: Case[Repurpose], code: str) -> BatteryState:
    body, actor = case.body, case.event.actor
    return BatteryState(
        code=code,
        level=LEVEL_OF_LETTER[code[3]],
        op_state=OpState.REGISTERED,
        life_status=OPERATIONS[body.operation].output,
        passport=PassportStatus.DRAFT,
        maker=actor,
        holder=actor,
        made_on=body.made_on,
        mass_g=body.mass_g,
        capacity_mah=body.capacity_mah,
        energy_wh=body.energy_wh,
        rated_capacity_mah=body.capacity_mah,
        rated_energy_wh=body.energy_wh,
        count=1,
        last_occurred_at=case.event.occurred_at,
        derived_from=case.event.subjects[1:],
    )


def _assemble_parent(case: Case[Assemble], state: BatteryState) -> Changes:
    return {"children": case.event.subjects[1:], "mass_g": case.body.mass_g}


def _join(case: Case[B], state: BatteryState) -> Changes:
    return {"parent": case.event.subjects[0]}


def _leave(case: Case[B], state: BatteryState) -> Changes:
    return {"parent": None}


def _enter_vehicle(case: Case[Install] | Case[Swap], state: BatteryState) -> Changes:
    return {"vehicle": case.event.vehicle}


def _leave_vehicle(case: Case[B], state: BatteryState) -> Changes:
    return {"vehicle": None}


def _report_soh(case: Case[ReportSoh], state: BatteryState) -> Changes:
    body = case.body
    return {
        "soce_ppm": body.soce_ppm,
        "remaining_capacity_mah": body.remaining_capacity_mah,
        "full_cycles": body.full_cycles or 0,
        "repaired_since_soh": False,
    }


def _repair(case: Case[Repair], state: BatteryState) -> Changes:
    body = case.body
    changes: dict[str, Any] = {
        "soce_ppm": body.soce_ppm,
        "repaired_since_soh": True,
        "flags": _with_flag(state, UNSAFE, wanted=not body.safety_test_passed),
    }
    if body.removed is not None and body.inserted is not None:
        kept = tuple(body.inserted if code == body.removed else code for code in state.children)
        mass = {part: each.mass_g for part, each in zip(case.parts, case.states, strict=True)}
        changes |= {"children": kept, "mass_g": max(1, state.mass_g - mass["removed"] + mass["inserted"])}
    return changes


def _with_flag(state: BatteryState, flag: str, *, wanted: bool) -> tuple[str, ...]:
    if (flag in state.flags) is wanted:
        return state.flags
    return tuple(sorted({*state.flags, flag} if wanted else {*state.flags} - {flag}))


def _retire(case: Case[Retire], state: BatteryState) -> Changes:
    changes: dict[str, Any] = {"vehicle": None}
    if case.body.soce_ppm is not None or "soce_ppm" in case.event.commitments:
        changes["soce_ppm"] = case.body.soce_ppm
    return changes


def _collect(case: Case[Collect], state: BatteryState) -> Changes:
    return {"mass_g": case.body.mass_g}


def _test(case: Case[ResidualTest], state: BatteryState) -> Changes:
    body = case.body
    return {
        "remaining_capacity_mah": body.remaining_capacity_mah,
        "soce_ppm": body.soce_ppm,
        "repaired_since_soh": False,
        "decision": body.decision,
        "flags": _with_flag(state, QUARANTINED, wanted=body.decision is Decision.QUARANTINE),
    }


def _dismantle(case: Case[Dismantle], state: BatteryState) -> Changes:
    return {"children": ()}


def _consume(case: Case[Repurpose], state: BatteryState) -> Changes:
    return {"consumed_into": case.event.subjects[0]}


def committed_after(case: Case[Any], state: BatteryState, changes: Changes) -> tuple[tuple[str, str], ...]:
    """What the state is committed to after these changes: a new value has the commitment it came with, or none."""
    committed = dict(state.committed)
    for name, field in COMMITTED.items():
        if name in changes:
            given = case.event.commitments.get(field)
            if given is None or (name == "vehicle" and changes[name] is None):
                committed.pop(name, None)
            else:
                committed[name] = given
    return tuple(sorted(committed.items()))


CREATORS: dict[tuple[str, str], Callable[[Case[Any], str], BatteryState]] = {
    ("register", "subject"): register,
    ("repurpose", "output"): create_output,
}

EFFECTS: dict[tuple[str, str], Effect] = {
    ("assemble", "parent"): _assemble_parent,
    ("assemble", "child"): _join,
    ("install", "subject"): _enter_vehicle,
    ("report_soh", "subject"): _report_soh,
    ("repair", "subject"): _repair,
    ("repair", "removed"): _leave,
    ("repair", "inserted"): _join,
    ("swap", "out"): _leave_vehicle,
    ("swap", "in"): _enter_vehicle,
    ("retire", "subject"): _retire,
    ("collect", "subject"): _collect,
    ("test", "subject"): _test,
    ("dismantle", "subject"): _dismantle,
    ("dismantle", "module"): _leave,
    ("dismantle", "missing"): _leave,
    ("repurpose", "input"): _consume,
}
