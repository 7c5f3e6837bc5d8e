"""Thresholds of the law: shares to reach, uses that are banned, licences that are needed, found by day and place.

The rows stand beside the rules that judge by them. Their `until` is the first day on which they no longer hold; a row
without a first day holds as far as is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple, Protocol, TypeVar

from service.domain.licences import NEEDED, Need
from service.domain.recovery.targets import RECYCLED_CONTENT, TARGETS, RecycledContent, Target
from service.domain.rules_second_life import BANNED_APPLICATIONS, BannedApplication


class Dated(Protocol):
    """A row of one jurisdiction, for a time."""

    @property
    def jurisdiction(self) -> str: ...

    @property
    def since(self) -> date | None: ...

    @property
    def until(self) -> date | None: ...


D = TypeVar("D", bound=Dated)


class Thresholds(NamedTuple):
    """Rows by table, in the order of these."""

    targets: tuple[Target, ...]
    recycled_content: tuple[RecycledContent, ...]
    banned_applications: tuple[BannedApplication, ...]
    licences: tuple[Need, ...]


def thresholds_on(day: date | None = None, jurisdiction: str | None = None) -> Thresholds:
    """The rows that hold on `day` (all without one) in this jurisdiction (any without one)."""
    return Thresholds(
        _holding(TARGETS, day, jurisdiction),
        _holding(RECYCLED_CONTENT, day, jurisdiction),
        _holding(BANNED_APPLICATIONS, day, jurisdiction),
        _holding(NEEDED, day, jurisdiction),
    )


def last_day(row: Dated) -> date | None:
    """The last day on which a row holds; None without an end."""
    return None if row.until is None else row.until - timedelta(days=1)


def _holding(rows: Iterable[D], day: date | None, jurisdiction: str | None) -> tuple[D, ...]:
    return tuple(row for row in rows if jurisdiction in (None, row.jurisdiction) and (day is None or _holds(row, day)))


def _holds(row: Dated, day: date) -> bool:
    return (row.since is None or row.since <= day) and (row.until is None or day < row.until)
