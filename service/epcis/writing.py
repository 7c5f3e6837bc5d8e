"""From an event of ours to EPCIS events: nothing is lost, `reading` gives the same event back.

    Told(...) -> [main event, events that follow from it...]

The main event carries every field: quantities as sensor reports with units of UN/CEFACT, operators as sources and
destinations, documents as business transactions, places as read points, and what has no such place as a member of our
namespace. Fields of something that is being made stand in its ilmd. A restricted value stands where it is known; its
commitment always does. With the signature the event can be verified from this form alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.entry import format_time
from service.domain.accounting import told_parts
from service.domain.restricted import commitments_in
from service.epcis.naming import Names
from service.epcis.shapes import ASSOCIATION, CORRECT, OBJECT, TRANSFORMATION, VEHICLE, Shape, What, shapes_of
from service.epcis.terms import (
    NAMESPACE,
    OFFSET,
    PARTIES,
    PLACES,
    TRANSACTIONS,
    UNITS,
    fields_by_name,
    is_number,
    measurement_of,
    own,
    own_uri,
)

Epcis = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An event to be written. body: as it was signed, or as it is told; values: restricted ones that may be shown.

    salts, jws, actor, log: of an event that is signed. recorded_at: of one that is recorded.
    """

    id: str
    kind: str
    occurred_at: datetime
    subjects: Sequence[str]
    body: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)
    salts: Mapping[str, str] = field(default_factory=dict)
    actor: str | None = None
    log: str | None = None
    jws: str | None = None
    recorded_at: datetime | None = None

    @property
    def codes(self) -> list[str]:
        """The batteries that it is about: its subjects, and the parts in runs of its body."""
        return [*self.subjects, *(code for code, _ in told_parts(self.kind, self.body))]

    @property
    def commitments(self) -> dict[str, str]:
        """By field, the commitments that stand in the body."""
        names = commitments_in(self.kind)
        return {names[member]: text for member, text in self.body.items() if member in names}

    @property
    def open_body(self) -> dict[str, Any]:
        """The fields that may be shown."""
        names = commitments_in(self.kind)
        return {name: value for name, value in self.body.items() if name not in names} | dict(self.values)


def write_events(told: Told, names: Names, corrected: Told | None = None) -> list[Epcis]:
    """The EPCIS events of one event, the main one first. corrected: what a correction is about, where it is known."""
    if told.kind == CORRECT:
        return _write_correction(told, names, corrected)
    body = told.open_body
    shapes = shapes_of(told.kind, told.subjects)
    events = []
    for part, shape in enumerate(shapes):
        what = shape.what(told.subjects, body)
        if what is None:
            continue
        event = _frame(told, part, shape, body)
        event |= _dimension(told, shape, what, names)
        if part == 0:
            _fill(event, told, shape, body)
        else:
            event[own("partOf")] = event_id(told.id)
        events.append(event)
    return events


def event_id(id_: str, part: int = 0) -> str:
    """The eventID of a part. Others than the main one have a UUID of version 8: the same but for that and the part."""
    if part == 0:
        return f"urn:uuid:{id_}"
    number = int(id_.replace("-", ""), 16) & ~(0xF << 76) | 8 << 76
    return f"urn:uuid:{UUID(int=number ^ part)}"


def ids_behind(event_id_: str, parts: int = 4) -> list[str]:
    """The ids of our events that may have this eventID; none for what is no eventID of ours."""
    text = event_id_.removeprefix("urn:uuid:")
    try:
        number = UUID(text).int
    except ValueError:
        return []
    if str(UUID(int=number)) != text or number >> 76 & 0xF not in (7, 8):
        return []
    if number >> 76 & 0xF == 7:
        return [text]
    main = number & ~(0xF << 76) | 7 << 76
    return [str(UUID(int=main ^ part)) for part in range(1, parts)]


