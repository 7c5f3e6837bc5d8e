"""When an event may have happened: not in the future, not before its battery was made, and in order.

What is told of a battery comes in the order in which it happened. An event that is older than the newest one is taken
with a reason only, in its field `late_reason`; it then adds to the history and to what is known, and never turns the
present back. One that changes who has the battery, or where it is in its life, must not be older than the last such
change. One that ends its life must not be older than what only a battery that is still there can have. What is done in
the register itself, such as publishing a passport, happens when it is recorded: such a kind has no such field. Two
operators' clocks may differ by CLOCK_SKEW. Source: conservation rules 6 and 9.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from service.domain.breaches import breach
from service.domain.events import KINDS, Event
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState

LATE_KINDS = frozenset(
    row.name for row in KINDS.values() if row.body is not None and "late_reason" in row.body.__slots__
)
"""The kinds that may be told after a later event of the same battery."""
CLOCK_SKEW = timedelta(minutes=5)  # Conservation rule 6: event time <= record time + skew


def not_in_the_future(occurred_at: datetime, received_at: datetime) -> None:
    if occurred_at > received_at + CLOCK_SKEW:
        raise breach("in-the-future", "/occurred_at")


def not_before_production(event: Event, state: BatteryState) -> None:
    if date_in_china(event.occurred_at) < state.made_on:
        raise breach("before-production", "/occurred_at", code=state.code, made_on=state.made_on)


def order_is_kept(event: Event, state: BatteryState, *, moves: bool, ends: bool) -> None:
    """moves: whether the event changes who has the battery or where it is in its life. ends: whether it ends it."""
    if not is_late(event, state):
        return
    if event.kind not in LATE_KINDS:
        raise breach("out-of-order", "/occurred_at", current=state, code=state.code, last=state.last_occurred_at)
    if getattr(event.body, "late_reason", None) is None:
        raise breach("late-reason", "/body/late_reason", current=state, code=state.code, last=state.last_occurred_at)
    if moves:
        is_newest_move(event, state)
    if ends and event.occurred_at + CLOCK_SKEW < state.seen:
        raise breach("end-before", "/occurred_at", current=state, code=state.code, last=state.seen)


def is_newest_move(event: Event, state: BatteryState) -> None:
    """The event is not before the battery last changed hands or state."""
    if is_before_last_change(event, state):
        raise breach("before-last-change", "/occurred_at", current=state, code=state.code, last=state.since)


def is_before_last_change(event: Event, state: BatteryState) -> bool:
    """Whether the event tells of a time when somebody else may have had the battery, or it stood elsewhere in life."""
    return event.occurred_at + CLOCK_SKEW < state.since


def is_late(event: Event, state: BatteryState) -> bool:
    """Whether something later is known of the battery already."""
    return event.occurred_at + CLOCK_SKEW < state.last_occurred_at
