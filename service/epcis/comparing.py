"""Comparing what stands in an event with what a query gives.

A query gives text. Where it reads as a number and a number stands in the event, both are compared as numbers; so are
times with their zone, and dates. Anything else is equal or not, as text. Of a list, one element has to fit.

Source: EPCIS 2.0, SimpleEventQuery: EQ, GT, GE, LT, LE and EXISTS.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Values = tuple[str, ...]
Measure = Decimal | datetime | date
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
}


def fits(comparison: str, found: object, asked: Values) -> bool:
    """Whether what was found fits. comparison: EQ (one of those asked), GT, GE, LT, LE (the one asked) or EXISTS."""
    if comparison == "EXISTS":
        return is_there(found)
    if comparison == "EQ":
        return any(_equal(each, value) for each in _leaves(found) for value in asked)
    return any(_in_order(_ORDERS[comparison], each, asked[0]) for each in _leaves(found))


def is_there(found: object) -> bool:
    """Whether a member says anything."""
    return found is not None and found not in ("", [], {})


def number_of(text: str) -> Decimal | None:
    """A number in plain decimals of at most 18 digits on each side; None for any other text."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def moment_of(text: str) -> datetime | None:
    """A time with its zone, in UTC; None for any other text. A space stands for the plus sign of an address."""
    if "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def measure_of(text: str) -> Measure | None:
    """What can be more or less than another: a number, a time, a date; None for any other text."""
    number = number_of(text)
    return number if number is not None else moment_of(text) or _date_of(text)


def _date_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _standing(found: object) -> Measure | None:
    """A measure in an event: digits that are text there are no number."""
    if isinstance(found, int | float) and not isinstance(found, bool):
        return Decimal(str(found))
    return (moment_of(found) or _date_of(found)) if isinstance(found, str) else None


def _equal(found: object, asked: str) -> bool:
    if isinstance(found, bool):
        return asked == str(found).lower()
    return found == asked or _in_order(operator.eq, found, asked)


def _in_order(compare: Callable[[Any, Any], bool], found: object, asked: str) -> bool:
    mine, other = _standing(found), measure_of(asked)
    return mine is not None and type(mine) is type(other) and compare(mine, other)


def _leaves(found: object) -> Iterator[object]:
    if isinstance(found, list | tuple):
        for each in found:
            yield from _leaves(each)
    elif found is not None and not isinstance(found, Mapping):
        yield found