def prefixed(value: Any) -> Any:
    """A JSON value with every member's name in our namespace."""
    if isinstance(value, Mapping):
        return {own(name): prefixed(each) for name, each in value.items()}
    return [prefixed(each) for each in value] if isinstance(value, list | tuple) else value


def lot_quantities(lots: Sequence[Mapping[str, Any]]) -> list[Epcis]:
    """Lots of materials as classes of things with their mass."""
    return [
        {
            "epcClass": own_uri(f"product/{each['material']}", each["lot"]),
            "quantity": scaled(each["mass_g"], 3),
            "uom": "KGM",
        }
        for each in lots
    ]


def cell_quantities(lot: str, count: int) -> list[Epcis]:
    """Cells without codes as a class of things with their number."""
    return [{"epcClass": own_uri("cells", lot), "quantity": count}]


def scaled(value: int, places: int) -> int | float:
    """`value` / 10**places as a JSON number; exact, because both have at most 15 digits."""
    if places == 0:
        return value
    number = Decimal(value).scaleb(-places)
    return int(number) if number == number.to_integral_value() else float(number)


def _frame(told: Told, part: int, shape: Shape, body: Mapping[str, Any]) -> Epcis:
    event: Epcis = {
        "type": shape.type,
        "eventID": event_id(told.id, part),
        "eventTime": format_time(told.occurred_at),
        "eventTimeZoneOffset": OFFSET,
    }
    if told.recorded_at is not None:
        event["recordTime"] = format_time(told.recorded_at)
    if shape.action is not None:
        event["action"] = shape.action
    disposition = shape.when(body) if shape.when else shape.disposition
    if shape.type in (OBJECT, ASSOCIATION, TRANSFORMATION):
        event["bizStep"] = shape.step
        if disposition is not None:
            event["disposition"] = disposition
    if shape.unset is not None:
        event["persistentDisposition"] = {"unset": [shape.unset]}
    return event


def _dimension(told: Told, shape: Shape, what: What, names: Names) -> Epcis:
    epcs = [names.epc_of(code) for code in what.epcs]
    if shape.type == ASSOCIATION:
        parent = _vehicle(told) if what.parent == VEHICLE else names.epc_of(what.parent or "")
        return {"parentID": parent} | ({"childEPCs": epcs} if epcs else {})
    if shape.type == TRANSFORMATION:
        event: Epcis = {"inputEPCList": epcs} if epcs else {}
        if what.outputs:
            event["outputEPCList"] = [names.epc_of(code) for code in what.outputs]
        return event | {"transformationID": f"urn:uuid:{told.id}"}
    return {"epcList": epcs} if shape.type == OBJECT else {}


def _vehicle(told: Told) -> str:
    """The vehicle by its VIN where that is told, else by what stands for it."""
    vin = told.open_body.get("vin")
    if vin is not None:
        return own_uri("vin", vin)
    return own_uri("vehicle", told.commitments.get("vin", "unknown"))


def _fill(event: Epcis, told: Told, shape: Shape, body: Mapping[str, Any]) -> None:
    """Put everything that was told into the main event."""
    rest = {name: value for name, value in body.items() if not (name == "vin" and shape.type == ASSOCIATION)}
    if shape.type in (OBJECT, ASSOCIATION) and not shape.ilmd:
        _add_reports(event, told.kind, rest)
    for name in [name for name in rest if name in PARTIES and shape.type in (OBJECT, ASSOCIATION)]:
        list_, member = PARTIES[name]
        event[list_] = [{"type": "possessing_party", member: own_uri("operator", rest.pop(name))}]
    for name in [name for name in rest if name in TRANSACTIONS and shape.type in (OBJECT, ASSOCIATION)]:
        document = {"type": TRANSACTIONS[name], "bizTransaction": own_uri("document", rest.pop(name))}
        event.setdefault("bizTransactionList", []).append(document)
    place = next((rest.pop(name) for name in sorted(rest) if name in PLACES and shape.type != TRANSFORMATION), None)
    if told.actor is not None and shape.type in (OBJECT, ASSOCIATION, TRANSFORMATION):
        event["bizLocation"] = {"id": own_uri("operator", told.actor)}
    if place is not None:
        event["readPoint"] = {"id": place_uri(place)}
    if told.kind == "assemble" and "cell_lot" in rest and "cell_count" in rest:
        event["childQuantityList"] = cell_quantities(rest.pop("cell_lot"), rest.pop("cell_count"))
    if told.kind == "recycle":
        event["outputQuantityList"] = lot_quantities(rest["outputs"])
        if rest.get("input_lots"):
            event["inputQuantityList"] = lot_quantities(rest["input_lots"])
    members = {own(name): prefixed(value) for name, value in rest.items()}
    if shape.ilmd:
        event["ilmd"] = members
    else:
        event |= members
    event |= _envelope(told)


