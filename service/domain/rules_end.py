"""Rules from retirement on: collecting, testing, dismantling, second life, recycling."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from service.domain.bodies import Collect, Dismantle, Recycle, Repurpose
from service.domain.breaches import breach
from service.domain.case import B, Case
from service.domain.composition import PPM, available_g, recovered_mg
from service.domain.gbt34014 import parse_code
from service.domain.rules_use import MASS_TOLERANCE_PERCENT, code_is_new_form, stands_alone
from service.domain.states import BatteryState, LifeStatus, OpState
from service.domain.words import Application, Decision, Operation

REMANUFACTURED_PERCENT = 90  # Regulation (EU) 2023/1542, Art. 3(1)(32)


class OperationRow(NamedTuple):
    """output: what its product legally is. waste: whether its inputs must (True), may (None), must not (False) be."""

    output: LifeStatus
    waste: bool | None
    source: str


OPERATIONS: dict[Operation, OperationRow] = {
    Operation.REPURPOSING: OperationRow(LifeStatus.REPURPOSED, False, "Regulation (EU) 2023/1542, Art. 3(1)(31)"),
    Operation.PREPARATION_FOR_REPURPOSING: OperationRow(
        LifeStatus.REPURPOSED, True, "Regulation (EU) 2023/1542, Art. 3(1)(30)"
    ),
    Operation.REMANUFACTURING: OperationRow(
        LifeStatus.REMANUFACTURED, None, "Regulation (EU) 2023/1542, Art. 3(1)(32)"
    ),
    Operation.PREPARATION_FOR_REUSE: OperationRow(
        LifeStatus.RE_USED, True, "Regulation (EU) 2023/1542, Art. 3(1)(29); Directive 2008/98/EC, Art. 3(16)"
    ),
}


class BannedApplication(NamedTuple):
    application: Application
    jurisdiction: str
    since: date
    until: date | None
    source: str


BANNED_APPLICATIONS = (
    BannedApplication(Application.ELECTRIC_BICYCLE, "CN", date(2026, 4, 1), None, "MIIT Order 73, Art. 22"),
)


def all_stand_alone(case: Case[B]) -> None:
    offset = len(case.event.subjects) - len(case.states)  # an output that does not exist yet has no state
    for at, state in enumerate(case.states, offset):
        stands_alone(state, at)


def handed_over_by_an_operator(case: Case[Collect]) -> None:
    if case.body.from_operator not in case.facts.operators:
        raise breach("operator-unknown", "/body/from_operator", operator=case.body.from_operator)


def parts_are_all_accounted_for(case: Case[Dismantle]) -> None:
    parent, named = case.states[0], set(case.event.subjects[1:])
    for at, code in enumerate(case.body.missing):
        if code not in named:
            raise breach("missing-unlisted", f"/body/missing/{at}", code=code)
    for at, state in enumerate(case.states[1:], 1):
        if state.parent != parent.code:
            raise breach("not-a-part", f"/subjects/{at}", current=state, code=state.code, parent=parent.code)
    absent = [code for code in parent.children if code not in named]
    if absent:
        raise breach("parts-missing", "/subjects", current=parent, codes=", ".join(absent))


def fractions_weigh_the_battery(case: Case[Dismantle]) -> None:
    """A missing part may have been lost before or after the battery was weighed, so its mass may count or not."""
    mass, body = case.states[0].mass_g, case.body
    found = body.casing_mass_g + body.residual_mass_g
    missing = 0
    for part, state in zip(case.parts[1:], case.states[1:], strict=True):
        if part == "missing":
            missing += state.mass_g
        else:
            found += state.mass_g
    if not is_within(found, mass, at_least=False) or not is_within(found + missing, mass, at_most=False):
        raise breach("dismantled-mass", "/body/residual_mass_g", sum=found, mass=mass)


def is_within(value: int, target: int, *, at_least: bool = True, at_most: bool = True) -> bool:
    """Whether `value` is within the mass tolerance of `target`, on both sides or on one."""
    above = value * 100 <= target * (100 + MASS_TOLERANCE_PERCENT) or not at_most
    return above and (value * 100 >= target * (100 - MASS_TOLERANCE_PERCENT) or not at_least)


def output_has_its_own_code(case: Case[Repurpose]) -> None:
    """InvalidCode where the output's id is no code, or one of a later date than today."""
    code, made_on = parse_code(case.event.subjects[0], today=case.facts.today), case.body.made_on
    code_is_new_form(code, 19)
    if code.date != made_on:
        raise breach("made-on", "/body/made_on", code_date=code.date, made_on=made_on)
    for at, state in enumerate(case.states, 1):
        if state.code[4] != code.chemistry:
            raise breach(
                "chemistry-mismatch",
                f"/subjects/{at}",
                code=state.code,
                found=state.code[4],
                expected=code.chemistry,
            )
        if made_on < state.made_on:
            raise breach("made-before-parts", "/body/made_on", made_on=made_on, code=state.code)


