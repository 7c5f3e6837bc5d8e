"""Labels that may have been copied: open alerts by what gave them away, and how far apart they were (figure 7).

Alerts come from scans and stand beside the log. What is read is those that are open: the authority closes them one by
one, so there are never many. Between two coarse places the least distance counts: what both leave open is taken off.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from service.db.figure_tables import figure_battery
from service.db.scan_tables import copy_alert
from service.domain.errors import InvalidCode
from service.domain.places import CELL_LENGTH, Place, least_distance_km, place_of_cell, place_of_region
from service.figures.asking import Question, Row
from service.figures.tally import day_of

BANDS_KM = (0, 100, 300, 1_000, 3_000, 10_000)
"""Where the bands of distances begin."""
HOUR = 13
"""Letters of a time up to its hour: days of China begin with an hour of UTC."""
_alert, _battery = copy_alert.c, figure_battery.c


def copied_labels(question: Question) -> list[Row]:
    """Alerts that are open: how many, how often they were noticed, and the newest of them, by any grouping."""
    keys: dict[str, tuple[Any, ...]] = {
        "sign": (_alert.sign,),
        "model": (func.coalesce(_battery.model, ""),),
        "month": (func.substr(_alert.raised_at, 1, HOUR),),
        "distance": (_alert.first_cell, _alert.second_cell),
    }
    group = keys.get(question.by, (_alert.maker,))
    amounts = (func.count(), func.coalesce(func.sum(_alert.times), 0), func.max(_alert.raised_at))
    found: dict[str | int | None, tuple[int, int, str]] = {}
    query = select(*group, *amounts).select_from(_joined()).where(*_chosen(question)).group_by(*group)
    for row in question.rows(query):
        key = _named(question, tuple(row[:-3]))
        count, times, newest = found.get(key, (0, 0, ""))
        found[key] = (count + int(row[-3]), times + int(row[-2]), max(newest, str(row[-1])))
    order = sorted(found, key=lambda key: f"{key:06d}" if isinstance(key, int) else key or "")
    return [(key, *found[key]) for key in order]


def open_alerts(question: Question) -> Select[Any]:
    """The open alerts that a question is about; for one sign `where` may be added."""
    return select(copy_alert).select_from(_joined()).where(*_chosen(question))


def distance_km(first_cell: str | None, second_cell: str | None) -> int | None:
    """How far apart two told places were at least, in whole km; None where one of them was not told."""
    one, other = _place(first_cell), _place(second_cell)
    return None if one is None or other is None else int(least_distance_km(one, other))


def band_of(distance: int | None) -> int | None:
    """Where the band of a distance begins."""
    return None if distance is None else max(band for band in BANDS_KM if band <= distance)


def _named(question: Question, key: tuple[Any, ...]) -> str | int | None:
    if question.by == "distance":
        return band_of(distance_km(*key))
    if question.by == "district":
        return question.district_of(str(key[0]))
    return day_of(key[0])[:7] if question.by == "month" else str(key[0])


def _joined() -> Any:
    return copy_alert.outerjoin(figure_battery, _battery.code == _alert.code)


def _chosen(question: Question) -> list[ColumnElement[bool]]:
    asked = question.filter
    where = [_alert.closed_at.is_(None), *question.of_operators(_alert.maker), *question.in_moments(_alert.raised_at)]
    return where if asked.model is None else [*where, _battery.model == asked.model]


def _place(told: str | None) -> Place | None:
    """A cell, or the division of an organisation; None for what is neither."""
    if not told:
        return None
    try:
        return place_of_cell(told) if len(told) == CELL_LENGTH else place_of_region(told)
    except InvalidCode:
        return None
