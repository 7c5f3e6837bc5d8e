"""Where a number of a figure's table leads: the list behind it, narrowed down to what its row is about.

Numbers that no list has rows for lead nowhere: rates, what moved (the stock does), and what is restricted.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from api.desk.figures.cards import Record
from api.desk.figures.words import Speaker
from service.figures.balances import month_before
from service.figures.lists import ANSWERED, OPEN, UNKNOWN
from service.figures.shapes import Filter

Query = dict[str, str]
"""Fields of the address of a list: `list`, `state`, `of`, and those of the filter."""


class Line(NamedTuple):
    """A row of a table, by what it was grouped, and what the table was narrowed down by."""

    row: Record
    by: str
    asked: Filter

    def text(self, key: str) -> str:
        value = self.row[key]
        return "" if value is None else str(value)

    def group(self) -> Query | None:
        """The part of the filter that leaves what the group is about; None for a group without a name."""
        if "group" not in self.row or self.by == "total":
            return {}
        name = self.text("group")
        if self.by == "month":
            return {"since": name, "until": name} if name else {}
        return {self.by: name} if name else None


class Behind(NamedTuple):
    """figure: whose list it is. query: what its address asks."""

    figure: str
    query: Query


def lead(slug: str, line: Line) -> Mapping[str, Behind]:
    """By the key of a column, where the number in this row leads; 0 and what is not known lead nowhere."""
    find = _LEADS.get(slug)
    found = find(line) if find is not None else {}
    figure = _OF_OTHERS.get(slug, slug)
    return {key: Behind(figure, query) for key, query in found.items() if query is not None and line.row[key]}


def _batches(line: Line) -> dict[str, Query | None]:
    first, _, last = line.text("month").partition("/")
    query = {"list": "batches", "operator": line.text("operator"), "since": first, "until": last or first}
    return dict.fromkeys(("in_mg", "out_mg", "passed_mg"), query)


def _stock(line: Line) -> dict[str, Query | None]:
    """Lists are of packs; what moved is no list of batteries."""
    if line.row["flow"] != "stock" or line.row["level"] != "P":
        return {}
    group = line.group()
    return {"count": None if group is None else {"list": "state", "state": line.text("after")} | group}


def _late(line: Line) -> dict[str, Query | None]:
    duty = line.text("group") if line.by == "duty" else ""
    group = {} if line.by == "duty" else line.group()
    if group is None:
        return {}
    return {
        "late": {"list": "late", "of": f"{duty}/{ANSWERED}"} | group,
        "overdue": {"list": "late", "of": f"{duty}/{OPEN}"} | group,
    }


def _orphans(line: Line) -> dict[str, Query | None]:
    """Of those within the limit of their state, the ones not older than it."""
    row, group = line.row, line.group()
    if group is None:
        return {}
    if line.by == "total":
        group = {"since": line.text("month"), "until": line.text("month")}
    elif not row["over"] and row["limit_months"] is not None:
        oldest = date.fromisoformat(f"{line.text('month')}-01")
        group = group | {"since": month_before(oldest, int(row["limit_months"]) - int(row["months"] or 0))}
    return {"count": {"list": "orphans" if row["over"] else "state", "state": line.text("state")} | group}


def _copies(line: Line) -> dict[str, Query | None]:
    if line.by == "distance":
        return {"open": {"list": "farthest", "of": line.text("group") or UNKNOWN}}
    if line.by == "sign":
        return {"open": {"list": "copies", "of": line.text("group")}}
    return {"open": _of_group("copies", line)}


def _unlicensed(line: Line) -> dict[str, Query | None]:
    query = _of_group("unlicensed", line)
    return {"events": query and query | {"of": f"{line.text('kind')}/{line.text('licence')}"}}


def _capacity(line: Line) -> dict[str, Query | None]:
    query = _of_group("batches", line)
    return {"treated_g": query and query | _year(line)}


def _treated(line: Line) -> dict[str, Query | None]:
    """Of the whole register and the whole year, whatever else is asked for."""
    year = line.text("year")
    everywhere = {"operator": "", "district": ""}
    return {"treated_g": {"list": "batches", "since": f"{year}-01", "until": f"{year}-12"} | everywhere}


def _lots(line: Line) -> dict[str, Query | None]:
    group = line.group() if line.by == "month" else {}
    found: dict[str, Query | None] = {}
    for key, who in (("given_g", "giver"), ("taken_g", "taker")):
        if line.row[key] and line.row[who]:
            found[key] = {"list": "batches", "operator": line.text(who), "district": ""} | (group or {})
    return found


def _outlets(line: Line) -> dict[str, Query | None]:
    query = {"list": "outlets", "district": line.text("district")}
    return {"outlets": query, "active": query}


def _of_group(name: str, line: Line) -> Query | None:
    group = line.group()
    return None if group is None else {"list": name} | group


def _year(line: Line) -> Query:
    """The months of the year of a row that were asked for."""
    year, asked = line.text("year"), line.asked
    since, until = max(asked.since or "", f"{year}-01"), min(asked.until or "9999-12", f"{year}-12")
    return {"since": since, "until": until}


_OF_OTHERS = {"coverage": "recycler-capacity"}
"""Figures whose rows stand in a list of another one, which takes the filter that they need."""
_LEADS: Mapping[str, Callable[[Line], Mapping[str, Query | None]]] = {
    "recovery-rate": _batches,
    "recycling-efficiency": _batches,
    "flows": _stock,
    "overdue": _late,
    "orphans": _orphans,
    "double-registration": lambda line: {"pairs": _of_group("near", line)},
    "copied-labels": _copies,
    "unlicensed": _unlicensed,
    "illegal-flow": lambda line: {"count": _of_group(line.text("case"), line)},
    "recycler-capacity": _capacity,
    "black-mass": _lots,
    "recycled-content": lambda line: {"recovered_g": {"list": "batches"}},
    "coverage": _treated,
    "active-outlets": _outlets,
}
_UNITS = {
    "late": ("duty", "settled"),
    "unlicensed": ("kind", "licence"),
    "copies": ("sign",),
    "farthest": ("distance",),
}
"""What the parts of `of` name, by list."""


def say_of(speaker: Speaker, list_: str, of: str) -> str:
    """What a list was narrowed down to by `of`, in words."""
    parts = zip(of.split("/"), _UNITS.get(list_, ()), strict=False)
    return " · ".join(_say(speaker, part, unit) for part, unit in parts if part)


def _say(speaker: Speaker, part: str, unit: str) -> str:
    if unit == "settled":
        return speaker.say(f"fig.settled.{part}")
    if unit == "distance":
        return speaker.say("fig.not_known") if part == UNKNOWN else speaker.say("fig.from_km", km=part)
    return speaker.text(part, unit)
