"""What the EN 18222 interface takes and gives. Written from its published description; see docs/passport.md."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from api.schemas.passports import A_DAY_OF_OURS

_TEXT = {"type": "string"}
_ENVELOPE = (
    "digitalProductPassportId",
    "uniqueProductIdentifier",
    "granularity",
    "dppSchemaVersion",
    "dppStatus",
    "lastUpdated",
    "economicOperatorId",
)
DPP: Mapping[str, Any] = {
    "type": "object",
    "description": "EN 18223: the envelope, and the data elements by name (compressed) or under elements (full). A "
    "change names only what is changed.",
    "properties": {
        **dict.fromkeys((*_ENVELOPE, "facilityId"), _TEXT),
        "granularity": {"enum": ["model", "batch", "item"]},
        "contentSpecificationIds": {"type": "array", "items": _TEXT},
        "elements": {"type": "array", "items": {"type": "object"}},
    },
}
ELEMENT: Mapping[str, Any] = {
    "type": "object",
    "description": "EN 18223: a data element in full; compressed, elementId and value",
    "properties": {"elementId": _TEXT, "objectType": _TEXT, "value": {}, "elements": {"type": "array"}},
}
DPP_IDS: Mapping[str, Any] = {
    "type": "object",
    "required": ["dppIds"],
    "properties": {"dppIds": {"type": "array", "items": _TEXT}, "nextCursor": _TEXT},
    "additionalProperties": False,
}
CREATED: Mapping[str, Any] = {
    "type": "object",
    "required": ["digitalProductPassportId"],
    "properties": {"digitalProductPassportId": _TEXT},
    "additionalProperties": False,
}
ENTRY: Mapping[str, Any] = {
    "type": "object",
    "required": [
        "uniqueProductIdentifier",
        "digitalProductPassportId",
        "uniqueEconomicOperatorIdentifier",
        "dppApiEndpoint",
    ],
    "properties": {
        "uniqueProductIdentifier": _TEXT,
        "digitalProductPassportId": _TEXT,
        "uniqueEconomicOperatorIdentifier": _TEXT,
        "backupUniqueEconomicOperatorIdentifier": _TEXT,
        "dppApiEndpoint": _TEXT | {"format": "uri"},
    },
    "additionalProperties": False,
}
REGISTERED: Mapping[str, Any] = {
    "type": "object",
    "required": ["registrationId"],
    "properties": {"registrationId": _TEXT},
    "additionalProperties": False,
}
PRODUCT_IDS: Mapping[str, Any] = {
    "type": "object",
    "required": ["productIds"],
    "properties": {"productIds": {"type": "array", "minItems": 1, "items": _TEXT}},
}


class DppQuery(Schema):
    """How much is said of each element."""

    representation = fields.String(load_default="compressed", validate=validate.OneOf(("compressed", "full")))


class DatedQuery(DppQuery):
    """And as of when."""

    date = fields.AwareDateTime(
        required=True, validate=A_DAY_OF_OURS, metadata={"description": "The version that stood then."}
    )


class PageQuery(Schema):
    """A page of identifiers."""

    limit = fields.Integer(load_default=100, validate=validate.Range(min=1))
    cursor = fields.String(load_default=None, validate=validate.Length(min=1, max=100))
