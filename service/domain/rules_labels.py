"""Rules about labels: who makes them, that a second one has a reason, and that none is voided that was never printed.

- A label names a battery wherever it sticks, so only who answers for the battery has it made: its maker, the operator
  that is responsible by law, or whoever has it in hand.
- The labels of a battery are counted: printed, and taken out of use.
"""

from __future__ import annotations

from typing import Any

from service.domain.bodies import PrintLabel, VoidLabel
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.states import BatteryState

MOST_LABELS = 1000
"""Of one battery in all."""


def labels_are_ones_to_make(case: Case[PrintLabel]) -> None:
    for at, state in enumerate(case.states):
        _check_actor(case, state, at)
        if state.labels + case.body.copies > MOST_LABELS:
            raise breach("labels-too-many", "/body/copies", current=state, code=state.code, most=MOST_LABELS)


def reprint_has_a_reason(case: Case[PrintLabel]) -> None:
    for at, state in enumerate(case.states):
        if state.labels and case.body.reprint_reason is None:
            raise breach("reprint-reason", f"/subjects/{at}", current=state, code=state.code, count=state.labels)


def labels_are_ones_to_void(case: Case[VoidLabel]) -> None:
    for at, state in enumerate(case.states):
        _check_actor(case, state, at)
        left = state.labels - state.labels_void
        if case.body.copies > left:
            raise breach("labels-too-few", f"/subjects/{at}", current=state, code=state.code, left=left)


def labels_printed(case: Case[PrintLabel], state: BatteryState) -> dict[str, Any]:
    """What a print changes about a battery."""
    return {"labels": state.labels + case.body.copies}


def labels_voided(case: Case[VoidLabel], state: BatteryState) -> dict[str, Any]:
    """What voiding changes about a battery."""
    return {"labels_void": state.labels_void + case.body.copies}


def _check_actor(case: Case[Any], state: BatteryState, at: int) -> None:
    if case.event.actor not in (state.maker, state.responsible, state.holder):
        raise breach("label-of-another", f"/subjects/{at}", current=state, code=state.code, maker=state.maker)
