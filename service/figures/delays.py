"""How long duties took: by organisation, duty and month, how many took how many days, and what is open until when.

The sums of duties, kept as entries are recorded, tell which months have changed since they were counted: only these are
counted again, each in one query over an index; then what they add up to by organisation, by duty and as a whole. From
counts by days the median of any organisations and months together is exact, which from medians it would not be.

A correction may move days and leave the sums as they are: it marks what was counted (`service.db.duties.recount`). A
row is there before it is counted, and is not stored where it was marked meanwhile: then the next time counts it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, Row, and_, func, or_, select, update

from service.db import bulk
from service.db.duty_tables import duty_case, duty_sum
from service.db.figure_tables import RECOUNT, TOTAL, figure_delay
from service.work import Register

AT_ONCE = 200
"""Sums that are counted again in one transaction."""
_case, _sum, _delay = duty_case.c, duty_sum.c, figure_delay.c
_NAMES = ("actor", "duty", "month")
SIGNS = ("cases", "answered", "late", "days")
"""What a row has in common with the sum of duties that it was counted from, by which it is told to be of today."""
Key = tuple[str, str, str]
"""Actor, duty and month; a year where one of the others is TOTAL."""
UNFINISHED: Key = (TOTAL, TOTAL, "")
"""Of no month, so no question finds it: its content names what is counted and perhaps not added up yet."""
YEAR = 4
"""Letters of a year in place of a month."""
Values = tuple[int, int, int, int, bytes]


@dataclass(slots=True)
class Delays:
    """Of some organisations and months. took: cases by days from fact to record. due: open cases by their last day."""

    cases: int = 0
    answered: int = 0
    late: int = 0
    days: int = 0
    took: Counter[int] = field(default_factory=Counter)
    due: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row[Any]) -> None:
        """Add a row of `figure_delay`."""
        self.cases += row.cases
        self.answered += row.answered
        self.late += row.late
        self.days += row.days if row.days != RECOUNT else 0
        content = orjson.loads(row.content)
        for days, count in content["took"]:
            self.took[days] += count
        for day, count in content["due"]:
            self.due[day] += count

    def values(self) -> Values:
        """What is stored of them."""
        content = orjson.dumps({"took": sorted(self.took.items()), "due": sorted(self.due.items())})
        return self.cases, self.answered, self.late, self.days, content

    def overdue(self, today: date) -> int:
        """Open cases whose last day has passed."""
        return sum(count for day, count in self.due.items() if day and day < today.isoformat())

    def percentile(self, share: int) -> int | None:
        """The days within which `share` per cent of the answered cases were told; None where none was."""
        wanted, seen = -(-self.took.total() * share // 100), 0
        for days in sorted(self.took):
            seen += self.took[days]
            if seen >= wanted:
                return days
        return None


def refresh_delays(register: Register) -> int:
    """Count anew what has changed; gives how many sums. Where it was stopped halfway, the next time does it all."""
    with register.read() as reader:
        changed = sorted({*_changed(reader.connection), *read_unfinished(reader.connection)})
    if not changed:
        return 0
    _store(register, {UNFINISHED: (0, 0, 0, 0, orjson.dumps(changed))})
    for start in range(0, len(changed), AT_ONCE):
        _refresh(register, changed[start : start + AT_ONCE])
    for keys in totals_over(changed):
        _add_up(register, keys)
    _store(register, {UNFINISHED: None})
    return len(changed)


def totals_over(keys: Iterable[Key]) -> tuple[list[Key], list[Key], list[Key]]:
    """What these keys are added up to: by organisation and by duty, as a whole, and of years; to be made in order."""
    found = set(keys)
    halves = {(actor, TOTAL, month) for actor, _, month in found} | {(TOTAL, duty, month) for _, duty, month in found}
    whole = {(TOTAL, TOTAL, month) for *_, month in found}
    return sorted(halves), sorted(whole), sorted({(actor, duty, month[:YEAR]) for actor, duty, month in halves})


def _refresh(register: Register, keys: Sequence[Key]) -> None:
    with register.write_beside() as connection:
        _begin_counting(connection, keys)
    with register.read() as reader:
        rows = {key: count_delays(reader.connection, key) for key in keys}
    with register.write_beside() as connection:
        _store_counted(connection, rows)


def _begin_counting(connection: Connection, keys: Sequence[Key]) -> None:
    """Have a row for each key, without a mark."""
    nothing, new = Delays().values(), list[tuple[Any, ...]]()
    for key in keys:
        if not connection.execute(update(figure_delay).where(*same_key(_delay, key)).values(days=0)).rowcount:
            new.append((*key, *nothing))
    bulk.writer(connection).insert(figure_delay, new)


def _store_counted(connection: Connection, rows: Mapping[Key, Values | None]) -> None:
    """Store what was counted where no correction has marked it meanwhile."""
    for key, values in rows.items():
        same = (*same_key(_delay, key), _delay.days != RECOUNT)
        if values is None:
            connection.execute(figure_delay.delete().where(*same))
        else:
            new = dict(zip((*SIGNS, "content"), values, strict=True))
            connection.execute(update(figure_delay).where(*same).values(new))


def _add_up(register: Register, keys: Sequence[Key]) -> None:
    """Add up what these keys stand for, TOTAL being all that is there."""
    for start in range(0, len(keys), AT_ONCE):
        with register.read() as reader:
            rows = {key: sum_delays(reader.connection, key) for key in keys[start : start + AT_ONCE]}
        _store(register, rows)


def _store(register: Register, rows: Mapping[Key, Values | None]) -> None:
    with register.write_beside() as connection:
        kept = [(*key, *values) for key, values in rows.items() if values is not None]
        bulk.writer(connection).upsert(figure_delay, kept)
        for key, values in rows.items():
            if values is None:
                connection.execute(figure_delay.delete().where(*same_key(_delay, key)))


def _changed(connection: Connection) -> Iterator[Key]:
    """Keys of sums that are not those that were counted."""
    on = and_(*(_sum[name] == _delay[name] for name in _NAMES))
    moved = or_(_delay.actor.is_(None), *(_sum[name] != _delay[name] for name in SIGNS))
    query = select(_sum.actor, _sum.duty, _sum.month).select_from(duty_sum.outerjoin(figure_delay, on)).where(moved)
    yield from ((row[0], row[1], row[2]) for row in connection.execute(query))
    gone = select(_delay.actor, _delay.duty, _delay.month).select_from(figure_delay.outerjoin(duty_sum, on))
    gone = gone.where(_sum.actor.is_(None), _delay.actor != TOTAL, _delay.duty != TOTAL)
    yield from ((row[0], row[1], row[2]) for row in connection.execute(gone))


def read_unfinished(connection: Connection) -> list[Key]:
    """What was being counted when the counting was stopped, or is just now."""
    content = connection.execute(select(_delay.content).where(*same_key(_delay, UNFINISHED))).scalar_one_or_none()
    return [] if content is None else [(actor, duty, month) for actor, duty, month in orjson.loads(content)]


def count_delays(connection: Connection, key: Key) -> Values | None:
    """What the cases of an organisation, duty and month come to; None where there are none."""
    actor, duty, month = key
    row = connection.execute(select(duty_sum).where(*same_key(_sum, key))).one_or_none()
    if row is None:
        return None
    query = (
        select(_case.since, _case.due_on, _case.answered_on, func.count().label("times"))
        .where(_case.actor == actor, _case.duty == duty, _case.since >= f"{month}-01", _case.since <= f"{month}-31")
        .group_by(_case.since, _case.due_on, _case.answered_on)
    )
    delays = Delays(row.cases, row.answered, row.late, row.days)
    for each in connection.execute(query):
        if each.answered_on is None:
            delays.due[each.due_on] += each.times
        else:
            took = date.fromisoformat(each.answered_on) - date.fromisoformat(each.since)
            delays.took[took.days] += each.times
    return delays.values()


def sum_delays(connection: Connection, key: Key) -> Values | None:
    """The sums of one month that are not TOTAL where `key` is; of a year, those of its months."""
    actor, duty, month = key
    if len(month) == YEAR:
        chosen = [_delay.actor == actor, _delay.duty == duty, _delay.month > month, _delay.month < f"{month}-99"]
    else:
        chosen = [_delay.month == month]
        chosen += [_delay.actor == actor if actor != TOTAL else _delay.actor != TOTAL]
        chosen += [_delay.duty == duty if duty != TOTAL else _delay.duty != TOTAL]
    rows = connection.execute(select(figure_delay).where(*chosen)).all()
    delays = Delays()
    for row in rows:
        delays.add(row)
    return delays.values() if rows else None


def same_key(columns: Any, key: Key) -> tuple[Any, ...]:
    """That these columns name this key."""
    return tuple(columns[name] == value for name, value in zip(_NAMES, key, strict=True))
