"""Clocks and the holiday calendar: against a count by hand, and against an oracle that walks day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.duties.clocks import COUNTING, SOURCE_NEEDED, Clock, due_date, is_calendar_known
from service.domain.duties.holidays import YEARS, is_announced, is_working_day

DAYS = st.dates(date(2018, 1, 1), date(2030, 12, 31))
COUNTS = st.integers(0, 90)


@pytest.mark.parametrize(
    ("start", "count", "clock", "due"),
    [
        # over National Day 2025 (1 to 8 October), with Sunday 28 September and Saturday 11 October worked
        ("2025-09-15", 30, Clock.WORKING, "2025-10-31"),
        # over the Spring Festival of 2025 (28 January to 4 February), with 26 January and 8 February worked
        ("2025-01-20", 15, Clock.WORKING, "2025-02-14"),
        ("2025-03-03", 30, Clock.WORKING, "2025-04-15"),
        # a weekend that is worked counts: Sunday 4 January 2026
        ("2025-12-31", 1, Clock.WORKING, "2026-01-04"),
        ("2026-05-10", 30, Clock.CALENDAR, "2026-06-09"),
        ("2026-04-01", 20, Clock.CALENDAR, "2026-04-21"),
        ("2026-08-31", 6, Clock.MONTHS, "2027-02-28"),
        ("2026-12-15", 1, Clock.MONTHS, "2027-01-15"),
        ("2026-05-10", 0, Clock.WORKING, "2026-05-10"),
    ],
)
def test_a_deadline_is_counted_from_the_day_after_the_fact(start: str, count: int, clock: Clock, due: str) -> None:
    assert due_date(date.fromisoformat(start), count, clock) == date.fromisoformat(due)


STATUTORY = {year: 13 if year >= 2025 else 11 for year in YEARS} | {2020: 13}
"""Public holidays of a year: 11, two more since 2025; in 2020 the prolonged festival took two more working days.

Source: the notices; Regulation on Public Holidays, as revised in November 2024.
"""


@pytest.mark.parametrize("year", YEARS)
def test_moving_working_days_to_weekends_leaves_a_year_its_number_of_public_holidays(year: int) -> None:
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    assert sum(day.weekday() < 5 for day in days) - sum(map(is_working_day, days)) == STATUTORY[year]


def test_every_worked_day_is_a_weekend_day_and_no_day_off() -> None:
    for year, row in YEARS.items():
        for text in row.worked.split():
            day = date.fromisoformat(f"{year}-{text}")
            assert day.weekday() >= 5
            assert is_working_day(day)


def test_a_year_that_was_not_announced_has_only_weekends_and_says_so() -> None:
    assert not is_announced(2027)
    assert is_working_day(date(2027, 10, 1))
    assert not is_working_day(date(2027, 10, 2))
    assert is_calendar_known(date(2025, 12, 1), date(2026, 2, 1))
    assert not is_calendar_known(date(2026, 12, 1), date(2027, 1, 20))


@given(DAYS, COUNTS)
def test_so_many_working_days_lie_after_the_fact_and_up_to_the_deadline(start: date, count: int) -> None:
    due = due_date(start, count, Clock.WORKING)
    passed = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert sum(map(is_working_day, passed)) == count
    assert due == start or is_working_day(due)


@given(DAYS, COUNTS, COUNTS, st.sampled_from(Clock))
def test_a_later_fact_or_a_longer_term_is_never_due_earlier(start: date, one: int, other: int, clock: Clock) -> None:
    assert due_date(start, min(one, other), clock) <= due_date(start, max(one, other), clock)
    assert due_date(start, one, clock) <= due_date(start + timedelta(days=1), one, clock)


def test_each_rule_of_counting_says_where_it_comes_from() -> None:
    assert {row.slug for row in COUNTING} == {"zone", "first-day", "last-day", "rest-day", "unannounced-year"}
    assert all(row.source == SOURCE_NEEDED or "Civil Code" in row.source for row in COUNTING)
