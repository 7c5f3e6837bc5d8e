"""Rules of second lives: what legally happens to the inputs, and what their product may claim.

Three kinds of events make a new battery of used ones: `prepare_reuse`, `repurpose` and `remanufacture`. Waste becomes a
product again in no other way. The product has a code and a passport of its own, linked to those of its inputs.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from service.domain.bodies import Remanufacture, Repurpose, SecondLife
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.gbt34014 import parse_code
from service.domain.materials.products import PPM
from service.domain.rules_use import code_is_new_form
from service.domain.spans import holds_on
from service.domain.states import BatteryState, LifeStatus, OpState
from service.domain.words import Application, Category, Decision, Operation

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

OPERATION_OF_KIND = {"prepare_reuse": Operation.PREPARATION_FOR_REUSE, "remanufacture": Operation.REMANUFACTURING}
"""The operation of those kinds whose body does not name it."""
CELL_SPREAD_PPM = 30_000  # Regulation (EU) 2023/1542, Art. 3(1)(32): healths of the cells within 3 %
SAME_PURPOSE: dict[Category, frozenset[Application]] = {
    Category.EV: frozenset({Application.TRACTION}),
    Category.LMT: frozenset({Application.LOW_SPEED_VEHICLE, Application.ELECTRIC_BICYCLE}),
    Category.STATIONARY: frozenset({Application.STATIONARY_STORAGE, Application.BACKUP_POWER}),
}
"""What a battery of a category was made for. Source: Regulation (EU) 2023/1542, Art. 3(1)(11) to (15)."""


def operation_of(kind: str, body: SecondLife) -> Operation:
    """Which legal operation an event of this kind is."""
    return body.operation if isinstance(body, Repurpose) else OPERATION_OF_KIND[kind]


def operation_is_of_this_kind(case: Case[Repurpose]) -> None:
    for kind, operation in OPERATION_OF_KIND.items():
        if case.body.operation is operation:
            raise breach("operation-kind", "/body/operation", operation=operation.value, kind=kind)


def purpose_stays_the_same(case: Case[SecondLife]) -> None:
    """As far as the models of the inputs tell what they were made for."""
    for state in case.states:
        model = case.facts.models.get(state.model_id) if state.model_id else None
        purposes = SAME_PURPOSE.get(model.body.category) if model else None
        if purposes is not None and case.body.application not in purposes:
            raise breach("other-purpose", "/body/application", code=state.code, allowed=", ".join(sorted(purposes)))


def cells_are_alike(case: Case[Remanufacture]) -> None:
    if case.body.cell_spread_ppm > CELL_SPREAD_PPM:
        raise breach("cell-spread", "/body/cell_spread_ppm")


def output_holds_no_more_capacity(case: Case[SecondLife]) -> None:
    limit = sum(tested_mah(state) for state in case.states)
    if case.body.capacity_mah > limit:
        raise breach("output-capacity", "/body/capacity_mah", capacity=case.body.capacity_mah)


def tested_mah(state: BatteryState) -> int:
    """Capacity as tested; a new part that was never measured, or whose value was erased, counts with its rated one."""
    return state.rated_capacity_mah if state.remaining_capacity_mah is None else state.remaining_capacity_mah


def output_has_its_own_code(case: Case[SecondLife]) -> None:
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


def inputs_suit_the_operation(case: Case[SecondLife]) -> None:
    operation = operation_of(case.event.kind, case.body)
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


def application_is_allowed(case: Case[SecondLife]) -> None:
    made_on = case.body.made_on
    for row in BANNED_APPLICATIONS:
        if row.application is case.body.application and holds_on(row, made_on):
            raise breach("application-banned", "/body/application", application=row.application.value, since=row.since)


def remanufacturing_restores_capacity(case: Case[Remanufacture]) -> None:
    rated = max(state.rated_capacity_mah for state in case.states)
    if case.body.capacity_mah * 100 < rated * REMANUFACTURED_PERCENT:
        raise breach("remanufactured-capacity", "/body/capacity_mah", rated=rated)


def output_holds_no_more_energy(case: Case[SecondLife]) -> None:
    limit = sum(state.rated_energy_wh * tested_ppm(state) for state in case.states)
    if case.body.energy_wh * PPM > limit:
        raise breach("output-energy", "/body/energy_wh", energy=case.body.energy_wh)


def tested_ppm(state: BatteryState) -> int:
    """Share of its rated energy the battery still holds; a new part that was never measured holds all of it."""
    return PPM if state.soce_ppm is None else state.soce_ppm
