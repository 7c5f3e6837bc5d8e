"""What the register found when it verified itself, day by day: the newest LONGEST days, in a file of the data folder.

A day on which anything was found damaged stays so, whatever was found later on it. A day without a row is one on which
no verification ended. It is told by the register about itself, so nobody has to believe it: docs/figures.md.
"""

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

FILE = "verified-days.json"
LONGEST = 400


class Verified(NamedTuple):
    """One day. size: entries that were sound, of the newest that succeeded. failure: what was wrong, empty: nothing."""

    size: int = 0
    failure: str = ""


def note_day(folder: Path, day: date, found: Verified) -> None:
    """Keep what a verification that ended on this day found."""
    days = read_days(folder)
    before = days.get(day, Verified())
    days[day] = Verified(max(before.size, found.size), found.failure or before.failure)
    newest = sorted(days)[-LONGEST:]
    beside = folder / (FILE + ".new")
    beside.write_text(json.dumps({each.isoformat(): days[each] for each in newest}))
    beside.replace(folder / FILE)


def read_days(folder: Path) -> dict[date, Verified]:
    """The days that are kept; none where the file is not there or no such file."""
    try:
        told = json.loads((folder / FILE).read_text())
        return {date.fromisoformat(day): Verified(int(size), str(failure)) for day, (size, failure) in told.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}
