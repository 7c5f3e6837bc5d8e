"""What is asked of documents and answered about them."""

from typing import Any

from marshmallow import Schema, fields, validate

from service.documents.sniffing import MediaType
from service.domain.papers import Paper
from service.domain.passport.tiers import Tier

_TEXT = {"type": "string"}
_SUBJECT = {"description": "A battery by any of its names, or model:<id>."}


class DocumentQuery(Schema):
    """What the document is, and what it is about."""

    subject = fields.String(required=True, validate=validate.Length(1, 300), metadata=_SUBJECT)
    kind = fields.String(required=True, validate=validate.OneOf(tuple(Paper)))
    name = fields.String(load_default="", validate=validate.Length(max=400), metadata={"description": "Of the file."})


class DocumentsQuery(Schema):
    """Of what; without a subject the caller's own."""

    subject = fields.String(load_default=None, validate=validate.Length(1, 300), metadata=_SUBJECT)
    before = fields.UUID(load_default=None, metadata={"description": "The id of the last one of the page before."})


_TEXTS = ("id", "subject", "kind_title", "kind_title_zh", "name", "url", "operator", "added_at")
DOCUMENT: dict[str, Any] = {
    "type": "object",
    "required": [*_TEXTS, "kind", "tier", "media_type", "bytes", "sha256", "digest"],
    "properties": {
        **dict.fromkeys(_TEXTS, _TEXT),
        "kind": {"enum": [each.value for each in Paper]},
        "tier": {"enum": [each.value for each in Tier]},
        "media_type": {"enum": [each.value for each in MediaType]},
        "bytes": {"type": "integer", "minimum": 1},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "As data points of passports have it"},
        "digest": {"type": "string", "description": "The same in base64, as evidence_sha256 of an event has it"},
    },
    "additionalProperties": False,
}
DOCUMENTS: dict[str, Any] = {
    "type": "object",
    "required": ["documents", "next"],
    "properties": {
        "documents": {"type": "array", "items": DOCUMENT},
        "next": {"type": ["string", "null"]},
    },
    "additionalProperties": False,
}
