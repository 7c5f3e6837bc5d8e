"""Who tells the register too late, how often and by how much (figure 4)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from service.db.figure_tables import TOTAL, figure_delay
from service.domain.recovery.targets import PPM
from service.figures.asking import Question, Row
from service.figures.delays import YEAR, Delays

_delay = figure_delay.c


def overdue(question: Question) -> list[Row]:
    """Cases that began in the period, by organisation, duty, district or month: who answered late, who has not.

    Late is what was answered after its last day; overdue is what is open after it, as of today.
    """
    by_operator = question.by in ("operator", "district") or question.operators() is not None
    where = [_delay.actor != TOTAL if by_operator else _delay.actor == TOTAL]
    where.append(_delay.duty != TOTAL if question.by == "duty" else _delay.duty == TOTAL)
    where += [
        _in_period(question, has_years=not (by_operator and question.by == "duty")),
        *question.of_operators(_delay.actor),
    ]
    query = select(figure_delay).where(*where)
    found: dict[str, Delays] = {}
    for row in question.rows(query):
        found.setdefault(_group(question, row), Delays()).add(row)
    return [_line(question, group, found[group]) for group in sorted(found)]


def _in_period(question: Question, *, has_years: bool) -> ColumnElement[bool]:
    """Whole years as such, and the months of the others. has_years: an organisation's duty has sums of months only."""
    first, last = question.since[:4], question.until[:4]
    since = first if question.since <= f"{first}-01" else f"{int(first) + 1:04d}"
    until = last if question.until >= f"{last}-12" else f"{int(last) - 1:04d}"
    is_year = func.length(_delay.month) == YEAR
    months = and_(_delay.month >= question.since, _delay.month <= question.until, not_(is_year))
    if question.by == "month" or not has_years or since > until:
        return months
    in_years = and_(_delay.month >= since, _delay.month <= f"{until}-99")
    return or_(and_(is_year, in_years), and_(months, not_(in_years)))


def _group(question: Question, row: object) -> str:
    name = {"operator": "actor", "district": "actor"}.get(question.by, question.by)
    value = str(getattr(row, name))
    return question.district_of(value) if question.by == "district" else value


def _line(question: Question, group: str, delays: Delays) -> Row:
    late, open_ = delays.late, delays.overdue(question.today)
    rate = (late + open_) * PPM // delays.cases if delays.cases else None
    return (group, delays.cases, delays.answered, late, open_, rate, delays.percentile(50), delays.percentile(95))
