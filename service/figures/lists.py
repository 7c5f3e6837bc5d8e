"""What is behind a number: batteries, entries and cases, page by page, whatever the register holds.

Of a list that is narrowed down no more than LOOKED_AT rows are looked at for a page: the page may then be short, and
`next` says where the search goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, tuple_

from service.db.figure_tables import figure_battery, figure_item
from service.domain.states import OpState
from service.duties import LateQuery, find_late, find_missing
from service.errors import Fault, NotFoundError, RefusedError
from service.figures.asking import Question, Row
from service.figures.balances import GONE, month_before
from service.figures.licensing import unlicensed_days
from service.figures.parameters import ORPHAN
from service.figures.reading import find_figure, question_of, require_taken
from service.figures.shapes import MAX_PAGE, Column, Filter, Rows
from service.figures.storing import read_cursor
from service.scans.alerts import find_alerts
from service.work import Register

LOOKED_AT = 20_000
_battery, _item = figure_battery.c, figure_item.c
Found = tuple[list[Row], str | None]
"""Rows, and where the next page begins."""


def _text(key: str, unit: str = "none") -> Column:
    return Column(key, unit, "text")


_BATTERY = (
    _text("code", "code"), _text("state", "state"), Column("last_at", "none", "day"), _text("operator", "operator"),
    _text("maker", "operator"), _text("model", "model"), Column("mass_g", "g", "measure"),
)  # fmt: skip
_ITEM = (
    _text("entry", "entry"), _text("code", "code"), _text("operator", "operator"), _text("other"), _text("month"),
    Column("amount_g", "g", "measure"), Column("expected_g", "g", "measure"),
)  # fmt: skip
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "state": _BATTERY,
    "orphans": _BATTERY,
    "retired": _BATTERY,
    "batches": _ITEM,
    "near": _ITEM,
    "shortfall": _ITEM,
    "late": (
        _text("operator", "operator"), _text("duty", "duty"), _text("code", "code"), _text("entry", "entry"),
        Column("since", "none", "day"), Column("due_on", "none", "day"), Column("answered_on", "none", "day"),
        Column("days_late", "days", "measure"),
    ),
    "missing": (
        _text("entry", "entry"), _text("operator", "operator"), Column("since", "none", "day"),
        _text("certificate_no"), _text("code", "code"), _text("found", "code"),
    ),
    "copies": (
        _text("id"), _text("code", "code"), _text("sign", "sign"), Column("raised_at", "none", "day"),
        Column("times", "count", "measure"),
    ),
    "unlicensed": (
        _text("operator", "operator"), _text("kind", "kind"), Column("day", "none", "day"), _text("licence", "licence"),
        Column("events", "count", "measure"), _text("source"),
    ),
}  # fmt: skip


class Which(NamedTuple):
    """Which list, the usual one of the figure without a name, and which page of it.

    state: of the batteries in the lists `state` and `orphans`; without one those retired, and all that are too silent.
    """

    name: str = ""
    state: str = ""
    after: str | None = None
    limit: int = 100


def read_rows(register: Register, slug: str, asked: Filter, which: Which = Which()) -> Rows:  # noqa: B008
    """A page of one of the figure's lists.

    Raises NotFoundError, and RefusedError for a filter or a place that there is not.
    """
    name, state, after, limit = which
    figure = find_figure(slug)
    name = name or next(iter(figure.lists), "")
    if name not in figure.lists:
        raise NotFoundError(f"behind {slug} there is no list {name}".rstrip())
    require_taken(figure, asked)
    if state and state not in set(OpState):
        raise RefusedError([Fault("/state", "filter", f"there is no state {state}", "没有该状态")])
    limit = max(1, min(limit, MAX_PAGE))
    with register.read() as reader:
        question = question_of(register, reader, figure, asked)
        try:
            rows, next_ = READERS[name](question, state, after, limit)
        except ValueError as error:
            raise RefusedError([Fault("/after", "place", "no page begins there", "该位置没有可显示的页")]) from error
        cursor, size = read_cursor(reader.connection), reader.size()
    return Rows(figure, name, COLUMNS[name], tuple(rows), next_, cursor.size, max(0, size - cursor.size))


def _states(question: Question, state: str, after: str | None, limit: int) -> Found:
    return _batteries(question, state or OpState.RETIRED.value, "9", after, limit)


def _retired(question: Question, _state: str, after: str | None, limit: int) -> Found:
    return _orphans(question, OpState.RETIRED.value, after, limit)


def _orphans(question: Question, state: str, after: str | None, limit: int) -> Found:
    """One state after another, each from the one not heard of for longest on."""
    rows = question.parameters.all(ORPHAN)
    states = [state] if state else sorted({row.of for row in rows} - GONE)
    begin, _, place = (after or "").partition(":")
    if after and begin not in states:
        raise ValueError(after)
    found: list[Row] = []
    for each in states[states.index(begin) if after else 0 :]:
        row = question.parameters.find(ORPHAN, each, question.today)
        if row is None:
            continue
        until = _begin_of(month_before(question.today, row.value))
        page, next_ = _batteries(question, each, until, place or None, limit - len(found))
        found, place = found + page, ""
        if next_ is not None:
            return found, f"{each}:{next_}"
        if len(found) == limit:
            following = states[states.index(each) + 1 :]
            return found, f"{following[0]}:" if following else None
    return found, None


def _batteries(question: Question, state: str, before: str, after: str | None, limit: int) -> Found:
    """Batteries of a state with their newest event before a moment, the oldest first."""
    where = [_battery.state == state, _battery.last_at < before]
    if after:
        last_at, code = after.split(",")
        where.append(tuple_(_battery.last_at, _battery.code) > (last_at, code))
    query = select(figure_battery).where(*where).order_by(_battery.last_at, _battery.code).limit(LOOKED_AT)
    rows, last = list[Row](), None
    looked_at = 0
    for row in question.rows(query):
        if len(rows) == limit:
            break
        looked_at, last = looked_at + 1, f"{row.last_at},{row.code}"
        model = question.filter.model
        if row.code[3] == "P" and question.is_about(row.holder) and model in (None, row.model):
            rows.append((row.code, row.state, row.last_at, row.holder, row.maker, row.model, row.mass_g))
    else:
        last = last if looked_at == LOOKED_AT else None
    return rows, last


def _items(name: str) -> Callable[[Question, str, str | None, int], Found]:
    def read(question: Question, _state: str, after: str | None, limit: int) -> Found:
        where: list[Any] = [
            _item.list == name,
            *question.in_period(_item.month),
            *question.of_operators(_item.operator),
        ]
        if after:
            index, code = after.split(",")
            where.append(tuple_(_item.idx, _item.code) > (int(index), code))
        query = select(figure_item).where(*where).order_by(_item.idx, _item.code).limit(limit + 1)
        found = list(question.rows(query))
        last = found[limit - 1] if len(found) > limit else None
        rows: list[Row] = [
            (row.idx, row.code, row.operator, row.other, row.month, row.amount_g, row.expected_g)
            for row in found[:limit]
        ]
        return rows, None if last is None else f"{last.idx},{last.code}"

    return read


def _late(question: Question, _state: str, after: str | None, limit: int) -> Found:
    """Of one organisation or of all: the list of duties knows no districts."""
    place = None
    if after:
        due, index, code, duty = after.split(",")
        place = (due, int(index), code, duty)
    page = find_late(question.register, LateQuery(question.filter.operator, after=place, limit=limit))
    rows: list[Row] = [
        (case.actor, case.duty, case.code, case.index, case.since.isoformat(), _iso(case.due_on),
         _iso(case.answered_on), case.days_late(page.today))
        for case in page.cases if question.is_about(case.actor)
    ]  # fmt: skip
    return rows, None if page.next is None else ",".join(map(str, page.next))


def _missing(question: Question, _state: str, after: str | None, limit: int) -> Found:
    index, _, code = (after or "-1,").partition(",")
    page = find_missing(question.register, operator=question.filter.operator, after=(int(index), code), limit=limit)
    rows: list[Row] = [
        (each.index, each.actor, each.since.isoformat(), each.certificate_no, each.code, each.found)
        for each in page.cases if question.is_about(each.actor)
    ]  # fmt: skip
    return rows, None if page.next is None else ",".join(map(str, page.next))


def _copies(question: Question, _state: str, after: str | None, limit: int) -> Found:
    found = find_alerts(
        question.reader.connection, operator=question.filter.operator, after=int(after or 0), limit=limit + 1
    )
    rows: list[Row] = [
        (each.id, each.code, each.sign.value, each.raised_at.isoformat(), each.times) for each in found[:limit]
    ]
    return rows, str(found[limit - 1].id) if len(found) > limit else None


def _unlicensed(question: Question, _state: str, after: str | None, limit: int) -> Found:
    operator, kind, day, licence = (after or ",,,").split(",")
    rows = list(unlicensed_days(question, (operator, kind, day, licence), limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], None if last is None else ",".join(map(str, last[:4]))


READERS: Mapping[str, Callable[[Question, str, str | None, int], Found]] = {
    "state": _states,
    "orphans": _orphans,
    "retired": _retired,
    "batches": _items("batches"),
    "near": _items("near"),
    "shortfall": _items("shortfall"),
    "late": _late,
    "missing": _missing,
    "copies": _copies,
    "unlicensed": _unlicensed,
}


def _begin_of(month: str) -> str:
    """The first moment of a month, in China, as entries write it."""
    before = date.fromisoformat(f"{month}-01") - timedelta(days=1)
    return f"{before}T16:00:00.000Z"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
