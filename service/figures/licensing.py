"""On which days organisations acted without a licence that their acts need, by what is enrolled of them now (figure 8).

Licences begin and end on a few days. Between two of these nothing changes, so acts are kept by month, and only months
in which something changed are looked at day by day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from service.db.figure_tables import figure_act, figure_act_month
from service.domain.licences import NEEDED, Lapse, Need, lapses
from service.domain.roles import Role
from service.figures.asking import Question, Row, last_day, total
from service.recording.registry import Operator

HOME = "CN"
"""Organisations are enrolled with a division of China, so what the EU asks of its own is not asked of them."""
LICENSED = tuple(sorted({kind for need in NEEDED for kind in need.kinds}))
_FIRST, _LAST = date(2000, 1, 1), date(9999, 12, 31)
_act, _month = figure_act.c, figure_act_month.c


class Gap(NamedTuple):
    """Days, both included, on which an organisation had not all licences that events of a kind need."""

    operator: str
    kind: str
    since: date
    until: date
    lapses: tuple[Lapse, ...]


def unlicensed(question: Question) -> list[Row]:
    """Events without a valid licence on their day.

    told: whether such a licence was ever told of; where it was not, nothing is known, which is not the same as none.
    """
    found: dict[tuple[str, str, str, int, int], tuple[int, str, str, str]] = {}
    for gap, month, first, last, events in _in_gaps(question):
        group = {"operator": gap.operator, "district": question.district_of(gap.operator), "month": month}
        for lapse in gap.lapses:
            need = lapse.need
            told, enforced = int(lapse.last_day is not None), int(need.is_enforced)
            key = (group[question.by], gap.kind, need.licence.value, told, enforced)
            count, since, until, _ = found.get(key, (0, first, last, ""))
            found[key] = (count + events, min(since, first), max(until, last), need.source)
    return [(*key, events, first, last, source) for key, (events, first, last, source) in sorted(found.items())]


def unlicensed_days(
    question: Question, after: tuple[str, str, str, str], limit: int, *, of: tuple[str, str] = ("", "")
) -> Iterator[Row]:
    """Up to `limit` rows (operator, kind, day, licence, events, source) after such a place, in this order.

    of: the kind of event and the licence that are asked for, empty for all.
    """
    count = 0
    for gap in _gaps(question):
        if (gap.operator, gap.kind, f"{gap.until}") < after[:3] or of[0] not in ("", gap.kind):
            continue
        same = (gap.operator, gap.kind) == after[:2]
        since = max(f"{gap.since}", after[2]) if same else f"{gap.since}"
        days = select(_act.day, _act["count"]).where(*_of(gap, since)).order_by(_act.day).limit(limit + 1)
        for day, events in question.rows(days):
            for lapse in sorted(gap.lapses, key=lambda each: each.need.licence.value):
                row = (gap.operator, gap.kind, day, lapse.need.licence.value)
                if row > after and count < limit and of[1] in ("", row[3]):
                    count += 1
                    yield (*row, events, lapse.need.source)
        if count == limit:
            return


def _in_gaps(question: Question) -> Iterator[tuple[Gap, str, str, str, int]]:
    """Month by month the acts in each gap: the first and the last day of any, and how many.

    Months that lie in a gap as a whole, as nearly all do, are read for all organisations at once.
    """
    gaps: dict[tuple[str, str], list[Gap]] = {}
    for gap in _gaps(question):
        gaps.setdefault((gap.operator, gap.kind), []).append(gap)
    numbers = (func.min(_act.day), func.max(_act.day), total(_act["count"]))
    concerned = sorted({operator for operator, _ in gaps})
    query = select(figure_act_month).where(_month.actor.in_(concerned), _month.kind.in_(LICENSED))
    for actor, kind, name, first, last, events in question.rows(query.where(*question.in_period(_month.month))):
        for gap in gaps.get((actor, kind), ()):
            if f"{gap.since}" <= first and last <= f"{gap.until}":
                yield gap, name, first, last, events
            elif f"{gap.since}" <= last and first <= f"{gap.until}":
                part = select(*numbers).where(*_of(gap), _act.day >= first, _act.day <= last)
                begin, end, some = next(question.rows(part))
                if begin:
                    yield gap, name, begin, end, some


def _of(gap: Gap, since: str = "") -> tuple[Any, ...]:
    same = (_act.actor == gap.operator, _act.kind == gap.kind)
    return *same, _act.day >= (since or f"{gap.since}"), _act.day <= f"{gap.until}"


def _gaps(question: Question) -> Iterator[Gap]:
    """By organisation, kind and day."""
    since = date.fromisoformat(f"{question.filter.since}-01") if question.filter.since else _FIRST
    until = last_day(question.filter.until) if question.filter.until else _LAST
    for id_, operator in sorted(question.registry.operators.items()):
        if question.is_about(id_):
            for kind in LICENSED:
                yield from _gaps_of(operator, kind, since, until)


def _gaps_of(operator: Operator, kind: str, first: date, last: date) -> Iterator[Gap]:
    needs = [
        need for need in NEEDED if need.jurisdiction == HOME and kind in need.kinds and need.role in operator.roles
    ]
    if not needs:
        return
    roles = sorted({need.role for need in needs})
    days = sorted(day for day in {first, *_turns(operator, needs)} if first <= day <= last)
    for since, after in zip(days, [*days[1:], None], strict=True):
        missing = [_missing(operator, kind, role, since) for role in roles]
        if all(missing):  # there is no role in which it has all that it needs
            until = after - timedelta(days=1) if after else last
            yield Gap(operator.id, kind, since, until, missing[0])


def _missing(operator: Operator, kind: str, role: Role, day: date) -> tuple[Lapse, ...]:
    found = lapses(kind, role, day, operator.enrolment.licences)
    return tuple(each for each in found if each.need.jurisdiction == HOME)


def _turns(operator: Operator, needs: list[Need]) -> Iterator[date]:
    """The days from which on something else holds."""
    for need in needs:
        yield need.since
        if need.until:
            yield need.until
    for licence in operator.enrolment.licences or ():
        yield licence.valid_from
        if licence.valid_until and licence.valid_until < _LAST:
            yield licence.valid_until + timedelta(days=1)
