"""Clocks: from the day of a fact to the last day on which its report is in time.

1. A day is a day in China, from midnight to midnight at UTC+8, wherever the fact happened.
2. The day of the fact does not count; counting starts with the next day.
3. The last day counts whole: what is recorded on it is in time.
4. A last day that falls on a rest day stays the last day.

COUNTING says where each of these comes from. The orders themselves say only "within N days" or "N working days".
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from service.domain.duties.holidays import is_announced, is_working_day
from service.domain.words import Word

SOURCE_NEEDED = "source needed"


class Clock(Word):
    CALENDAR = "calendar_days", "calendar days", "日"
    WORKING = "working_days", "working days", "个工作日"
    MONTHS = "months", "months", "个月"


class CountingRule(NamedTuple):
    slug: str
    en: str
    zh: str
    source: str


COUNTING: tuple[CountingRule, ...] = (
    CountingRule("zone", "A day is a day in China (UTC+8)", "按北京时间计日", SOURCE_NEEDED),
    CountingRule(
        "first-day",
        "The day of the fact does not count",
        "开始的当日不计入，自下一日开始计算",
        "Civil Code of the PRC, Art. 201, by analogy",
    ),
    CountingRule(
        "last-day",
        "What is recorded on the last day, until midnight, is in time",
        "期间最后一日二十四时前登记的，为按期",
        "Civil Code of the PRC, Art. 203, by analogy",
    ),
    CountingRule(
        "rest-day",
        "A last day that falls on a rest day is not moved; the Civil Code, Art. 203, would move it",
        "最后一日为休息日的，不顺延（《民法典》第二百零三条规定顺延，是否适用待查）",
        SOURCE_NEEDED,
    ),
    CountingRule(
        "unannounced-year",
        "In a year whose holidays are not announced only Saturdays and Sundays are free",
        "节假日安排尚未公布的年份，仅周六、周日不计为工作日",
        SOURCE_NEEDED,
    ),
)


@lru_cache(maxsize=4096)
def due_date(start: date, count: int, clock: Clock) -> date:
    """The last day in time. `start`: the day of the fact. `count`: of days or months, 0 or more.

    Working days are counted one by one: the cost grows with `count`. OverflowError beyond the year 9999.
    """
    if clock is Clock.CALENDAR:
        return start + timedelta(days=count)
    if clock is Clock.MONTHS:
        return _months_after(start, count)
    day = start
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def is_calendar_known(start: date, due: date) -> bool:
    """Whether the holidays of all years between these days are announced."""
    return all(is_announced(year) for year in range(start.year, due.year + 1))


def _months_after(start: date, count: int) -> date:
    """The same day of the month, or the last day of a month that has no such day (Civil Code, Art. 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
