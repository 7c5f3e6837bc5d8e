"""Parameters that name a member of an event: EQ_packtrail:site, GE_ILMD_packtrail:mass_g, EXISTS_INNER_...

    comparison _ [INNER_] [place_] prefix:name

- no place: the members of the event itself; a place: those of its ilmd, error declaration, sensor elements, ...;
- INNER: members at any depth below the extension members of that place, and not those themselves.

Members of other namespaces than ours are not kept: asked for, they are in no event.
Source: EPCIS 2.0, SimpleEventQuery and the patterns of its query schema.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from service.epcis.comparing import Values, fits
from service.epcis.shapes import shapes_of_kind
from service.epcis.terms import PREFIX, fields_by_name

Json = Mapping[str, Any]
_NAME = r"(?P<name>[a-z][a-zA-Z0-9]*:\w+)"
_ORDERED = r"(?P<comparison>EQ|GT|GE|LT|LE)"
_SENSOR = "SENSORELEMENT|SENSORMETADATA|SENSORREPORT"
PATTERNS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?P<comparison>EQ|GT|GE|LT|LE|EXISTS)_(?P<inner>INNER_)?((?P<place>ILMD|ERROR_DECLARATION)_)?{_NAME}",
        rf"{_ORDERED}_(?P<inner>INNER_)?(?P<place>{_SENSOR})_{_NAME}",
        rf"(?P<comparison>EXISTS)_(?P<inner>(?!))?(?P<place>{_SENSOR})_{_NAME}",
        rf"(?P<comparison>EQ)_(?P<inner>INNER_)?(?P<place>readPoint|bizLocation)_{_NAME}",
    )
)
"""Each has the groups comparison, inner, place and name."""
_ENVELOPE = frozenset({"type", "subjects", "actor", "log", "jws", "fieldCommitments", "fieldSalts", "partOf"})


def member_test(found: re.Match[str]) -> Callable[[Json, Values], bool]:
    """What the parameter with this name asks of an event."""
    comparison, name = found["comparison"], found["name"]
    places, inner = _PLACES[found["place"]], found["inner"] is not None

    def test(event: Json, values: Values) -> bool:
        members = [value for place in places(event) for value in (_inside(place, name) if inner else _at(place, name))]
        there = any(fits(comparison, each, values) for each in members)
        return there == (values == ("true",)) if comparison == "EXISTS" else there

    return test


def member_kinds(found: re.Match[str]) -> Callable[[str], bool]:
    """Whether an event of a kind can have the member, as far as that follows from its fields."""
    place = found["place"]
    prefix, _, name = found["name"].partition(":")

    def may(kind: str) -> bool:
        if prefix != PREFIX or place == "ERROR_DECLARATION":
            return False
        if found["inner"] is not None or place not in (None, "ILMD"):
            return True
        if place == "ILMD":
            return is_made(kind) and name in fields_by_name(kind)
        return name in _ENVELOPE or name in fields_by_name(kind)

    return may


def is_made(kind: str) -> bool:
    """Whether events of a kind have an ilmd."""
    return any(shape.ilmd for shape in shapes_of_kind(kind))


def sensor_reports(event: Json) -> list[Json]:
    """Every sensor report of an event."""
    return [report for element in _elements(event) for report in element.get("sensorReport", ())]


def sensor_metadata(event: Json) -> list[Json]:
    """What is said of the sensors of an event."""
    return [element["sensorMetadata"] for element in _elements(event) if "sensorMetadata" in element]


def _elements(event: Json) -> Sequence[Json]:
    elements: Sequence[Json] = event.get("sensorElementList", ())
    return elements


def _member(name: str) -> Callable[[Json], list[Json]]:
    return lambda event: [event[name]] if isinstance(event.get(name), Mapping) else []


_PLACES: Mapping[str | None, Callable[[Json], Sequence[Json]]] = {
    None: lambda event: [event],
    "ILMD": _member("ilmd"),
    "ERROR_DECLARATION": _member("errorDeclaration"),
    "SENSORELEMENT": _elements,
    "SENSORMETADATA": sensor_metadata,
    "SENSORREPORT": sensor_reports,
    "readPoint": _member("readPoint"),
    "bizLocation": _member("bizLocation"),
}


def _at(place: Json, name: str) -> Iterator[Any]:
    if name in place:
        yield place[name]


def _inside(place: Json, name: str) -> Iterator[Any]:
    for member, value in place.items():
        if ":" in member:
            yield from _below(value, name)


def _below(value: object, name: str) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from _at(value, name)
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in children:
        yield from _below(each, name)
