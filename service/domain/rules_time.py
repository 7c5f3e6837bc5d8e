"""When an event may have happened: not in the future, not before its battery was made, and in order.

What is told of a battery comes in the order in which it happened. An event that is older than the newest one is taken
only of a kind that has a field `late_reason`, with that field filled in; it then adds to the history and to what is
known, and never turns the present back. One that changes who has the battery, or where it is in its life, must not be
older than the last such change. Two operators' clocks may differ by CLOCK_SKEW. Source: conservation rule 6.
"""

from __future__ import annotations

from datetime import timedelta

from service.domain.breaches import breach
from service.domain.case import Facts
from service.domain.events import KINDS, Event
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState

LATE_KINDS = frozenset(
    row.name for row in KINDS.values() if row.body is not None and "late_reason" in row.body.__slots__
)
"""The kinds that may be told after a later event of the same battery."""
CLOCK_SKEW = timedelta(minutes=5)  # Conservation rule 6: event time <= record time + skew


def not_in_the_future(event: Event, facts: Facts) -> None:
    if event.occurred_at > facts.received_at + CLOCK_SKEW:
        raise breach("in-the-future", "/occurred_at")


def not_before_production(event: Event, state: BatteryState) -> None:
    if date_in_china(event.occurred_at) < state.made_on:
        raise breach("before-production", "/occurred_at", code=state.code, made_on=state.made_on)


def order_is_kept(event: Event, state: BatteryState, *, moves: bool) -> None:
    """moves: whether the event changes who has the battery or where it is in its life."""
    if not is_late(event, state):
        return
    if event.kind not in LATE_KINDS:
        raise breach("out-of-order", "/occurred_at", current=state, code=state.code, last=state.last_occurred_at)
    if getattr(event.body, "late_reason", None) is None:
        raise breach("late-reason", "/body/late_reason", current=state, code=state.code, last=state.last_occurred_at)
    if moves and event.occurred_at + CLOCK_SKEW < state.since:
        raise breach("before-last-change", "/occurred_at", current=state, code=state.code, last=state.since)


def is_late(event: Event, state: BatteryState) -> bool:
    """Whether something later is known of the battery already."""
    return event.occurred_at + CLOCK_SKEW < state.last_occurred_at