def place_uri(text: str) -> str:
    """A place by its address, or one in our namespace for a place that has only a name."""
    is_address = text.startswith("https://") and not text.startswith(NAMESPACE) and text == _printable(text)
    return text if is_address else own_uri("place", text)


def _printable(text: str) -> str:
    return text if text.isascii() and not any(each in ' "<>\\^`{|}' for each in text) else ""


def _envelope(told: Told) -> Epcis:
    event: Epcis = {own("type"): told.kind, own("subjects"): list(told.subjects)}
    for name, value in (("actor", told.actor), ("log", told.log), ("jws", told.jws)):
        if value is not None:
            event[own(name)] = value
    if told.commitments:
        event[own("fieldCommitments")] = prefixed(told.commitments)
    if told.salts:
        event[own("fieldSalts")] = prefixed(dict(told.salts))
    return event


def _add_reports(event: Epcis, kind: str, rest: dict[str, Any]) -> None:
    reports = []
    for name, row in fields_by_name(kind).items():
        unit = UNITS.get(row.unit or "")
        if name in rest and unit is not None and is_number(row):
            reports.append(
                {"type": measurement_of(name), "value": scaled(rest.pop(name), unit.places), "uom": unit.uom}
            )
    if reports:
        event["sensorElementList"] = [{"sensorReport": reports}]


def _write_correction(told: Told, names: Names, corrected: Told | None) -> list[Epcis]:
    """The corrected event once more, with an error declaration; and what it should have said, as an event."""
    body = told.open_body
    about = body["event_id"]
    values = {name: body[name] for name in body if name not in ("event_id", "reason", "note")}
    declaration: Epcis = {"declarationTime": format_time(told.occurred_at), "reason": body["reason"]}
    declaration |= {own("correctedBy"): event_id(told.id)} | _envelope(told)
    declaration |= {own(name): value for name, value in body.items() if name not in ("event_id", "reason")}
    following = []
    if corrected is not None:
        events = write_events(corrected, names)
        if values:
            declaration["correctiveEventIDs"] = [event_id(told.id, 1)]
            following = [_corrective(told, corrected, values, names)]
    else:
        events = [
            {
                "type": OBJECT,
                "eventTime": format_time(told.occurred_at),
                "eventTimeZoneOffset": OFFSET,
                "action": "OBSERVE",
                "epcList": [names.epc_of(code) for code in told.subjects],
            }
        ]
    main = {**events[0], "eventID": event_id(about), "errorDeclaration": declaration}
    if told.recorded_at is not None:
        main["recordTime"] = format_time(told.recorded_at)
    return [main, *following]


def _corrective(told: Told, corrected: Told, values: Mapping[str, Any], names: Names) -> Epcis:
    fields = fields_by_name(corrected.kind)
    known = {name: value for name, value in values.items() if name in fields}
    new = replace(
        corrected, body=corrected.open_body | known, values={}, salts={}, jws=None, recorded_at=told.recorded_at
    )
    event = write_events(new, names)[0]
    return {**event, "eventID": event_id(told.id, 1), own("partOf"): event_id(told.id)}
