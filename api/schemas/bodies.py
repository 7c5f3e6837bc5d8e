"""JSON schemas of event bodies, made from the domain's own description of them, and the readers of event envelopes.

They describe; they do not check. The domain checks a body itself, and says all that is wrong with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api import json
from api.schemas.envelopes import Envelope, parse_envelope
from service.domain.events import KINDS, Kind, fields_of
from service.domain.fields import COMMITMENT_PATTERN, FieldSpec
from service.domain.restricted import restricted_in
from service.domain.units import DISPLAYS

Schema = Mapping[str, Any]
ENVELOPES = {"$ref": "#/components/schemas/NewEvent"}


@dataclass(frozen=True, slots=True)
class EventBody:
    """One event in either envelope."""

    def read(self) -> Envelope:
        return parse_envelope(json.read_json())

    def describe(self) -> Mapping[str, Any]:
        return {json.JSON: ENVELOPES}


@dataclass(frozen=True, slots=True)
class BatchBody:
    """Up to 1,000 events; `api.v1.batches` reads them, since each line may be wrong on its own."""

    def read(self) -> bytes:
        return json.read_bytes(json.LINES, json.JSON)

    def describe(self) -> Mapping[str, Any]:
        array = {"type": "array", "minItems": 1, "maxItems": 1000, "items": ENVELOPES}
        return {json.LINES: {"type": "string", "description": "One NewEvent a line"}, json.JSON: array}


def body_schema(kind: Kind) -> Schema:
    """The JSON schema of a body as it is told in custody: restricted fields may stand under `private` instead."""
    schema, restricted = object_schema(_fields(kind)), restricted_in(kind.name)
    schema["required"] = [name for name in schema["required"] if name not in restricted]
    for name, row in restricted.items():
        note = f"Restricted, for {row.audience.value}: the entry holds a commitment. May be told in private instead"
        schema["properties"][name]["description"] = f"{note}. Source: {row.source}"
    return schema


def signed_body_schema(kind: Kind) -> Schema:
    """The JSON schema of a body as an operator signs it: with commitments in the place of restricted fields."""
    schema, restricted = object_schema(_fields(kind)), restricted_in(kind.name)
    names = {name: restricted[name].commitment if name in restricted else name for name in schema["properties"]}
    properties = {
        names[name]: _commitment(name, field) if name in restricted else field
        for name, field in schema["properties"].items()
    }
    return schema | {"properties": properties, "required": [names[name] for name in schema["required"]]}


def _fields(kind: Kind) -> tuple[FieldSpec, ...]:
    return fields_of(kind.body) if kind.body else ()


def _commitment(name: str, field: Schema) -> Schema:
    text = f"Commitment to {name}: base64 of 32 bytes. Its value and salt go into private"
    return {"title": field["title"], "type": "string", "pattern": f"^{COMMITMENT_PATTERN}$", "description": text}


def event_schemas() -> dict[str, Schema]:
    """Every schema of this module by its name in the description of the API."""
    named: dict[str, Schema] = {
        body_name(kind): {"description": f"{kind.title_en} {kind.title_zh}. Source: {kind.source}"}
        | dict(body_schema(kind) if kind.body else {"type": "object"})
        for kind in KINDS.values()
    }
    named |= {
        signed_body_name(kind): {"description": f"{kind.title_en} {kind.title_zh}, as it is signed"}
        | dict(signed_body_schema(kind))
        for kind in KINDS.values()
        if restricted_in(kind.name)
    }
    named["CustodialEvent"] = _told()
    named["Event"] = _signed_part()
    named["SignedEvent"] = _signed()
    named["NewEvent"] = {
        "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("CustodialEvent", "SignedEvent")]
    }
    return named


def body_name(kind: Kind) -> str:
    """`enrol_operator` -> `EnrolOperatorBody`."""
    return "".join(part.capitalize() for part in kind.name.split("_")) + "Body"


def signed_body_name(kind: Kind) -> str:
    """The schema of a body that is signed: another one where fields are restricted."""
    return ("Signed" if restricted_in(kind.name) else "") + body_name(kind)


def _told() -> Schema:
    return {
        "type": "object",
        "required": ["type", "occurred_at"],
        "properties": {
            "type": {"enum": list(KINDS)},
            "subjects": _SUBJECTS,
            "occurred_at": _TIME,
            "body": {"type": "object"},
            "id": _ID,
            "private": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
        },
        "additionalProperties": False,
        "oneOf": [_branch(kind, body_name(kind)) for kind in KINDS.values()],
    }


def _signed() -> Schema:
    opened = {
        "type": "object",
        "required": ["value", "salt"],
        "properties": {"value": {"type": ["string", "integer"]}, "salt": {"type": "string"}},
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "required": ["event", "jws"],
        "properties": {
            "event": {"$ref": "#/components/schemas/Event"},
            "jws": {
                "type": "string",
                "description": "Detached JWS over the canonical event: header, two dots, signature",
            },
            "private": {"type": "object", "additionalProperties": opened},
        },
        "additionalProperties": False,
    }


def _signed_part() -> Schema:
    properties = {
        "actor": {"type": "string", "pattern": "^[a-z][a-z0-9-]{1,39}$"},
        "body": {"type": "object"},
        "id": _ID,
        "log": {"type": "string", "description": "The origin of the log the event is for"},
        "occurred_at": _TIME,
        "subjects": _SUBJECTS,
        "type": {"enum": list(KINDS)},
        "v": {"const": 1},
    }
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
        "oneOf": [_branch(kind, signed_body_name(kind)) for kind in KINDS.values()],
    }


def _branch(kind: Kind, body_name: str) -> Schema:
    """What holds for the events of one kind."""
    limits = {"minItems": kind.subjects.minimum, "maxItems": kind.subjects.maximum}
    body = {"$ref": f"#/components/schemas/{body_name}"}
    return {"title": kind.title_en, "properties": {"type": {"const": kind.name}, "body": body, "subjects": limits}}


def object_schema(rows: tuple[FieldSpec, ...]) -> dict[str, Any]:
    """The JSON schema of an object with these fields."""
    return {
        "type": "object",
        "required": [row.name for row in rows if row.required],
        "properties": {row.name: {"title": f"{row.title_en} {row.title_zh}", **_field(row)} for row in rows},
        "additionalProperties": False,
    }


def _field(row: FieldSpec) -> Schema:
    match row.kind:
        case "integer":
            return _integer(row)
        case "boolean":
            return {"type": "boolean"}
        case "date":
            return {"type": "string", "format": "date"}
        case "choice":
            return {"type": "string", "enum": list(map(str, row.choices))}
        case "choices":
            return _array(row, {"type": "string", "enum": list(map(str, row.choices))}) | {"uniqueItems": True}
        case "codes":
            return _array(row, _text(row)) | {"uniqueItems": True}
        case "items":
            return _array(row, object_schema(row.items))
        case "amounts":
            amounts = {str(word): _integer(row) for word in row.choices}
            return {"type": "object", "minProperties": 1, "properties": amounts, "additionalProperties": False}
        case _:
            return _text(row)


def _integer(row: FieldSpec) -> dict[str, Any]:
    unit = DISPLAYS[row.unit].name_en if row.unit in DISPLAYS else ""
    return {"type": "integer", "minimum": row.minimum, "maximum": row.maximum} | ({"description": unit} if unit else {})


def _text(row: FieldSpec) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": row.max_length}
    return schema | ({"pattern": f"^(?:{row.pattern})$"} if row.pattern else {})


def _array(row: FieldSpec, items: Schema) -> dict[str, Any]:
    return {"type": "array", "minItems": row.minimum, "maxItems": row.maximum, "items": items}


_SUBJECTS: Schema = {
    "type": "array",
    "items": {"type": "string", "pattern": "^[A-Z0-9]{19}([A-Z0-9]{5})?$"},
    "maxItems": 64,
    "uniqueItems": True,
    "description": "Codes of GB/T 34014, 24 or 19 characters",
}
_TIME: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
}
_ID: Schema = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    "description": "UUID of version 7; the same id with the same content is the same event",
}
