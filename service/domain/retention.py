"""How long what stands beside the log is kept, as rows: of what, how many days, from when on, and from which source."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Retention(NamedTuple):
    """One row; the newest that is in force on a day holds."""

    name: str
    days: int
    since: date
    source: str


RETENTIONS: tuple[Retention, ...] = (
    Retention(
        "reading",
        5 * 365 + 2,
        date(2026, 7, 20),
        "Implementing Regulation (EU) 2026/1778, requirements on logs of the registry: access six months, exchange of "
        "data five years; the longer one, as a reading is both. From secondary sources; source needed",
    ),
)


def days_kept(what: str, day: date) -> int:
    """How many days it is kept, as of that day; before the first row's day, as by the first row."""
    rows = [row for row in RETENTIONS if row.name == what]
    in_force = [row for row in rows if row.since <= day] or rows[:1]
    return max(in_force, key=lambda row: row.since).days
