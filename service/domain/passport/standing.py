"""How each data point of a content stands: what the law wants of it, whether it is there, and who is to say it."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from enum import Enum
from typing import NamedTuple

from service.domain.passport.completeness import OF_THE_BATTERY, check_completeness
from service.domain.passport.datapoints import (
    APPLIES_FROM,
    CHANGES,
    DATA_POINTS,
    RECORDED,
    DataPoint,
    Status,
    status_of,
)
from service.domain.passport.shapes import SHAPES
from service.domain.words import Category


class Place(Enum):
    """Where a data point has to be said that is not there yet, if anywhere."""

    GIVEN = "given"
    MISSING = "missing"
    """Mandatory, and this content is to say it."""
    BATTERY = "battery"
    """Mandatory, and each battery says it or a measurement of it."""
    RECORDED = "recorded"
    """Follows from the registration of each battery."""
    OPEN = "open"
    """Optional, or to be said only where it applies."""
    PENDING = "pending"
    NONE = "none"


class Standing(NamedTuple):
    """One row. since: from which day on the law wants it so. own: whether the content itself is judged by it."""

    row: DataPoint
    status: Status
    since: date
    place: Place
    own: bool

    @property
    def writable(self) -> bool:
        """Whether a content may say it."""
        return self.row.nr in SHAPES and self.row.nr not in RECORDED and self.status is not Status.NONE

    @property
    def counts(self) -> bool:
        """Whether it is one of those that make the content complete."""
        return self.own and self.status is Status.MANDATORY


def stand(category: Category, day: date, given: Container[int], *, of_model: bool) -> dict[int, Standing]:
    """All 71, by number. given: what is there, whoever says it. of_model: the content is a model's."""
    missing = check_completeness(category, day, given).missing
    found = {}
    for nr, row in DATA_POINTS.items():
        status = status_of(nr, category, max(day, APPLIES_FROM))
        place = _place(nr, status, given=nr in given, missing=nr in missing, of_model=of_model)
        own = not of_model or nr not in OF_THE_BATTERY | RECORDED
        found[nr] = Standing(row, status, _since(nr, category, day), place, own)
    return found


def _place(nr: int, status: Status, *, given: bool, missing: bool, of_model: bool) -> Place:
    if status is Status.NONE:
        return Place.NONE
    if of_model and nr in RECORDED:
        return Place.RECORDED
    if given:
        return Place.GIVEN
    if missing:
        return Place.BATTERY if of_model and nr in OF_THE_BATTERY else Place.MISSING
    return Place.PENDING if status is Status.PENDING else Place.OPEN


def _since(nr: int, category: Category, day: date) -> date:
    changed = [row.since for row in CHANGES if (row.nr, row.category) == (nr, category) and row.since <= day]
    return max(changed, default=APPLIES_FROM)
