"""Where batteries are, how they came there, and which have not been heard of (figures 3 and 5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select

from service.db.figure_tables import IS_HANDED, figure_flow, figure_stock
from service.domain.states import TERMINAL
from service.figures.asking import Question, Row, merged, total
from service.figures.parameters import ORPHAN
from service.figures.tally import HANDED

_flow, _stock = figure_flow.c, figure_stock.c
GONE = frozenset(state.value for state in TERMINAL) | {"EXPORTED", "LOST"}
"""States in which nothing more is expected."""


def flows(question: Question) -> list[Row]:
    """What moved in the period, what was weighed anew, and the stock there is now.

    Of organisations also who handed on to whom; all pairs of a whole country nobody could read. The group of what was
    handed on is the one that took it, since that one told it.
    """
    group = _group(question, _flow, _flow.month)
    keys = (group, _flow.flow, _flow.level, _flow.before, _flow.after)
    query = select(*keys, *_amounts(_flow)).where(*_chosen(question, _flow), *question.in_period(_flow.month))
    if question.by not in ("operator", "district") and question.operators() is None:
        query = query.where(_flow.flow != HANDED)
    rows = [tuple(row) for row in question.rows(query.group_by(*keys))]
    rows += _given(question, keys)
    group = _group(question, _stock, literal(""))
    query = select(group, literal("stock"), _stock.level, literal(""), _stock.state, *_amounts(_stock))
    query = query.where(*_chosen(question, _stock)).group_by(group, _stock.level, _stock.state)
    return _by_district(question, [*rows, *(tuple(row) for row in question.rows(query))])


def _given(question: Question, keys: tuple[Any, ...]) -> list[Row]:
    """What the organisations asked for handed to others: told by these, so it is in none of their own rows."""
    chosen, model = question.operators(), question.filter.model
    if chosen is None:
        return []
    by_model = question.by == "model" or model is not None
    where = [IS_HANDED, _flow.before.in_(chosen), _flow.operator.not_in(chosen)]
    where += [_flow.cut == 2 * by_model + 1, *question.in_period(_flow.month)]
    where += [_flow.model == model] if model is not None else []
    query = select(*keys, *_amounts(_flow)).where(*where).group_by(*keys)
    return [tuple(row) for row in question.rows(query)]


def orphans(question: Question) -> list[Row]:
    """Packs that something is expected of, by state and by the month of their newest event.

    Whole months count: a pack is an orphan where its newest event lies in a month that is over by more than the limit.
    Grouped by anything, those within the limit of their state are one row and those beyond it another: the month is
    then the oldest of them. A period asks for those whose newest event lies in it.
    """
    group, whole = _group(question, _stock, literal("")), question.by == "total"
    limits = _limits(question)
    over = case(
        *((and_(_stock.state == state, _stock.month < since), 1) for state, (_, since) in limits.items()), else_=0
    )
    keys = (group, _stock.state, over, *([_stock.month] if whole else []))
    query = select(group, _stock.state, over, func.min(_stock.month), *_amounts(_stock)).where(
        *_chosen(question, _stock),
        *question.in_period(_stock.month),
        _stock.level == "P",
        _stock.state.not_in(sorted(GONE)),
    )
    rows: dict[Row, Row] = {}
    for name, state, is_over, month, *amounts in question.rows(query.group_by(*keys)):
        shown = question.district_of(name) if question.by == "district" else name
        key = (shown, state, is_over, month if whole else "")
        known = rows.get(key, (month, 0, 0, 0))
        added = (int(one or 0) + int(other) for one, other in zip(known[1:], amounts, strict=True))
        rows[key] = (min(str(known[0]), month), *added)
    found: list[Row] = []
    for (shown, state, is_over, _), (month, *numbers) in sorted(rows.items()):
        limit = limits[str(state)][0] if state in limits else None
        found.append((shown, state, month, months_since(str(month), question.today), limit, is_over, *numbers))
    return found


def _limits(question: Question) -> dict[str, tuple[int, str]]:
    """By state, the limit in months, and the first month that is within it."""
    states = {row.of for row in question.parameters.all(ORPHAN)}
    rows = {state: question.parameters.find(ORPHAN, state, question.today) for state in sorted(states)}
    return {state: (row.value, month_before(question.today, row.value)) for state, row in rows.items() if row}


def months_since(month: str, today: date) -> int:
    """How many months lie between the month and that of `today`."""
    return (today.year - int(month[:4])) * 12 + today.month - int(month[5:])


def month_before(today: date, months: int) -> str:
    """The month that lies so many months before that of `today`."""
    number = today.year * 12 + today.month - 1 - months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _amounts(columns: Any) -> tuple[Any, ...]:
    return tuple(total(columns[name]) for name in ("count", "mass_g", "energy_wh"))


def _group(question: Question, columns: Any, month: Any) -> Any:
    named = {"operator": columns.operator, "district": columns.operator, "model": columns.model, "month": month}
    return named.get(question.by, literal(""))


def _chosen(question: Question, columns: Any) -> list[ColumnElement[bool]]:
    """The smallest cut that can answer, and what is asked for in it."""
    asked = question.filter
    by_operator = question.by in ("operator", "district") or question.operators() is not None
    by_model = question.by == "model" or asked.model is not None
    where = [columns.cut == 2 * by_model + by_operator, *question.of_operators(columns.operator)]
    return where if asked.model is None else [*where, columns.model == asked.model]


def _by_district(question: Question, rows: list[Row]) -> list[Row]:
    """The rows in order; where districts are asked for, those of the organisations of each added up."""
    if question.by == "district":
        rows = [(question.district_of(str(row[0])), *row[1:]) for row in rows]
    return merged(rows, lambda row: row[:-3], 3)
