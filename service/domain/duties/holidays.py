"""Public holidays of China as rows: what the General Office of the State Council announces for each year.

A row holds the days off, whole stretches as announced with the weekends in them, and the weekend days that are worked
instead. Both are written month-day; a stretch is first/last.

Source: notices of the General Office of the State Council on the holidays of each year (国务院办公厅关于部分节假日安排
的通知), for 2019 and 2020 with their amendments on Labour Day and the prolonged Spring Festival. The days were taken
from two published tables of these notices, which agree. A year without a row was not announced when this was written.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

SATURDAY = 5


class Year(NamedTuple):
    off: str
    worked: str


YEARS: dict[int, Year] = {
    2018: Year(
        "01-01 02-15/02-21 04-05/04-07 04-29/05-01 06-18 09-24 10-01/10-07 12-30/12-31",
        "02-11 02-24 04-08 04-28 09-29 09-30 12-29",
    ),
    2019: Year(
        "01-01 02-04/02-10 04-05/04-07 05-01/05-04 06-07/06-09 09-13/09-15 10-01/10-07",
        "02-02 02-03 04-28 05-05 09-29 10-12",
    ),
    2020: Year(
        "01-01 01-24/02-02 04-04/04-06 05-01/05-05 06-25/06-27 10-01/10-08",
        "01-19 04-26 05-09 06-28 09-27 10-10",
    ),
    2021: Year(
        "01-01/01-03 02-11/02-17 04-03/04-05 05-01/05-05 06-12/06-14 09-19/09-21 10-01/10-07",
        "02-07 02-20 04-25 05-08 09-18 09-26 10-09",
    ),
    2022: Year(
        "01-01/01-03 01-31/02-06 04-03/04-05 04-30/05-04 06-03/06-05 09-10/09-12 10-01/10-07 12-31",
        "01-29 01-30 04-02 04-24 05-07 10-08 10-09",
    ),
    2023: Year(
        "01-01/01-02 01-21/01-27 04-05 04-29/05-03 06-22/06-24 09-29/10-06 12-30/12-31",
        "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    ),
    2024: Year(
        "01-01 02-10/02-17 04-04/04-06 05-01/05-05 06-10 09-15/09-17 10-01/10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: Year(
        "01-01 01-28/02-04 04-04/04-06 05-01/05-05 05-31/06-02 10-01/10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: Year(
        "01-01/01-03 02-15/02-23 04-04/04-06 05-01/05-05 06-19/06-21 09-25/09-27 10-01/10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


def is_working_day(day: date) -> bool:
    """Whether this is a working day in China. In a year without a row only Saturdays and Sundays are free."""
    if day in _WORKED:
        return True
    return day.weekday() < SATURDAY and day not in _OFF


def is_announced(year: int) -> bool:
    """Whether the holidays of this year are known."""
    return year in YEARS


def _days(year: int, text: str) -> list[date]:
    days = []
    for stretch in text.split():
        first, _, last = stretch.partition("/")
        day, end = (date.fromisoformat(f"{year}-{each}") for each in (first, last or first))
        while day <= end:
            days.append(day)
            day += timedelta(days=1)
    return days


_OFF = frozenset(day for year, row in YEARS.items() for day in _days(year, row.off))
_WORKED = frozenset(day for year, row in YEARS.items() for day in _days(year, row.worked))
