"""Queries of EPCIS: reading what is asked for, in which order, and how much of it.

A list is told as values with "|" between them; one of them has to fit. What each parameter asks of an event stands in
`parameters`. Source: EPCIS 2.0, SimpleEventQuery.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.epcis.comparing import Values, measure_of, moment_of, number_of
from service.epcis.errors import QueryParameterError
from service.epcis.parameters import NAMED, Parameter, Takes, parameter_of

Json = Mapping[str, Any]
PER_PAGE, MOST_PER_PAGE = 30, 1000
MOST_VALUES = 100
"""In one list: each may have to be looked up."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. tests: (name of the row, values). bounds: of eventTime and recordTime, by name.

    limit: so many events at most, and no further page. complete: where there are more, the query is too large.
    """

    tests: tuple[tuple[str, Values], ...] = ()
    bounds: Mapping[str, datetime] = field(default_factory=dict)
    order_by: str = "eventTime"
    descending: bool = True
    per_page: int = PER_PAGE
    limit: int | None = None
    token: str | None = None
    complete: bool = False

    def values(self, name: str) -> Values:
        """The values of a parameter; none where it is not asked."""
        return next((values for each, values in self.tests if each == name), ())

    def fits(self, event: Json) -> bool:
        """Whether an EPCIS event is among those that are asked for, times of occurrence and record left aside."""
        return all(row.test(event, values) for row, values in self.rows())

    def rows(self) -> list[tuple[Parameter, Values]]:
        """The parameters that are asked of an event, each with its values."""
        asked = [(parameter_of(name), values) for name, values in self.tests]
        return [(row, values) for row, values in asked if row is not None]


def parse_query(parameters: Mapping[str, object]) -> Query:
    """A query from its parameters: text, or for a stored query also lists of text. Raises QueryParameterError."""
    tests: list[tuple[str, Values]] = []
    bounds: dict[str, datetime] = {}
    for name, given in parameters.items():
        row = parameter_of(name)
        if row is not None:
            tests.append((name, _values(name, row.takes, given)))
        elif name in BOUNDS:
            bounds[name] = _moment(name, given)
        elif name not in _CONTROLS:
            raise QueryParameterError(name, "this parameter is not known here", "没有此查询参数")
    order, direction = parameters.get("orderBy", "eventTime"), parameters.get("orderDirection", "DESC")
    if order not in ("eventTime", "recordTime"):
        raise QueryParameterError("orderBy", "eventTime or recordTime", "应为eventTime或recordTime")
    if direction not in ("ASC", "DESC"):
        raise QueryParameterError("orderDirection", "ASC or DESC", "应为ASC或DESC")
    counts = [name for name in ("eventCountLimit", "maxEventCount") if parameters.get(name) is not None]
    if len(counts) > 1:
        raise QueryParameterError("maxEventCount", "not together with eventCountLimit", "不可与eventCountLimit同用")
    token = parameters.get("nextPageToken")
    if token is not None and not isinstance(token, str):
        raise QueryParameterError("nextPageToken", "text is needed", "应为文本")
    return Query(
        tuple(sorted(tests)),
        bounds,
        str(order),
        direction == "DESC",
        _count("perPage", parameters.get("perPage", PER_PAGE), MOST_PER_PAGE),
        _count(counts[0], parameters[counts[0]], MOST_PER_PAGE) if counts else None,
        token,
        counts == ["maxEventCount"],
    )


def is_parameter(name: str) -> bool:
    """Whether the standard has a parameter of this name."""
    return name in BOUNDS or name in _CONTROLS or parameter_of(name) is not None


def parameter_names() -> list[str]:
    """Every parameter that has one name, in order. Families of names are not among them."""
    return sorted({*NAMED, *BOUNDS, *_CONTROLS})


def _values(name: str, takes: Takes, given: object) -> Values:
    items = _items(takes, given)
    if takes in _SINGLE and len(items) != 1:
        raise QueryParameterError(name, "one value is needed", "应为一个值")
    if not 1 <= len(items) <= MOST_VALUES:
        raise QueryParameterError(name, f"1 to {MOST_VALUES} values are needed", f"应为1至{MOST_VALUES}个值")
    if not all(items):
        raise QueryParameterError(name, "a value is text and not empty", "值应为非空文本")
    check, message_en, message_zh = _CHECKS[takes]
    if not all(check(each) for each in items):
        raise QueryParameterError(name, message_en, message_zh)
    return tuple(items)


def _items(takes: Takes, given: object) -> list[str]:
    """The values as text, empty for what has none: of a stored query they may be numbers, truth values, or nothing."""
    if given is None and takes == "flag":
        return ["true"]
    if isinstance(given, str):
        return [given] if takes in _SINGLE else given.split("|")
    items = given if isinstance(given, list) else [given]
    return [_text(each) for each in items]


def _text(given: object) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    return given if isinstance(given, str) else str(given) if isinstance(given, int | float) else ""


_SINGLE = frozenset({"number", "measure", "time", "flag"})
_CHECKS: Mapping[str, tuple[Callable[[str], bool], str, str]] = {
    "list": (bool, "a value is text and not empty", "值应为非空文本"),
    "numbers": (lambda text: number_of(text) is not None, "numbers are needed", "应为数字"),
    "number": (lambda text: number_of(text) is not None, "a number is needed", "应为数字"),
    "measure": (
        lambda text: measure_of(text) is not None,
        "a number, a date or a time with its zone is needed",
        "应为数字、日期或带时区的时间",
    ),
    "time": (lambda text: moment_of(text) is not None, "a time with its zone is needed", "应为带时区的时间"),
    "flag": (lambda text: text in ("true", "false"), "true or false", "应为true或false"),
}
"""By what a parameter takes: whether a value is one, and what is said of any other."""


def _moment(name: str, given: object) -> datetime:
    moment = moment_of(given) if isinstance(given, str) else None
    if moment is None:
        raise QueryParameterError(name, "a time with its zone is needed", "应为带时区的时间")
    return moment


def _count(name: str, given: object, most: int) -> int:
    text = str(given) if isinstance(given, int | str) and not isinstance(given, bool) else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    if not 1 <= number <= most:
        raise QueryParameterError(name, f"a number from 1 to {most} is needed", f"应为1至{most}的整数")
    return number


BOUNDS = frozenset({"GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime"})
_CONTROLS = frozenset({"orderBy", "orderDirection", "eventCountLimit", "maxEventCount", "perPage", "nextPageToken"})
EPC_PARAMETERS = ("MATCH_epc", "MATCH_parentID", "MATCH_inputEPC", "MATCH_outputEPC", "MATCH_anyEPC")
