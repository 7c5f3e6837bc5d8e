"""What happens to a part when its whole ends: it ends with it, without an event or a row of its own.

A recycled pack takes every module and cell along that is still built into it. Nothing is written for them, so that the
cost of an event does not grow with the number of parts: a part is looked at together with what it is built into, at
most two steps up (cell, module, pack).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.domain.states import WHOLE_ENDS, BatteryState, LifeStatus

STEPS = 3
"""More than the levels there are: no chain is longer, and a wrong one ends."""


def wholes_of(state: BatteryState, states: Mapping[str, BatteryState]) -> Iterator[BatteryState]:
    """What a battery is built into, from near to far, as far as it is among `states`."""
    for _ in range(STEPS):
        whole = states.get(state.parent) if state.parent is not None else None
        if whole is None:
            return
        yield whole
        state = whole


def ended_whole(state: BatteryState, states: Mapping[str, BatteryState]) -> BatteryState | None:
    """The whole that took this part along when it ended, if any."""
    return next((whole for whole in wholes_of(state, states) if whole.op_state in WHOLE_ENDS), None)


def seen_with_its_whole(state: BatteryState, states: Mapping[str, BatteryState]) -> BatteryState:
    """How a part is shown: ended where its whole ended, waste where its whole is waste."""
    outermost = state
    for whole in wholes_of(state, states):
        if whole.op_state in WHOLE_ENDS:
            return state.changed(
                {"op_state": whole.op_state, "life_status": whole.life_status, "passport": whole.passport}
            )
        outermost = whole
    if outermost.life_status is LifeStatus.WASTE and state.life_status is not LifeStatus.WASTE:
        return state.changed({"life_status": LifeStatus.WASTE})
    return state
