"""What requests and answers about the access log hold."""

from typing import Any

from marshmallow import Schema, fields, validate

_TEXT = {"type": "string"}
_DIGEST = {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"}
_COUNT = {"type": "integer", "minimum": 0}


class ReadingsQuery(Schema):
    """Which readings."""

    subject = fields.String(
        load_default=None,
        validate=validate.Length(1, 64),
        metadata={"description": "The code of a battery, model:<id> or report:<duty>."},
    )
    before = fields.String(
        load_default=None, validate=validate.Length(1, 36), metadata={"description": "From `next` of the page before."}
    )


_TEXTS = ("id", "at", "operator", "person", "key_id", "owner", "subject", "route", "purpose", "shown_at")
_READING: dict[str, Any] = {
    "type": "object",
    "required": [*_TEXTS, "seq", "parts", "size", "chain"],
    "properties": {
        **dict.fromkeys(_TEXTS, _TEXT),
        "seq": {"type": ["integer", "null"], "minimum": 1},
        "parts": {"type": "array", "items": _TEXT},
        "size": _COUNT,
        "chain": {"oneOf": [_DIGEST, {"type": "null"}]},
    },
    "additionalProperties": False,
}
READINGS: dict[str, Any] = {
    "type": "object",
    "required": ["owner", "readings", "seq", "chain", "next"],
    "properties": {
        "owner": {"type": ["string", "null"]},
        "readings": {"type": "array", "items": _READING},
        "seq": _COUNT,
        "chain": _DIGEST,
        "next": {"type": ["string", "null"]},
    },
    "additionalProperties": False,
}
