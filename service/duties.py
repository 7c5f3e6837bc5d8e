"""Duties as people ask for them: the rows with the days in force, who is late, and each operator's sums.

No answer reads more than its page: what is late is a range of an index over the open and the late cases.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_

from service.db.duties import case_of
from service.db.duty_tables import UNSETTLED, duty_case, duty_sum
from service.db.missing import find_open
from service.domain.duties.cases import DutyCase
from service.domain.duties.clocks import SOURCE_NEEDED, Clock
from service.domain.duties.deadlines import Deadline, Deadlines
from service.domain.duties.rows import DUTIES, Duty, duties_on
from service.domain.duties.vehicles import MissingBattery
from service.domain.rules_use import date_in_china
from service.errors import NotFoundError
from service.operators import record_as
from service.recording.recorder import Recorded, Recorder
from service.recording.registry import SET_DEADLINE, SET_LICENCE_DAY, Registry
from service.work import Register

Place = tuple[str, int, str, str]
"""Where a page of cases ends: due day, entry, code and duty of its last case."""
MAX_PAGE = 1000
_case = duty_case.c


@dataclass(frozen=True, slots=True)
class DutyInForce:
    """A row with the days that hold on a day: of the row itself, or as the authority `set` them."""

    duty: Duty
    set: Deadline | None

    @property
    def days(self) -> int | None:
        return self.set.days if self.set else self.duty.days

    @property
    def clock(self) -> Clock:
        return self.set.clock if self.set else self.duty.clock

    @property
    def source(self) -> str:
        return self.set.source if self.set else self.duty.source

    @property
    def state(self) -> str:
        """judged: lateness is told by it; source needed: nobody has said how many days; unjudged: it is only shown."""
        if self.duty.unjudged is not None:
            return "unjudged"
        return SOURCE_NEEDED if self.days is None else "judged"


@dataclass(frozen=True, slots=True)
class LateQuery:
    """Which cases: those due from `since` to `until`, of one operator or of all, after the end of the page before."""

    operator: str | None = None
    since: date | None = None
    until: date | None = None
    after: Place | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class LatePage:
    """Cases that are or were late, the longest due first. `next`: where the next page begins, None at the end."""

    today: date
    cases: tuple[DutyCase, ...]
    next: Place | None


@dataclass(frozen=True, slots=True)
class MissingPage:
    """Open cases in the order of their entries. `next`: where the next page begins, None at the end."""

    cases: tuple[MissingBattery, ...]
    next: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class DutySum:
    """What came of one operator's duties of one kind, of the facts of one month ("2026-05").

    answered, late: how many were answered, and of these late. days: from fact to record, of those answered, summed up.
    """

    operator: str
    duty: str
    month: str
    cases: int
    answered: int
    late: int
    days: int


def duties_in_force(registry: Registry, *, on: date, jurisdiction: str | None = None) -> list[DutyInForce]:
    """The rows for facts of this day."""
    return [DutyInForce(duty, _set_on(duty, on, registry.deadlines)) for duty in duties_on(on, jurisdiction)]


def all_duties(registry: Registry, *, jurisdiction: str | None = None) -> list[DutyInForce]:
    """All rows, with the newest deadline set for each."""
    newest = {duty: rows[-1] for duty, rows in registry.deadlines.items()}
    return [DutyInForce(duty, newest.get(duty.id)) for duty in duties_on(None, jurisdiction)]


def find_late(register: Register, query: LateQuery) -> LatePage:
    """What is unanswered after its last day, and what was answered after it."""
    today = date_in_china(register.clock())
    limit = min(query.limit, MAX_PAGE)
    with register.read() as reader:
        rows = reader.connection.execute(late_cases(query, today).limit(limit + 1)).all()
    cases = tuple(case_of(row) for row in rows[:limit])
    return LatePage(today, cases, _place(cases[-1]) if len(rows) > limit else None)


def late_cases(query: LateQuery, today: date) -> Select[Any]:
    """The rows of `duty_case` that are or were late, the longest due first, however many."""
    due: list[ColumnElement[bool]] = [UNSETTLED, _case.due_on > "", _case.due_on < today.isoformat()]
    if query.operator is not None:
        due.append(_case.actor == query.operator)
    if query.since is not None:
        due.append(_case.due_on >= query.since.isoformat())
    if query.until is not None:
        due.append(_case.due_on <= query.until.isoformat())
    order = (_case.due_on, _case.idx, _case.code, _case.duty)
    if query.after is not None:
        due.append(tuple_(*order) > query.after)
    return select(duty_case).where(*due).order_by(*order)


def find_missing(
    register: Register, *, operator: str | None = None, after: tuple[int, str] = (-1, ""), limit: int = 100
) -> MissingPage:
    """Open cases of batteries missing from scrapped vehicles, of one dismantler or of all, after (entry, code)."""
    limit = min(limit, MAX_PAGE)
    with register.read() as reader:
        cases = find_open(reader.connection, actor=operator, after=after, limit=limit + 1)
    last = cases[limit - 1] if len(cases) > limit else None
    return MissingPage(tuple(cases[:limit]), None if last is None else (last.index, last.code))


def sums_of(register: Register, operator: str, *, since: str = "", until: str = "9999-12") -> list[DutySum]:
    """The sums of an operator for these months, by duty and month."""
    c = duty_sum.c
    query = select(duty_sum).where(c.actor == operator, c.month >= since, c.month <= until).order_by(c.duty, c.month)
    with register.read() as reader:
        return [DutySum(*row) for row in reader.connection.execute(query)]


def cases_of(connection: Any, operator: str, duties: frozenset[str], *, since: date, until: date) -> Iterator[DutyCase]:
    """An operator's cases of these duties with facts from `since` to `until`, by day and entry."""
    period = (_case.since >= since.isoformat(), _case.since <= until.isoformat())
    query = (
        select(duty_case)
        .where(_case.actor == operator, _case.duty.in_(sorted(duties)), *period)
        .order_by(_case.since, _case.idx, _case.code, _case.duty)
    )
    for row in connection.execute(query):
        yield case_of(row)


def set_deadline(recorder: Recorder, body: dict[str, Any]) -> Recorded:
    """Record how many days a duty allows, as the authority. Raises its refusal."""
    registry = recorder.register.registry
    return record_as(recorder, registry.authority, SET_DEADLINE, body)


def set_licence_day(recorder: Recorder, body: dict[str, Any]) -> Recorded:
    """Record from when on a licence has to be told, as the authority. Raises its refusal."""
    return record_as(recorder, recorder.register.registry.authority, SET_LICENCE_DAY, body)


def find_duty(id_: str) -> Duty:
    """The row of this id. Raises NotFoundError."""
    duty = DUTIES.get(id_)
    if duty is None:
        raise NotFoundError(f"there is no duty {id_}: `packtrail duties` lists them")
    return duty


def _set_on(duty: Duty, day: date, deadlines: Deadlines) -> Deadline | None:
    rows = deadlines.get(duty.id, ())
    return next((row for row in reversed(rows) if row.since <= day), None)


def _place(case: DutyCase) -> Place:
    return (case.due_on.isoformat() if case.due_on else "", case.index, case.code, case.duty)
