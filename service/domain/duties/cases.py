"""Cases: what an event makes of the duties. One case for each duty and battery that an event begins.

Judged is the record, not the fact: a case is late when its answer was recorded after the last day. An event that is
its own answer is judged the moment it is recorded. A duty that another event answers stays open until then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from service.domain.duties.deadlines import Deadlines, find_due_date
from service.domain.duties.rows import ACTOR, DUTIES, Duty
from service.domain.events import Event
from service.domain.rules_use import date_in_china


@dataclass(frozen=True, slots=True)
class DutyCase:
    """One duty, about one battery (`code`, empty where the event names none), begun by entry `index`.

    due_on: None where no number of days is known. answer: the entry that answers it, recorded on `answered_on`.
    """

    index: int
    code: str
    duty: str
    actor: str
    since: date
    due_on: date | None
    answer: int | None = None
    answered_on: date | None = None

    @property
    def is_late(self) -> bool:
        """Whether it was answered after its last day."""
        return self.answered_on is not None and self.due_on is not None and self.answered_on > self.due_on

    def is_overdue(self, today: date) -> bool:
        """Whether it is unanswered and its last day has passed."""
        return self.answer is None and self.due_on is not None and self.due_on < today

    def days_late(self, today: date) -> int:
        """Calendar days since its last day, up to the answer or to `today`; 0 in time."""
        if self.due_on is None:
            return 0
        return max(0, ((self.answered_on or today) - self.due_on).days)

    def answered(self, index: int, day: date) -> DutyCase:
        """This case, answered by entry `index`, which was recorded on `day`."""
        return replace(self, answer=index, answered_on=day)

    def reopened(self) -> DutyCase:
        """This case without its answer."""
        return replace(self, answer=None, answered_on=None)

    def moved(self, since: date, deadlines: Deadlines) -> DutyCase:
        """This case after the day of its fact was corrected."""
        return replace(self, since=since, due_on=find_due_date(DUTIES[self.duty], since, deadlines))


_BY_TRIGGER: dict[str, tuple[Duty, ...]] = {}
for _row in DUTIES.values():
    if _row.unjudged is None:
        _BY_TRIGGER[_row.trigger] = (*_BY_TRIGGER.get(_row.trigger, ()), _row)
ANSWERING = frozenset(
    kind for row in DUTIES.values() if row.unjudged is None for kind in row.answers if kind != row.trigger
)
"""Kinds of events that may answer what an earlier event began."""


def begin_cases(
    event: Event, index: int, *, roles: Collection[str], received_on: date, deadlines: Deadlines
) -> Iterator[DutyCase]:
    """The cases that `event`, recorded on `received_on` as entry `index`, begins. `roles`: of its actor.

    Cost grows with its batteries.
    """
    for duty in _BY_TRIGGER.get(event.kind, ()):
        if duty.roles.isdisjoint(roles):
            continue
        since = day_of(duty, event)
        if not duty.holds_on(since):
            continue
        who = event.actor if duty.who == ACTOR else getattr(event.body, duty.who)
        due_on = find_due_date(duty, since, deadlines)
        codes = (event.subjects if duty.every else event.subjects[:1]) or ("",)
        answer = (index, received_on) if event.kind in duty.answers else (None, None)
        for code in codes:
            yield DutyCase(index, code, duty.id, who, since, due_on, *answer)


def day_of(duty: Duty, event: Event) -> date:
    """The day of the fact: as the body says, or the day of the event in China."""
    told: date | None = getattr(event.body, duty.day_of) if duty.day_of is not None else None
    return told or date_in_china(event.occurred_at)


def answers(case: DutyCase, event: Event) -> bool:
    """Whether `event`, which names the battery of the open `case`, answers it."""
    return event.kind in DUTIES[case.duty].answers
