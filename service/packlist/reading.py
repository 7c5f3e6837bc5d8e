"""Reading an operator's list: its groups with their counts, a page of rows, all rows.

What is read grows with the number of groups (models, states and months that occur), not with the number of batteries.
Newest month first; within a month group by group, and within a group by code.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache

from sqlalchemy import Connection, select, union_all

from service.db import bulk
from service.db.packlist_tables import pack_group, pack_row
from service.domain.passport.publication import model_subject
from service.packlist.groups import Eu, Group, Tie, judge
from service.passports.keeping import find_versions
from service.recording.registry import Registry

PAGE = 50
_AT_ONCE = 400
"""Lines of a whole list read at once: each may be of another group, and SQLite joins up to 500 queries."""
_row, _group = pack_row.c, pack_group.c


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; empty: any. tie: name of a `Tie` in small letters. month: a year, or a year and month."""

    tie: str = ""
    level: str = ""
    model: str = ""
    state: str = ""
    month: str = ""
    label: str = ""
    eu: str = ""

    def asked(self) -> dict[str, str]:
        """What is not empty, in order."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name))}


@dataclass(frozen=True, slots=True)
class Counted:
    """A group with how many batteries it has, and what their passports lack.

    values: by facet, those under which its batteries are found.
    """

    id: int
    group: Group
    batteries: int
    eu: Eu
    missing: tuple[int, ...]
    values: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """One battery on the list. `place`: from where the next page goes on."""

    code: str
    of: Counted

    @property
    def place(self) -> str:
        return f"{self.of.id}-{self.code}"


@dataclass(frozen=True, slots=True)
class Page:
    """Lines in order; `following`: the place to go on from, None at the end."""

    lines: tuple[Line, ...]
    following: str | None


def load_groups(connection: Connection, registry: Registry, operator: str, *, today: date) -> list[Counted]:
    """The groups of an operator in the order of the list; emptied ones too, since a page may go on from one."""
    rows = list(bulk.select_rows(connection, _group.operator, [operator]))
    models = {row.model for row in rows if row.model and row.passport}
    given = _given_by(connection, models)
    judged: dict[tuple[str, str], tuple[Eu, tuple[int, ...]]] = {}
    counted = []
    for row in rows:
        group = Group._make(row[1:-1])
        key = group.model, group.passport
        if key not in judged:
            known = registry.models.get(group.model)
            judged[key] = judge(group.passport, known, given.get(group.model, frozenset()), today)
        eu, missing = judged[key]
        counted.append(Counted(row.id, group, row.batteries, eu, missing, _values(group, eu)))
    counted.sort(key=lambda each: (each.group.level != "pack", each.group.level, each.group.model, each.group.state))
    return sorted(counted, key=lambda each: each.group.month, reverse=True)


def fitting(groups: Iterable[Counted], wanted: Filter) -> list[Counted]:
    """The groups that a filter leaves."""
    asked = wanted.asked()
    return [each for each in groups if all(value in each.values[name] for name, value in asked.items())]


def count(groups: Iterable[Counted]) -> int:
    """How many batteries are in these groups."""
    return sum(each.batteries for each in groups)


def count_facets(groups: Iterable[Counted], wanted: Filter) -> dict[str, dict[str, int]]:
    """By facet, how many batteries each value would leave, all else in the filter as it is.

    A group that fits all but one facet counts for the values of that one.
    """
    asked = list(wanted.asked().items())
    found: dict[str, dict[str, int]] = {each.name: {} for each in fields(Filter)}
    for each in groups:
        failing = [name for name, value in asked if value not in each.values[name]]
        if len(failing) > 1 or not each.batteries:
            continue
        for name in failing or found:
            counts = found[name]
            for value in each.values[name]:
                counts[value] = counts.get(value, 0) + each.batteries
    return found


def read_page(
    connection: Connection, groups: Sequence[Counted], *, after: str | None = None, limit: int = PAGE
) -> Page:
    """So many lines of these groups, those behind `after`. A place that is none of ours begins at the beginning."""
    begun, code = _place(after)
    at = next((at for at, each in enumerate(groups) if each.id == begun), None)
    queries, expected = [], 0
    for each in groups[at or 0 :]:
        if not each.batteries:
            continue
        query = select(_row.code, _row.grp).where(_row.grp == each.id)
        if each.id == begun:
            query = query.where(_row.code > code)
        else:
            expected += each.batteries
        queries.append(select(query.order_by(_row.code).limit(limit + 1).subquery()))
        if expected > limit:
            break
    found = connection.execute(union_all(*queries)).all() if queries else []
    order = {each.id: (number, each) for number, each in enumerate(groups)}
    lines = sorted((Line(row.code, order[row.grp][1]) for row in found), key=lambda x: (order[x.of.id][0], x.code))
    shown = tuple(lines[:limit])
    return Page(shown, shown[-1].place if len(lines) > limit else None)


def walk(connection: Connection, groups: Sequence[Counted]) -> Iterator[Line]:
    """All lines of these groups, in order."""
    after: str | None = None
    while True:
        page = read_page(connection, groups, after=after, limit=_AT_ONCE)
        yield from page.lines
        if page.following is None:
            return
        after = page.following


def begin_with(connection: Connection, groups: Sequence[Counted], operator: str, beginning: str) -> tuple[Line, ...]:
    """Up to a page, and one more, of the operator's batteries whose codes begin like this, by code."""
    mine = select(_row.code, _row.grp).where(_row.operator == operator, _row.code >= beginning)
    query = mine.where(_row.code < beginning + "\x7f").order_by(_row.code).limit(PAGE + 1)
    known = {each.id: each for each in groups}
    return tuple(Line(row.code, known[row.grp]) for row in connection.execute(query))


@cache
def _tie_names(ties: int) -> tuple[str, ...]:
    return tuple((tie.name or "").lower() for tie in Tie if ties & tie)


def _values(group: Group, eu: Eu) -> dict[str, tuple[str, ...]]:
    return {
        "tie": _tie_names(group.ties),
        "level": (group.level,),
        "model": (group.model,) if group.model else (),
        "state": (group.state,),
        "month": (group.month[:4], group.month),
        "label": (group.label,) if group.label else (),
        "eu": (eu.value,),
    }


def _place(text: str | None) -> tuple[int, str]:
    group, _, code = (text or "").partition("-")
    return (int(group), code) if group.isascii() and group.isdigit() and len(group) < 10 else (0, "")


def _given_by(connection: Connection, models: Iterable[str]) -> dict[str, frozenset[int]]:
    """The data points that the newest published passports of these models give."""
    subjects = {model_subject(model): model for model in sorted(models)}
    versions = find_versions(connection, list(subjects))
    return {subjects[subject]: found[-1].numbers for subject, found in versions.items()}
