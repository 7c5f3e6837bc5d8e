"""The parameters that ask something of an event, as rows: by name, and by pattern for families of names.

A row says which values a parameter takes, what it asks of an event, and of which kinds of events it can be true at all,
so that only those need be looked at. Words of the CBV may be bare or addresses, identifiers are compared in their
canonical spelling. Attributes of master data are asked for in vain: the register keeps none in the words of EPCIS.

Source: EPCIS 2.0, SimpleEventQuery; the names are those of its query schema (tests/service/epcis/test_parameters.py).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from service.epcis.canonical_uris import canonical_uri
from service.epcis.comparing import Values, fits
from service.epcis.member_parameters import PATTERNS, member_kinds, member_test
from service.epcis.reading import word_of
from service.epcis.sensor_parameters import (
    ADDRESSES,
    AMOUNT,
    RANKS,
    TEXTS,
    TIMES,
    amount_test,
    anywhere_test,
    has_elements,
    has_type,
    may_measure,
)
from service.epcis.terms import local_name

Json = Mapping[str, Any]
Test = Callable[[Json, Values], bool]
Takes = Literal["list", "numbers", "number", "measure", "time", "flag"]


def _every(kind: str) -> bool:
    return True


def _none(kind: str) -> bool:
    return False


class Parameter(NamedTuple):
    """takes: texts, numbers, one number, one number or time or date, one time, or true and false.

    may: whether it can be true of an event of a kind, where it is not asked for as false. Of a correction it always
    can: that repeats what it corrects.
    """

    test: Test
    takes: Takes = "list"
    may: Callable[[str], bool] = _every


@lru_cache(maxsize=512)
def parameter_of(name: str) -> Parameter | None:
    """What a parameter asks; None for a name that the standard does not have."""
    if name in NAMED:
        return NAMED[name]
    for pattern, family in _FAMILIES:
        found = pattern.fullmatch(name)
        if found is not None:
            return family(found)
    return None


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


def _declared_at(comparison: str) -> Test:
    return lambda event, values: fits(comparison, event.get("errorDeclaration", {}).get("declarationTime"), values)


_QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")


def _quantity(found: re.Match[str]) -> Parameter:
    """Of a class of things: a number of pieces, or so much in a unit."""
    comparison, uom = found["comparison"], found["uom"]

    def test(event: Json, values: Values) -> bool:
        amounts = [each for name in _QUANTITIES for each in event.get(name, ())]
        return any(each.get("uom") == uom and fits(comparison, each.get("quantity"), values) for each in amounts)

    return Parameter(test, "numbers" if comparison == "EQ" else "number", _has_classes)


def _has_classes(kind: str) -> bool:
    return kind in ("assemble", "recycle")


def _amount(found: re.Match[str]) -> Parameter:
    return Parameter(amount_test(found), "numbers" if found["comparison"] == "EQ" else "number", may_measure)


def _listed_element(found: re.Match[str]) -> Parameter:
    list_, member = _ELEMENTS[found["list"]]
    return Parameter(_element(list_, member, local_name(found["type"])))


def _named_member(found: re.Match[str]) -> Parameter:
    takes: dict[str, Takes] = {"EQ": "list", "EXISTS": "flag"}
    return Parameter(member_test(found), takes.get(found["comparison"], "measure"), member_kinds(found))


def _attribute(found: re.Match[str]) -> Parameter:
    return Parameter(lambda event, values: False, may=_none)


_ELEMENTS = {
    "bizTransaction": ("bizTransactionList", "bizTransaction"),
    "source": ("sourceList", "source"),
    "destination": ("destinationList", "destination"),
}
_FAMILIES: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], Parameter]]] = (
    (
        re.compile(r"EQ_(?P<list>bizTransaction|source|destination)_(?P<type>[a-zA-Z][\w:/.#-]+)", re.ASCII),
        _listed_element,
    ),
    (re.compile(r"(?P<comparison>EQ|GT|GE|LT|LE)_quantity(_(?P<uom>[A-Z0-9]{2,4}))?"), _quantity),
    (AMOUNT, _amount),
    (re.compile(r"HASATTR_[\w:]+|EQ_?ATTR_[\w:]+_\w+", re.ASCII), _attribute),
    *((pattern, _named_member) for pattern in PATTERNS),
)


NAMED: Mapping[str, Parameter] = {
    "eventType": Parameter(_text("type")),
    "EQ_action": Parameter(_text("action")),
    "EQ_bizStep": Parameter(_word("bizStep")),
    "EQ_disposition": Parameter(_word("disposition")),
    "EQ_persistentDisposition_set": Parameter(_persistent("set")),
    "EQ_persistentDisposition_unset": Parameter(_persistent("unset")),
    "EQ_eventID": Parameter(_text("eventID")),
    "EQ_readPoint": Parameter(_uri("readPoint", "id")),
    "WD_readPoint": Parameter(_uri("readPoint", "id")),
    "EQ_bizLocation": Parameter(_uri("bizLocation", "id")),
    "WD_bizLocation": Parameter(_uri("bizLocation", "id")),
    "EQ_transformationID": Parameter(_uri("transformationID")),
    "MATCH_epc": Parameter(_epcs("epcList", "childEPCs")),
    "MATCH_parentID": Parameter(_epcs("parentID")),
    "MATCH_inputEPC": Parameter(_epcs("inputEPCList")),
    "MATCH_outputEPC": Parameter(_epcs("outputEPCList")),
    "MATCH_anyEPC": Parameter(_epcs("epcList", "childEPCs", "parentID", "inputEPCList", "outputEPCList")),
    "MATCH_epcClass": Parameter(_classes("quantityList", "childQuantityList")),
    "MATCH_inputEPCClass": Parameter(_classes("inputQuantityList")),
    "MATCH_outputEPCClass": Parameter(_classes("outputQuantityList")),
    "MATCH_anyEPCClass": Parameter(_classes(*_QUANTITIES)),
    "EXISTS_errorDeclaration": Parameter(_declared, "flag", _none),
    "EQ_errorReason": Parameter(_error_reason, may=_none),
    "EQ_correctiveEventID": Parameter(_corrective, may=_none),
    **{
        name: Parameter(_declared_at(name[:2]), "time", _none)
        for each in ("GE", "LT")
        for name in (f"{each}_errorDeclarationTime", f"{each}_errorDeclaration_Time")
    },
    "EXISTS_sensorElementList": Parameter(has_elements, "flag", may_measure),
    "EQ_type": Parameter(has_type, may=may_measure),
    "EQ_booleanValue": Parameter(anywhere_test("EQ", "booleanValue"), "flag", may_measure),
    **{name: Parameter(anywhere_test("EQ", each), may=may_measure) for name, each in (ADDRESSES | TEXTS).items()},
    **{name: Parameter(anywhere_test(each, "percRank"), "number", may_measure) for name, each in RANKS.items()},
    **{name: Parameter(anywhere_test(*each), "time", may_measure) for name, each in TIMES.items()},
}
"""A place has no places below it here, so WD_ asks the same as EQ_. The standard's text and its query schema spell the
time of an error declaration in two ways; both are known."""
