"""Thresholds of the law: shares to reach, uses that are banned, licences that are needed, found by day and place.

The rows stand beside the rules that judge by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, Protocol, TypeVar

from service.domain.licences import NEEDED, Need
from service.domain.recovery.targets import RECYCLED_CONTENT, TARGETS, RecycledContent, Target
from service.domain.rules_second_life import BANNED_APPLICATIONS, BannedApplication
from service.domain.spans import Span, holds_on


class Dated(Span, Protocol):
    """A row of one jurisdiction, for a time."""

    @property
    def jurisdiction(self) -> str: ...


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


def _holding(rows: Iterable[D], day: date | None, jurisdiction: str | None) -> tuple[D, ...]:
    return tuple(
        row for row in rows if jurisdiction in (None, row.jurisdiction) and (day is None or holds_on(row, day))
    )
