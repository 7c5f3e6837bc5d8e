"""A question about a figure, ready to be answered: who reads, which organisations it is about, how it is grouped."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Select
from sqlalchemy import func as sql

from service.figures.parameters import Parameters
from service.figures.shapes import Cell, Figure, Filter
from service.recording.registry import Registry
from service.work import Register, RegisterReader

FIRST, LAST = "0000-01", "9999-12"
NOBODY = "-"
"""In place of the organisations of a district where there is none: no id is like it."""
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Question:
    """What is asked, of which register, as of `reader`'s moment. notes: keys of texts that the answer carries."""

    figure: Figure
    filter: Filter
    by: str
    register: Register
    reader: RegisterReader
    registry: Registry
    parameters: Parameters
    today: date
    notes: list[str]

    @property
    def since(self) -> str:
        return self.filter.since or FIRST

    @property
    def until(self) -> str:
        return self.filter.until or LAST

    def operators(self) -> list[str] | None:
        """The organisations that the question is about; None: all of them."""
        if self.filter.operator is None and self.filter.district is None:
            return None
        return [id_ for id_ in self.registry.operators if self.is_about(id_)] or [NOBODY]

    def is_about(self, operator: str) -> bool:
        """Whether the question is about this organisation."""
        asked = self.filter
        return asked.operator in (None, operator) and self.district_of(operator).startswith(asked.district or "")

    def district_of(self, operator: str) -> str:
        """Where an organisation is enrolled; empty for one that is not."""
        known = self.registry.operators.get(operator)
        return known.enrolment.region if known else ""

    def in_period(self, column: Column[Any]) -> list[ColumnElement[bool]]:
        """Conditions on a column of months."""
        given = []
        if self.filter.since:
            given.append(column >= self.filter.since)
        if self.filter.until:
            given.append(column <= self.filter.until)
        return given

    def in_days(self, column: Column[Any]) -> list[ColumnElement[bool]]:
        """Conditions on a column of days."""
        given = []
        if self.filter.since:
            given.append(column >= f"{self.filter.since}-01")
        if self.filter.until:
            given.append(column <= f"{self.filter.until}-31")
        return given

    def in_moments(self, column: Column[Any]) -> list[ColumnElement[bool]]:
        """Conditions on a column of times as entries write them."""
        given = []
        if self.filter.since:
            given.append(column >= begin_of(self.filter.since))
        if self.filter.until:
            given.append(column < begin_of(f"{last_day(self.filter.until) + timedelta(days=1):%Y-%m}"))
        return given

    def of_operators(self, column: Column[Any]) -> list[ColumnElement[bool]]:
        """Conditions on a column of organisations."""
        chosen = self.operators()
        return [] if chosen is None else [column.in_(chosen)]

    def rows(self, query: Select[Any]) -> Iterator[Any]:
        """What a query finds."""
        yield from self.reader.connection.execute(query)


def total(column: Column[Any]) -> ColumnElement[Any]:
    """The sum of a column as a whole number on both engines."""
    return sql.cast(sql.coalesce(sql.sum(column), 0), column.type)


def begin_of(month: str) -> str:
    """The first moment of a month, in China, as entries write it."""
    before = date.fromisoformat(f"{month}-01") - timedelta(days=1)
    return f"{before}T16:00:00.000Z"


def last_day(month: str) -> date:
    """Of a month as "2026-05"."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, calendar.monthrange(year, number)[1])


def merged(rows: Iterable[Row], key: Callable[[Row], Row], width: int) -> list[Row]:
    """Rows with the same key added up: the last `width` cells are numbers. In the order of keys."""
    found: dict[Row, list[int]] = {}
    for row in rows:
        sums = found.setdefault(key(row), [0] * width)
        for at, amount in enumerate(row[-width:]):
            sums[at] += int(amount or 0)
    return [(*key_, *found[key_]) for key_ in sorted(found, key=_order)]


def _order(key: Row) -> tuple[str, ...]:
    return tuple(f"{cell:020d}" if isinstance(cell, int) else str(cell or "") for cell in key)
