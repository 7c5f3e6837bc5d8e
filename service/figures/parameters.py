"""What the figures count by: dated rows with their source, none of it in code that counts.

A row whose source is not found yet says so, and is shown like that. An installation puts its own rows into
`figures.json` in its data folder; they are looked at before the rows here, which stay for what it does not say:

    {"parameters": [{"name": "orphan_months", "of": "RETIRED", "value": 1, "since": "2026-07-01", "source": "..."}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from service.domain.spans import holds_on
from service.errors import SettingsError

FILE = "figures.json"
SOURCE_NEEDED = "source needed"


class Parameter(NamedTuple):
    """One row: `value` holds for `of` from `since` on, before `until`. None: as far back, or ahead, as anybody asks."""

    name: str
    of: str
    value: int
    source: str
    since: date | None = None
    until: date | None = None


ORPHAN, CAPACITY, NATIONAL = "orphan_months", "capacity_g", "national_g"
ACTIVE, LEAST = "active_months", "least_cell"
BUILT_IN: tuple[Parameter, ...] = (
    Parameter(ORPHAN, "IN_SWAP_POOL", 3, SOURCE_NEEDED),
    Parameter(ORPHAN, "INSTALLED", 24, SOURCE_NEEDED),
    Parameter(ORPHAN, "IN_USE", 24, SOURCE_NEEDED),
    Parameter(ORPHAN, "UNDER_SERVICE", 3, SOURCE_NEEDED),
    Parameter(ORPHAN, "REMOVED", 3, SOURCE_NEEDED),
    Parameter(ORPHAN, "RETIRED", 2, SOURCE_NEEDED),
    Parameter(ORPHAN, "COLLECTED", 1, SOURCE_NEEDED),
    Parameter(ORPHAN, "TESTED", 1, SOURCE_NEEDED),
    Parameter(ACTIVE, "outlet", 12, SOURCE_NEEDED),
    Parameter(LEAST, "measurements", 10, SOURCE_NEEDED),
    Parameter(NATIONAL, "CN", 400_000_000_000, "MIIT, by a secondary source; first-hand source needed",
              date(2025, 1, 1), date(2026, 1, 1)),
    Parameter(NATIONAL, "CN", 1_000_000_000_000, "MIIT, forecast, by a secondary source; first-hand source needed",
              date(2030, 1, 1), date(2031, 1, 1)),
)  # fmt: skip
"""Capacities of recyclers are in no enrolment: they come from the installation's own rows, `of` being the operator."""
NAMES = frozenset({ORPHAN, CAPACITY, NATIONAL, ACTIVE, LEAST})


class Parameters:
    """The rows of one installation, its own first."""

    def __init__(self, own: Iterable[Parameter] = ()) -> None:
        self.rows = (*own, *BUILT_IN)

    def find(self, name: str, of: str, day: date) -> Parameter | None:
        """The row that holds on this day."""
        return next((row for row in self.rows if (row.name, row.of) == (name, of) and holds_on(row, day)), None)

    def all(self, name: str) -> list[Parameter]:
        """The rows of this name, own ones first."""
        return [row for row in self.rows if row.name == name]


def read_parameters(folder: Path) -> Parameters:
    """The rows of the installation whose data are in `folder`. Raises SettingsError for a file that is no such file."""
    file = folder / FILE
    if not file.is_file():
        return Parameters()
    try:
        return Parameters([_parse(row) for row in json.loads(file.read_text())["parameters"]])
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{file} is not a list of parameters: {error}. docs/figures.md shows one") from error


def _parse(row: dict[str, object]) -> Parameter:
    if row["name"] not in NAMES:
        raise ValueError(f"no parameter is called {row['name']}")
    if type(row["value"]) is not int or row["value"] < 0:
        raise ValueError("a value is a whole number")
    since, until = (
        None if row.get(name) is None else date.fromisoformat(str(row[name])) for name in ("since", "until")
    )
    return Parameter(str(row["name"]), str(row["of"]), row["value"], str(row["source"]), since, until)
