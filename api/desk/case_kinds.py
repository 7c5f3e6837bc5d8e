"""The kinds of cases on the authority's desk: where each kind is listed, how many are open, and what tells them apart.

Late duties, missing batteries, copy alerts and missed targets have lists of their own; the others are behind a figure.
"""

from collections.abc import Mapping
from typing import NamedTuple

from api.desk.figures.cards import BY, headlines
from service.condition import MOST
from service.duties import LateQuery, find_late, find_missing
from service.figures.figures import FIGURES
from service.figures.reading import read_figure
from service.figures.shapes import Cell, Filter, Rows
from service.scans.alerts import find_alerts
from service.work import Register

BEHIND: Mapping[str, str] = {
    "retired": "illegal-flow",
    "shortfall": "illegal-flow",
    "unlicensed": "unlicensed",
    "orphans": "orphans",
    "near": "double-registration",
}
"""Kinds of cases that are a list behind a figure, and which."""


class Counted(NamedTuple):
    """A kind and how many cases of it are open; None: more than MOST."""

    kind: str
    number: int | None


def count_kinds(register: Register, missed: int) -> list[Counted]:
    """All kinds, worst for people first. missed: targets of recovery that are missed, which are counted already."""
    with register.read() as reader:
        copies = len(find_alerts(reader.connection, operator=None, after=0, limit=MOST + 1))
    own = {
        "late": len(find_late(register, LateQuery(limit=MOST + 1)).cases),
        "missing": len(find_missing(register, limit=MOST + 1).cases),
        "copies": copies,
        "recovery": missed,
    }
    found = [Counted(kind, number if number <= MOST else None) for kind, number in own.items()]
    return found + [Counted(kind, _behind(register, kind)) for kind in BEHIND]


def key_of(kind: str, row: Mapping[str, object]) -> str:
    """What tells a row of one of the desk's own lists from the others."""
    if kind == "late":
        return f"{row['entry']}~{row['code'] or ''}~{row['duty']}"
    if kind == "recovery":
        return str(row["key"])
    return f"{row['entry']}~{row['code'] or ''}" if kind == "missing" else str(row["id"])


def keys_of(found: Rows) -> list[str]:
    """The keys of the rows behind a figure: the entry, if there is one, and the battery, or who and when."""
    names = [column.key for column in found.columns]
    return [_key(dict(zip(names, row, strict=True))) for row in found.rows]


def _key(row: Mapping[str, Cell]) -> str:
    if "code" in row:
        return f"{row.get('entry', '')}~{row['code']}"
    return f"~{row['operator']}.{row['kind']}.{row['day']}.{row['licence']}"


def _behind(register: Register, kind: str) -> int:
    slug = BEHIND[kind]
    by = BY.get(slug, FIGURES[slug].by[0])
    lines = headlines(read_figure(register, slug, Filter(by=by)))
    return next(int(line.value or 0) for line in lines if line.list == kind)
