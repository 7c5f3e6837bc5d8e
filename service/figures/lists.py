"""What is behind a number: batteries, entries and cases, page by page, whatever the register holds.

Of a list that is narrowed down no more than LOOKED_AT rows are looked at for a page: the page may then be short, and
`next` says where the search goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, select, tuple_

from service.db.duties import case_of
from service.db.duty_tables import vehicle_case
from service.db.figure_tables import figure_battery, figure_item
from service.db.scan_tables import copy_alert
from service.domain.copies import CopySign
from service.domain.duties.rows import DUTIES
from service.domain.states import OpState
from service.domain.words import LicenceKind
from service.duties import LateQuery, late_cases
from service.errors import Fault, NotFoundError, RefusedError
from service.figures.asking import Question, Row, begin_of
from service.figures.balances import GONE, month_before
from service.figures.copies import BANDS_KM, band_of, distance_km, open_alerts
from service.figures.licensing import LICENSED, unlicensed_days
from service.figures.parameters import ORPHAN
from service.figures.places import outlets
from service.figures.reading import find_figure, question_of, require_taken
from service.figures.recycling import period_of
from service.figures.shapes import MAX_PAGE, Column, Filter, Rows
from service.figures.storing import read_cursor
from service.scans.alerts import LARGEST
from service.work import Register

LOOKED_AT = 20_000
BY_STATE = frozenset({"state", "orphans"})
"""Lists that are of one state, where one is asked for; the others take no notice of it."""
OPEN, ANSWERED = "open", "answered"
UNKNOWN = "unknown"
"""In place of a band: no distance is known."""
OF_A_YEAR = frozenset({"recovery-rate", "recycling-efficiency", "recycled-content"})
"""Figures of the last twelve months where no other period is asked for, and their rows with them."""
FARTHEST_KM = 100_000
"""No two places lie so far apart."""
LONGEST_NUMBER = 15
"""Digits; no register has as many entries."""
_battery, _item, _vehicle, _alert = figure_battery.c, figure_item.c, vehicle_case.c, copy_alert.c
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
_ALERT = (
    _text("id"), _text("code", "code"), _text("sign", "sign"), Column("raised_at", "none", "day"),
    Column("times", "count", "measure"), Column("distance_km", "km", "rate"),
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
    "copies": _ALERT,
    "farthest": _ALERT,
    "outlets": (
        _text("operator", "operator"), _text("district", "district"), Column("active", "none", "flag"),
        Column("last_on", "none", "day"),
    ),
    "unlicensed": (
        _text("operator", "operator"), _text("kind", "kind"), Column("day", "none", "day"), _text("licence", "licence"),
        Column("events", "count", "measure"), _text("source"),
    ),
}  # fmt: skip


class Which(NamedTuple):
    """Which list, the usual one of the figure without a name, and which page of it.

    state: of the batteries in the lists `state` and `orphans`; without one those retired, and all that are too silent.
    of: what the rows of some lists are narrowed down to: in `late` a duty, "/" and ANSWERED or OPEN, in `unlicensed` an
    event, "/" and a licence, in `copies` a sign, in `farthest` where a band of distances begins. A part may be empty.
    """

    name: str = ""
    state: str = ""
    of: str = ""
    after: str | None = None
    limit: int = 100


def read_rows(register: Register, slug: str, asked: Filter, which: Which = Which()) -> Rows:  # noqa: B008
    """A page of one of the figure's lists.

    Raises NotFoundError, and RefusedError for a filter or a place that there is not.
    """
    name, state, of, after, limit = which
    figure = find_figure(slug)
    name = name or next(iter(figure.lists), "")
    if name not in figure.lists:
        raise NotFoundError(f"behind {slug} there is no list {name}".rstrip())
    require_taken(figure, asked)
    if state and state not in set(OpState):
        raise RefusedError([Fault("/state", "filter", f"there is no state {state}", "没有该状态")])
    if of and not _is_known(name, of):
        raise RefusedError([Fault("/of", "filter", "the list has no rows of that kind", "列表中没有该类记录")])
    limit = max(1, min(limit, MAX_PAGE))
    with register.read() as reader:
        question = question_of(register, reader, figure, asked)
        try:
            if "\0" in (after or ""):
                raise ValueError(after)
            rows, next_ = READERS[name](question, state if name in BY_STATE else of, after, limit)
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
        until = begin_of(month_before(question.today, row.value))
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
    where = [_battery.state == state, _battery.last_at < before, *question.in_moments(_battery.last_at)]
    if after:
        last_at, code = after.split(",")
        where.append(tuple_(_battery.last_at, _battery.code) > (last_at, code))
    query = select(figure_battery).where(*where).order_by(_battery.last_at, _battery.code)
    model = question.filter.model

    def take(row: Any) -> Row | None:
        if row.code[3] != "P" or not question.is_about(row.holder) or model not in (None, row.model):
            return None
        return row.code, row.state, row.last_at, row.holder, row.maker, row.model, row.mass_g

    return _look_through(question, query, limit, take, lambda row: f"{row.last_at},{row.code}")


def _look_through(
    question: Question,
    query: Select[Any],
    limit: int,
    take: Callable[[Any], Row | None],
    place: Callable[[Any], str],
) -> Found:
    """Up to `limit` of the rows that `take` makes of the first LOOKED_AT of a query. place: where a row stands."""
    rows, last, looked_at = list[Row](), None, 0
    options = {"yield_per": MAX_PAGE}
    with question.reader.connection.execute(query.limit(LOOKED_AT), execution_options=options) as result:
        for each in result:
            if len(rows) == limit:
                return rows, last
            looked_at, last = looked_at + 1, place(each)
            taken = take(each)
            if taken is not None:
                rows.append(taken)
    return rows, last if looked_at == LOOKED_AT else None


def _items(name: str) -> Callable[[Question, str, str | None, int], Found]:
    def read(question: Question, _of: str, after: str | None, limit: int) -> Found:
        where: list[Any] = [_item.list == name]
        since, until = question.since, question.until
        if question.figure.slug in OF_A_YEAR:
            period = period_of(question)
            since, until = period.first, period.last
        if question.filter.operator:
            where.append(_item.operator == question.filter.operator)
        if after:
            index, code = after.split(",")
            where.append(tuple_(_item.idx, _item.code) > (_number(index), code))

        def take(row: Any) -> Row | None:
            if not since <= row.month <= until or not question.is_about(row.operator):
                return None
            return row.idx, row.code, row.operator, row.other, row.month, row.amount_g, row.expected_g

        query = select(figure_item).where(*where).order_by(_item.idx, _item.code)
        return _look_through(question, query, limit, take, lambda row: f"{row.idx},{row.code}")

    return read


def _late(question: Question, of: str, after: str | None, limit: int) -> Found:
    """Cases that began in the period: nothing is due before it began."""
    place, asked, (duty_asked, _, settled) = None, question.filter, of.partition("/")
    if after:
        due, index, code, duty = after.split(",")
        place = (due, _number(index), code, duty)
    begin = date.fromisoformat(f"{asked.since}-01") if asked.since else None
    query = late_cases(LateQuery(asked.operator, since=begin, after=place), question.today)

    def take(row: Any) -> Row | None:
        if not question.since <= row.since[:7] <= question.until or not question.is_about(row.actor):
            return None
        if duty_asked not in ("", row.duty) or settled not in ("", OPEN if row.answered_on is None else ANSWERED):
            return None
        days = case_of(row).days_late(question.today)
        return row.actor, row.duty, row.code, row.idx, row.since, row.due_on, row.answered_on, days

    return _look_through(question, query, limit, take, lambda row: f"{row.due_on},{row.idx},{row.code},{row.duty}")


def _missing(question: Question, _of: str, after: str | None, limit: int) -> Found:
    where: list[Any] = [_vehicle.answer.is_(None)]
    if question.filter.operator:
        where.append(_vehicle.actor == question.filter.operator)
    if after:
        index, code = after.split(",")
        where.append(tuple_(_vehicle.idx, _vehicle.code) > (_number(index), code))
    query = select(vehicle_case).where(*where).order_by(_vehicle.idx, _vehicle.code)

    def take(row: Any) -> Row | None:
        if not question.since <= row.since[:7] <= question.until or not question.is_about(row.actor):
            return None
        return row.idx, row.actor, row.since, row.certificate_no, row.code, row.found

    return _look_through(question, query, limit, take, lambda row: f"{row.idx},{row.code}")


def _copies(question: Question, sign: str, after: str | None, limit: int) -> Found:
    """Of those who made the batteries, as the figure counts them."""
    query = open_alerts(question).where(_alert.id > min(_number(after or "0"), LARGEST)).order_by(_alert.id)
    if sign:
        query = query.where(_alert.sign == sign)
    return _look_through(question, query, limit, _alert_row, lambda row: str(row.id))


def _farthest(question: Question, band: str, after: str | None, limit: int) -> Found:
    """The open alerts of one band of distances, or all, those that lie farthest apart first; unknown ones last."""
    begin, _, place = (after or "").partition(",")
    behind = (-_number(begin), _number(place)) if after else (-FARTHEST_KM, 0)
    query = open_alerts(question).order_by(_alert.id).limit(LOOKED_AT)
    found = [_alert_row(row) for row in question.rows(query)]
    kept = [row for row in found if band in ("", _band_of(row))]
    ordered = sorted((-_distance_of(row), int(str(row[0])), row) for row in kept)
    rows = [row for distance, id_, row in ordered if (distance, id_) > behind]
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], None if last is None else f"{_distance_of(last)},{last[0]}"


def _distance_of(row: Row) -> int:
    return int(row[-1] or 0)


def _band_of(row: Row) -> str:
    return UNKNOWN if row[-1] is None else str(band_of(int(row[-1])))


def _alert_row(row: Any) -> Row:
    return row.id, row.code, row.sign, row.raised_at, row.times, distance_km(row.first_cell, row.second_cell)


def _outlets(question: Question, _of: str, after: str | None, limit: int) -> Found:
    rows = [row for row in outlets(question) if str(row[0]) > (after or "")]
    return rows[:limit], str(rows[limit - 1][0]) if len(rows) > limit else None


def _unlicensed(question: Question, of: str, after: str | None, limit: int) -> Found:
    operator, kind, day, licence = (after or ",,,").split(",")
    asked, _, need = of.partition("/")
    rows = list(unlicensed_days(question, (operator, kind, day, licence), limit + 1, of=(asked, need)))
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
    "farthest": _farthest,
    "outlets": _outlets,
    "unlicensed": _unlicensed,
}


def _is_known(name: str, of: str) -> bool:
    """Whether a list may be narrowed down to this."""
    first, _, second = of.partition("/")
    if name == "late":
        return first in ("", *DUTIES) and second in ("", OPEN, ANSWERED)
    if name == "unlicensed":
        return first in ("", *LICENSED) and second in ("", *LicenceKind)
    known = {"copies": set[str](CopySign), "farthest": {UNKNOWN, *map(str, BANDS_KM)}}
    return of in known.get(name, set[str]())


def _number(text: str) -> int:
    """Of an entry or an alert, as a place names it. Raises ValueError."""
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise ValueError(text)
    return int(text)
