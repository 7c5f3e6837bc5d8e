"""Rows of the law that hold for a time: from `since` on, before `until`.

A row without `since` holds as far back as is known, one without `until` has no end.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Protocol


class Span(Protocol):
    """A row that holds from one day on, before another."""

    @property
    def since(self) -> date | None: ...

    @property
    def until(self) -> date | None: ...


def holds_on(row: Span, day: date) -> bool:
    """Whether a row holds on this day."""
    return (row.since is None or row.since <= day) and (row.until is None or day < row.until)


def last_day(row: Span) -> date | None:
    """The last day on which a row holds; None without an end."""
    return None if row.until is None else row.until - timedelta(days=1)
