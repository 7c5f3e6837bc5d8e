"""Whether a passport is complete: what of the 71 data points the law wants for a category on a day, and what is there.

Source: Regulation (EU) 2023/1542, Art. 77(1) and (4); the statuses: see `datapoints`.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from service.domain.passport.datapoints import APPLIES_FROM, DATA_POINTS, RECORDED, Status, status_of
from service.domain.words import Category

INDUSTRIAL_FROM_WH = 2_000
"""An industrial battery needs a passport above this. Source: Regulation (EU) 2023/1542, Art. 77(1)."""
MEASURED_LATER: frozenset[int] = frozenset(range(51, 72))
"""Belong to a battery: its model need not say them. Source: Annex XIII, part 4."""
OF_THE_BATTERY: frozenset[int] = frozenset(row.nr for row in DATA_POINTS.values() if row.item)
_ALWAYS = frozenset({1, 2, 3, 6, 7, 9, 10, 11, 51, 67})
"""What every registered battery has: from its registration, its model and its state."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is there and what is missing, by number."""

    category: Category
    day: date
    given: tuple[int, ...]
    missing: tuple[int, ...]
    conditional: tuple[int, ...]
    """Not given, and to be given only where it applies."""
    pending: tuple[int, ...]
    """Waits for an act of the Union; given or not."""

    @property
    def is_complete(self) -> bool:
        return not self.missing


def needs_passport(category: Category, energy_wh: int) -> bool:
    """Whether such a battery needs a passport at all, from `APPLIES_FROM` on."""
    if category in (Category.INDUSTRIAL, Category.STATIONARY):
        return energy_wh > INDUSTRIAL_FROM_WH
    return category in (Category.EV, Category.LMT)


def check_completeness(category: Category, day: date, given: Container[int]) -> Completeness:
    """What of a whole passport is there. Before the law applies it is judged as if it did."""
    when = max(day, APPLIES_FROM)
    status = {nr: status_of(nr, category, when) for nr in DATA_POINTS}
    return Completeness(
        category,
        day,
        tuple(nr for nr in DATA_POINTS if nr in given),
        tuple(nr for nr, each in status.items() if each is Status.MANDATORY and nr not in given),
        tuple(nr for nr, each in status.items() if each is Status.CONDITIONAL and nr not in given),
        tuple(nr for nr, each in status.items() if each is Status.PENDING),
    )


def missing_in_model(category: Category, day: date, given: Container[int]) -> tuple[int, ...]:
    """What the content of a model must say and does not: all that does not belong to one battery or is recorded."""
    missing = check_completeness(category, day, given).missing
    return tuple(nr for nr in missing if nr not in OF_THE_BATTERY and nr not in RECORDED and nr not in _ALWAYS)


def points_of_any_battery() -> frozenset[int]:
    """The numbers that follow from the registration of a battery, whatever its passport says."""
    return _ALWAYS
