"""The time, as something that is handed in: rules and tests never look at the wall themselves."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment as an aware UTC time."""


def wall_clock() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)
