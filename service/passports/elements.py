"""A passport in the words of EN 18223: an envelope, and data elements by name, compressed or in full.

Compressed, an element is the value of a data point under its name. In full, each field of a value is a data element
that says what it is. The clauses are cited as the published interface of EN 18222 cites them; the standards' own texts
were not at hand.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from ledger.entry import format_time
from service.domain.fields import Body, Items, annotations_of
from service.domain.passport.datapoints import BY_ELEMENT, DATA_POINTS
from service.domain.passport.passport import Passport
from service.domain.passport.shapes import SHAPES
from service.domain.states import PassportStatus
from service.errors import Fault, NotFoundError, RefusedError

SCHEMA_VERSION = "EN 18223:2026"
REGULATION = "http://data.europa.eu/eli/reg/2023/1542/oj"
STATUSES = {
    PassportStatus.DRAFT: "inactive",
    PassportStatus.ACTIVE: "active",
    PassportStatus.ARCHIVED: "archived",
    PassportStatus.CEASED: "archived",
}
"""EN 18223, Table 1."""
ENVELOPE = frozenset(
    {
        "digitalProductPassportId",
        "uniqueProductIdentifier",
        "granularity",
        "dppSchemaVersion",
        "dppStatus",
        "lastUpdated",
        "economicOperatorId",
        "facilityId",
        "contentSpecificationIds",
    }
)
_STEP = re.compile(
    r"""\.([A-Za-z_][A-Za-z0-9_]*)|\[(?:'([A-Za-z0-9_]+)'|"([A-Za-z0-9_]+)")\]|\[(-?[0-9]{1,4})\]""", re.ASCII
)
_BESIDE = frozenset({"elements", "@context"})
_UNKNOWN = ("no data element of this name", "没有此数据元素")
_FIXED = ("follows from what is recorded, and cannot be changed here", "由记录生成，不可在此修改")


def envelope(passport: Passport) -> dict[str, Any]:
    """EN 18223, clause 4.1.2.1."""
    party = passport.responsible
    members = {
        "digitalProductPassportId": passport.id,
        "uniqueProductIdentifier": passport.points[1].value["identifier"],
        "granularity": "item",
        "dppSchemaVersion": SCHEMA_VERSION,
        "dppStatus": STATUSES[passport.status],
        "lastUpdated": format_time(passport.updated_at.astimezone(UTC)),
        "economicOperatorId": party.uscc or party.operator_id,
        "contentSpecificationIds": [REGULATION],
    }
    place = passport.points.get(8)
    facility = place.value.get("facility_id") if place else None
    return members | ({"facilityId": facility} if facility else {})


def compressed(passport: Passport) -> dict[str, Any]:
    """EN 18223, clause 5.2."""
    return envelope(passport) | {DATA_POINTS[nr].element: dict(each.value) for nr, each in passport.points.items()}


def in_full(passport: Passport, base_url: str) -> dict[str, Any]:
    """EN 18223, Annex A."""
    elements = [element_in_full(nr, each.value, base_url) for nr, each in passport.points.items()]
    return envelope(passport) | {"elements": elements}


def element_in_full(nr: int, value: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """One data point as a collection of data elements."""
    return {
        "elementId": DATA_POINTS[nr].element,
        "objectType": "DataElementCollection",
        "dictionaryReference": f"{base_url}/v1/datapoints#{nr}",
        "elements": [_expanded(name, each) for name, each in value.items()],
    }


def changes_in(given: Mapping[str, Any], present: Passport) -> dict[str, Any]:
    """The values by number in a passport that was sent, compressed or in full. Raises RefusedError.

    Members of the envelope may be repeated as they are. null takes a value away.
    """
    now, faults, changes = envelope(present), list[Fault](), dict[str, Any]()
    named = {name: value for name, value in given.items() if name not in ENVELOPE | _BESIDE}
    for name in ENVELOPE & given.keys():
        if given[name] != now.get(name):
            faults.append(Fault(f"/{name}", "fixed", *_FIXED))
    if isinstance(given.get("elements"), list):
        for at, element in enumerate(given["elements"]):
            found = BY_ELEMENT.get(str(element.get("elementId"))) if isinstance(element, dict) else None
            if found is None:
                faults.append(Fault(f"/elements/{at}/elementId", "unknown", *_UNKNOWN))
            else:
                named[found.element] = value_in(found.nr, element)
    for name, value in named.items():
        row = BY_ELEMENT.get(name)
        if row is None:
            faults.append(Fault(f"/{name[:64]}", "unknown", *_UNKNOWN))
        else:
            changes[str(row.nr)] = value
    if faults:
        raise RefusedError(faults)
    return changes


def value_in(nr: int, element: object) -> Any:
    """The value of a data point from a data element in full, or as it is where it is compressed."""
    if not isinstance(element, dict) or "elementId" not in element:
        return element
    shape = SHAPES.get(nr)
    return _collapsed(shape, element.get("elements", ())) if shape is not None else {}


def find_element(passport: Passport, path: str) -> tuple[int, tuple[str | int, ...]]:
    """The data point and the way into its value that a JSONPath of RFC 9535 names.

    Only paths to one node are known: names and indexes. Raises NotFoundError for what the reader has no such element.
    """
    steps = parse_path(path)
    row = BY_ELEMENT.get(str(steps[0])) if steps else None
    if row is None or row.nr not in passport.points:
        raise NotFoundError("no such data element in this passport")
    return row.nr, steps[1:]


def follow(value: Any, steps: Sequence[str | int]) -> Any:
    """What the rest of a path leads to. Raises NotFoundError."""
    for step in steps:
        is_there = isinstance(value, list if isinstance(step, int) else Mapping)
        if not is_there or (isinstance(step, int) and not -len(value) <= step < len(value)):
            raise NotFoundError("no such data element in this passport")
        if isinstance(step, str) and step not in value:
            raise NotFoundError("no such data element in this passport")
        value = value[step]
    return value


def parse_path(path: str) -> tuple[str | int, ...]:
    """`$.mass.mass_g`, `$['mass']`, `$.testReports.reports[0].url` as steps. Raises RefusedError."""
    steps: list[str | int] = []
    rest = path.removeprefix("$") if path.startswith("$") else f".{path}"
    while rest:
        match = _STEP.match(rest)
        if match is None or len(steps) > 16:
            en, zh = "not a JSONPath to one element: names and indexes only", "仅支持指向单一元素的JSONPath"
            raise RefusedError([Fault("/elementIdPath", "path", en, zh)])
        *names, index = match.groups()
        steps.append(int(index) if index is not None else next(each for each in names if each is not None))
        rest = rest[match.end() :]
    return tuple(steps)


def _expanded(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        nested = [
            [_expanded(key, each) for key, each in item.items()] if isinstance(item, Mapping) else item
            for item in value
        ]
        return {"elementId": name, "objectType": "MultiValuedDataElement", "value": nested}
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return {"elementId": name, "objectType": "RelatedResource", "url": value}
    return {
        "elementId": name,
        "objectType": "SingleValuedDataElement",
        "valueDataType": _XSD[type(value)],
        "value": value,
    }


def _collapsed(shape: type[Body], elements: object) -> dict[str, Any]:
    nested = {row.name: row.marker.of for row in annotations_of(shape) if isinstance(row.marker, Items)}
    value: dict[str, Any] = {}
    for element in elements if isinstance(elements, list) else ():
        if not isinstance(element, dict) or not isinstance(element.get("elementId"), str):
            continue
        name, given = element["elementId"], element.get("url", element.get("value"))
        if name in nested and isinstance(given, list):
            given = [_collapsed(nested[name], each) for each in given]
        value[name] = given
    return value


_XSD = {str: "xsd:string", int: "xsd:integer", bool: "xsd:boolean"}
