"""Queries of EPCIS: the parameters that are known, as rows, and what each asks of an event.

A list is told as values with "|" between them; one of them has to fit. Words of the CBV may be bare or addresses,
identifiers are compared in their canonical spelling. Source: EPCIS 2.0, SimpleEventQuery.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from service.epcis.canonical_uris import canonical_uri
from service.epcis.errors import QueryParameterError
from service.epcis.reading import word_of
from service.epcis.terms import local_name

Json = Mapping[str, Any]
Values = tuple[str, ...]
PER_PAGE, MOST_PER_PAGE = 30, 1000
MOST_VALUES = 100
"""In one list: each may have to be looked up."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. tests: (name of the row, values). bounds: of eventTime and recordTime, by name.

    limit: so many events at most, and no further page.
    """

    tests: tuple[tuple[str, Values], ...] = ()
    bounds: Mapping[str, datetime] = field(default_factory=dict)
    order_by: str = "eventTime"
    descending: bool = True
    per_page: int = PER_PAGE
    limit: int | None = None
    token: str | None = None

    def values(self, name: str) -> Values:
        """The values of a parameter; none where it is not asked."""
        return next((values for each, values in self.tests if each == name), ())

    def fits(self, event: Json) -> bool:
        """Whether an EPCIS event is among those that are asked for, times of occurrence and record left aside."""
        return all(_TESTS[name](event, values) for name, values in self.tests)


def parse_query(parameters: Mapping[str, object]) -> Query:
    """A query from its parameters: text, or for a stored query also lists of text. Raises QueryParameterError."""
    tests: list[tuple[str, Values]] = []
    bounds: dict[str, datetime] = {}
    for name, given in parameters.items():
        if name in _TESTS:
            tests.append((name, _values(name, given)))
        elif name in BOUNDS:
            bounds[name] = _moment(name, given)
        elif name not in _CONTROLS:
            raise QueryParameterError(name, "this parameter is not known here", "没有此查询参数")
    order, direction = parameters.get("orderBy", "eventTime"), parameters.get("orderDirection", "DESC")
    if order not in ("eventTime", "recordTime"):
        raise QueryParameterError("orderBy", "eventTime or recordTime", "应为eventTime或recordTime")
    if direction not in ("ASC", "DESC"):
        raise QueryParameterError("orderDirection", "ASC or DESC", "应为ASC或DESC")
    limit = parameters.get("eventCountLimit")
    token = parameters.get("nextPageToken")
    if token is not None and not isinstance(token, str):
        raise QueryParameterError("nextPageToken", "text is needed", "应为文本")
    return Query(
        tuple(sorted(tests)),
        bounds,
        str(order),
        direction == "DESC",
        _count("perPage", parameters.get("perPage", PER_PAGE), MOST_PER_PAGE),
        None if limit is None else _count("eventCountLimit", limit, MOST_PER_PAGE),
        token,
    )


def parameter_names() -> list[str]:
    """Every parameter that is known, in order."""
    return sorted({*_TESTS, *BOUNDS, *_CONTROLS})


def _values(name: str, given: object) -> Values:
    items = given.split("|") if isinstance(given, str) else given
    if isinstance(items, bool) and name.startswith("EXISTS_"):
        items = [str(items).lower()]
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_VALUES:
        raise QueryParameterError(name, f"1 to {MOST_VALUES} values are needed", f"应为1至{MOST_VALUES}个值")
    if not all(isinstance(each, str) and each for each in items):
        raise QueryParameterError(name, "a value is text and not empty", "值应为非空文本")
    if name.startswith("EXISTS_") and items not in (["true"], ["false"]):
        raise QueryParameterError(name, "true or false", "应为true或false")
    return tuple(items)


def _moment(name: str, given: object) -> datetime:
    try:
        moment = datetime.fromisoformat(given.replace(" ", "+")) if isinstance(given, str) and "T" in given else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise QueryParameterError(name, "a time with its zone is needed", "应为带时区的时间")


def _count(name: str, given: object, most: int) -> int:
    text = str(given) if isinstance(given, int | str) and not isinstance(given, bool) else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    if not 1 <= number <= most:
        raise QueryParameterError(name, f"a number from 1 to {most} is needed", f"应为1至{most}的整数")
    return number


def _word(member: str) -> Callable[[Json, Values], bool]:
    return lambda event, values: word_of(event.get(member)) in {word_of(each) for each in values}


def _text(member: str) -> Callable[[Json, Values], bool]:
    return lambda event, values: event.get(member) in values


def _uri(*path: str) -> Callable[[Json, Values], bool]:
    def test(event: Json, values: Values) -> bool:
        found: Any = event
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return isinstance(found, str) and canonical_uri(found) in _canonical(values)

    return test


def _epcs(*members: str) -> Callable[[Json, Values], bool]:
    def test(event: Json, values: Values) -> bool:
        wanted = _canonical(values)
        return any(canonical_uri(epc) in wanted for name in members for epc in _listed(event.get(name)))

    return test


def _classes(*members: str) -> Callable[[Json, Values], bool]:
    def test(event: Json, values: Values) -> bool:
        wanted = _canonical(values)
        return any(canonical_uri(each["epcClass"]) in wanted for name in members for each in event.get(name, ()))

    return test


def _element(list_: str, member: str, type_: str) -> Callable[[Json, Values], bool]:
    def test(event: Json, values: Values) -> bool:
        wanted = _canonical(values)
        return any(
            local_name(each.get("type", "")) == type_ and canonical_uri(each[member]) in wanted
            for each in event.get(list_, ())
        )

    return test


def _persistent(side: str) -> Callable[[Json, Values], bool]:
    def test(event: Json, values: Values) -> bool:
        wanted = {word_of(each) for each in values}
        return any(word_of(each) in wanted for each in event.get("persistentDisposition", {}).get(side, ()))

    return test


def _declared(event: Json, values: Values) -> bool:
    return ("errorDeclaration" in event) == (values == ("true",))


def _error_reason(event: Json, values: Values) -> bool:
    reason = event.get("errorDeclaration", {}).get("reason")
    return reason is not None and reason in {local_name(each).removeprefix("ER-") for each in values}


def _corrective(event: Json, values: Values) -> bool:
    return any(each in values for each in event.get("errorDeclaration", {}).get("correctiveEventIDs", ()))


def _canonical(values: Sequence[str]) -> frozenset[str]:
    return frozenset(canonical_uri(each) for each in values)


def _listed(value: object) -> list[str]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


_TESTS: Mapping[str, Callable[[Json, Values], bool]] = {
    "eventType": _text("type"),
    "EQ_action": _text("action"),
    "EQ_bizStep": _word("bizStep"),
    "EQ_disposition": _word("disposition"),
    "EQ_persistentDisposition_set": _persistent("set"),
    "EQ_persistentDisposition_unset": _persistent("unset"),
    "EQ_eventID": _text("eventID"),
    "EQ_readPoint": _uri("readPoint", "id"),
    "WD_readPoint": _uri("readPoint", "id"),
    "EQ_bizLocation": _uri("bizLocation", "id"),
    "WD_bizLocation": _uri("bizLocation", "id"),
    "EQ_transformationID": _uri("transformationID"),
    "EQ_bizTransaction_bol": _element("bizTransactionList", "bizTransaction", "bol"),
    "EQ_bizTransaction_cert": _element("bizTransactionList", "bizTransaction", "cert"),
    "EQ_source_possessing_party": _element("sourceList", "source", "possessing_party"),
    "EQ_destination_possessing_party": _element("destinationList", "destination", "possessing_party"),
    "MATCH_epc": _epcs("epcList", "childEPCs"),
    "MATCH_parentID": _epcs("parentID"),
    "MATCH_inputEPC": _epcs("inputEPCList"),
    "MATCH_outputEPC": _epcs("outputEPCList"),
    "MATCH_anyEPC": _epcs("epcList", "childEPCs", "parentID", "inputEPCList", "outputEPCList"),
    "MATCH_epcClass": _classes("quantityList", "childQuantityList"),
    "MATCH_inputEPCClass": _classes("inputQuantityList"),
    "MATCH_outputEPCClass": _classes("outputQuantityList"),
    "MATCH_anyEPCClass": _classes("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"),
    "EXISTS_errorDeclaration": _declared,
    "EQ_errorReason": _error_reason,
    "EQ_correctiveEventID": _corrective,
}
"""A place has no places below it here, so WD_ asks the same as EQ_."""
BOUNDS = frozenset({"GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime"})
_CONTROLS = frozenset({"orderBy", "orderDirection", "eventCountLimit", "perPage", "nextPageToken"})
EPC_PARAMETERS = ("MATCH_epc", "MATCH_parentID", "MATCH_inputEPC", "MATCH_outputEPC", "MATCH_anyEPC")
