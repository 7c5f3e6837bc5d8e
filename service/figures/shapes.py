"""What a figure is, what it is asked with, and what it answers.

A figure is a table of few rows: as many as there are months, districts, organisations or models in the question, never
as many as there are batteries. Behind its numbers stand lists, which are read page by page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_ROWS = 5_000
"""Rows of one table. `Table.count` says how many there are."""
MAX_PAGE = 500
"""Rows of a page of a list."""
LONGEST = 240
"""Months in one question."""
_MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; what is None is not narrowed down.

    since, until: months, both included, as "2026-05", in China. district: six digits of GB/T 2260, or two or four of
    them for all that begin with them. jurisdiction: "CN" or "EU". by: how rows are grouped, one of the figure's `by`.
    """

    since: str | None = None
    until: str | None = None
    district: str | None = None
    operator: str | None = None
    model: str | None = None
    jurisdiction: str | None = None
    by: str | None = None

    def asked(self) -> dict[str, str]:
        """What was asked, as text; what was not is left out."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Column:
    """kind: group (what a row is about), measure (a number that may be added up), rate, text, day, flag (0 or 1).

    unit: g, mg, wh, count, ppm, days, none; or what a text names: operator, district, model, state, level, duty, code,
    entry, material, product, stage, family, kind, licence, word.
    """

    key: str
    unit: str
    kind: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the list. source: the clause it comes from. filters: names in Filter that narrow it down.

    by: how it can be grouped, the usual way first. columns: of its table; where the first has the key `group`, its unit
    is the one of the grouping asked for. lists: of what its number is made of, the usual one first; empty where the
    table itself is all there is.
    """

    number: int
    slug: str
    source: str
    by: tuple[str, ...]
    filters: frozenset[str]
    columns: tuple[Column, ...]
    lists: tuple[str, ...] = ()

    @property
    def title_key(self) -> str:
        """The text that is its title."""
        return f"figures.{self.slug}.title"


@dataclass(frozen=True, slots=True)
class Table:
    """An answer. rows: cells in the order of `columns`. count: how many rows there are, of which at most MAX_ROWS here.

    size, at: entries that it is made of, and the time of the last one. lag: entries that are recorded but not folded.
    notes: keys of texts that say what the table cannot tell here, such as "suppressed" or "not_told".
    """

    figure: Figure
    by: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    count: int
    size: int
    at: str
    lag: int
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all rows are here and all entries are in them."""
        return self.lag == 0 and self.count == len(self.rows)


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of what is behind a number. next: where the next page begins, None at the end."""

    figure: Figure
    list: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    next: str | None
    size: int
    lag: int


def is_month(text: str) -> bool:
    """Whether this is a month as "2026-05"."""
    return _MONTH.fullmatch(text) is not None
