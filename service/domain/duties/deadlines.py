"""Deadlines: how many days a duty allows, where the law as found does not say and the authority has set it.

They are entries, not settings: whoever replays the log must come to the same judgement, and a deadline that a file
could change would leave no trace of who was judged by it. A deadline set later judges nothing that is recorded already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from service.domain.duties.clocks import Clock, due_date
from service.domain.duties.rows import Duty


class Deadline(NamedTuple):
    """Days for the facts from `since` on, as set by that entry."""

    duty: str
    days: int
    clock: Clock
    since: date
    source: str
    entry: int


Deadlines = Mapping[str, Sequence[Deadline]]
"""By duty, in the order in which they were recorded."""


def find_deadline(duty: Duty, day: date, deadlines: Deadlines) -> tuple[int, Clock] | None:
    """Days and clock for a fact of `day`: of the row, or else of the newest entry that holds then."""
    if duty.days is not None:
        return duty.days, duty.clock
    for row in reversed(deadlines.get(duty.id, ())):
        if row.since <= day:
            return row.days, row.clock
    return None


def find_due_date(duty: Duty, day: date, deadlines: Deadlines) -> date | None:
    """The last day in time for a fact of `day`; None where nobody has said how many days there are."""
    found = find_deadline(duty, day, deadlines)
    return None if found is None else due_date(day, *found)
