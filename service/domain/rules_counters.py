"""Counters never fall, and health rises only by repair: over every kind of event that tells one of them.

What is told of an earlier time than what is known is compared the other way round, or not at all where no time is kept
for what is known. The odometer is the vehicle's: it is compared with what is known of every pack that is in that
vehicle, and no more once the last of them has left it. Source: conservation rule 7.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from service.domain.bodies import Install, ReplacePack, ReportSoh, Retire, Swap
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.events import Event
from service.domain.rules_time import is_before_last_change, is_late
from service.domain.states import BatteryState


class HealthTold(NamedTuple):
    """One row: where a kind tells the state of certified energy of the battery that plays `part`.

    rises: whether it may lie above what was told before without a repair between.
    """

    kind: str
    part: str
    field: str
    rises: bool
    source: str


_RULE = "Conservation rule 7"
HEALTH_TOLD: tuple[HealthTold, ...] = (
    HealthTold("report_soh", "subject", "soce_ppm", False, _RULE),
    HealthTold("swap", "out", "soce_out_ppm", False, _RULE),
    HealthTold("swap", "in", "soce_in_ppm", False, _RULE),
    HealthTold("retire", "subject", "soce_ppm", False, _RULE),
    HealthTold("repair", "subject", "soce_ppm", True, f"{_RULE}: it is the health after the repair"),
    HealthTold(
        "test",
        "subject",
        "soce_ppm",
        True,
        "GB/T 34015-2017: measured by discharging, while a report may be an estimate of the battery management system "
        "(that it may lie above one: source needed)",
    ),
)
HEALTH_FIELDS: dict[tuple[str, str], HealthTold] = {(row.kind, row.part): row for row in HEALTH_TOLD}
COUNTERS_TOLD: dict[str, tuple[str, ...]] = {
    "report_soh": ("full_cycles", "throughput_wh", "odometer_km"),
    "install": ("odometer_km",),
    "replace_pack": ("odometer_km",),
}
"""By kind, the fields that count up."""


def counters_never_decrease(case: Case[ReportSoh]) -> None:
    """Cycles, energy throughput, and the odometer while it is in one vehicle. A late report is below what is known."""
    state, late = case.states[0], is_superseded(case.event, case.states[0])
    for name in COUNTERS_TOLD["report_soh"]:
        told, known = getattr(case.body, name), getattr(state, name)
        if told is None or known is None or (name == "odometer_km" and not is_of_this_vehicle(case.event, state)):
            continue
        if late and known and told > known:
            raise breach("counter-late", f"/body/{name}", current=state)
        if not late and told < known:
            raise breach("counter-decrease", f"/body/{name}", current=state)


def odometer_runs_on(case: Case[Install] | Case[ReplacePack]) -> None:
    """The vehicle has gone at least as far as was told with any pack that is in it."""
    told = case.body.odometer_km
    for state in _packs_in_the_vehicle(case):
        known = state.odometer_km
        if told is not None and known is not None and told < known and not is_late(case.event, state):
            raise breach("counter-decrease", "/body/odometer_km", current=state)


def health_rises_only_after_repair(case: Case[ReportSoh] | Case[Swap] | Case[Retire]) -> None:
    for part, state in zip(case.parts, case.states, strict=True):
        row = HEALTH_FIELDS.get((case.event.kind, part))
        if row is None or row.rises or is_superseded(case.event, state):
            continue
        before, now = state.soce_ppm, getattr(case.body, row.field)
        if before is not None and now is not None and now > before and not state.repaired_since_soh:
            raise breach("soce-rise", f"/body/{row.field}", current=state)


def health_at_the_end_rises_only_after_repair(case: Case[Retire]) -> None:
    """The same, as a rule that came after the first entries of its kind."""
    health_rises_only_after_repair(case)


def is_superseded(event: Event, state: BatteryState) -> bool:
    """Whether a later measurement of the battery is known already."""
    return state.measured_at is not None and event.occurred_at < state.measured_at


def is_of_this_vehicle(event: Event, state: BatteryState) -> bool:
    """Whether the battery was in the vehicle that it is in now at the time of the event, as far as is known."""
    return state.vehicle is not None and not is_before_last_change(event, state)


def _packs_in_the_vehicle(case: Case[Install] | Case[ReplacePack]) -> Iterator[BatteryState]:
    """The pack that is replaced, and the others that are there."""
    if isinstance(case.body, ReplacePack):
        yield case.states[0]
    for code in sorted(case.facts.fitted - set(case.event.subjects)):
        state = case.facts.states.get(code)
        if state is not None:
            yield state