def inputs_suit_the_operation(case: Case[Repurpose]) -> None:
    operation = case.body.operation
    row = OPERATIONS[operation]
    for at, state in enumerate(case.states, 1):
        new_part = operation is Operation.REMANUFACTURING and state.op_state is OpState.REGISTERED
        if state.decision is not Decision.SECOND_LIFE and not new_part:
            raise breach("input-untested", f"/subjects/{at}", current=state, code=state.code)
        waste = state.life_status is LifeStatus.WASTE
        if row.waste is not None and row.waste is not waste:
            raise breach(
                "operation-status",
                f"/subjects/{at}",
                current=state,
                operation=operation.value,
                code=state.code,
                status=state.life_status.value,
            )


def application_is_allowed(case: Case[Repurpose]) -> None:
    made_on = case.body.made_on
    for row in BANNED_APPLICATIONS:
        if row.application is case.body.application and row.since <= made_on and (not row.until or made_on < row.until):
            raise breach("application-banned", "/body/application", application=row.application.value, since=row.since)


def remanufacturing_restores_capacity(case: Case[Repurpose]) -> None:
    if case.body.operation is not Operation.REMANUFACTURING:
        return
    rated = max(state.rated_capacity_mah for state in case.states)
    if case.body.capacity_mah * 100 < rated * REMANUFACTURED_PERCENT:
        raise breach("remanufactured-capacity", "/body/capacity_mah", rated=rated)


def output_holds_no_more_energy(case: Case[Repurpose]) -> None:
    limit = sum(state.rated_energy_wh * tested_ppm(state) for state in case.states)
    if case.body.energy_wh * PPM > limit:
        raise breach("output-energy", "/body/energy_wh", energy=case.body.energy_wh)


def tested_ppm(state: BatteryState) -> int:
    """Share of its rated energy the battery still holds; a new part that was never measured holds all of it."""
    return PPM if state.soce_ppm is None else state.soce_ppm


def batch_is_balanced(case: Case[Recycle]) -> None:
    body = case.body
    recorded = sum(state.mass_g for state in case.states)
    if not is_within(body.input_mass_g, recorded):
        raise breach("input-mass", "/body/input_mass_g", recorded=recorded, mass=body.input_mass_g)
    total = body.loss_mass_g + sum(output.mass_g for output in body.outputs)
    if not is_within(total, body.input_mass_g):
        raise breach("batch-mass", "/body/outputs", sum=total, mass=body.input_mass_g)


def no_element_is_created(case: Case[Recycle]) -> None:
    models = case.facts.models
    inputs = [(state, models.get(state.model_id) if state.model_id else None) for state in case.states]
    for element, milligrams in recovered_mg(case.body.outputs).items():
        available = available_g(element, inputs)
        if milligrams > available * 1_000:
            raise breach(
                "element-mass",
                "/body/outputs",
                recovered=milligrams // 1_000,
                element=element.en,
                element_zh=element.zh,
                available=available,
            )
