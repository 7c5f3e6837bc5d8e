"""What requests and answers about passports hold. The shapes of values come from the domain's own description."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields, validate

from api.schemas.bodies import object_schema
from service.domain.fields import fields_of
from service.domain.passport.datapoints import DATA_POINTS, RECORDED
from service.domain.passport.shapes import SHAPES
from service.domain.words import Category
from service.passports.formats.exporting import Format
from service.passports.formats.rows import Profile

JsonSchema = Mapping[str, Any]
_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_NUMBERS = {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 71}}
_TIERS = {"type": "array", "items": {"enum": ["pt1", "pt2", "pt3", "pt4"]}}
_DIGEST = {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"}
_DIGESTS = {"type": "object", "additionalProperties": _DIGEST}
_PARTY = {
    "type": "object",
    "required": ["operator_id", "name", "name_en", "uscc"],
    "properties": {"operator_id": _TEXT, "name": _TEXT, "name_en": _MAYBE, "uscc": _MAYBE},
    "additionalProperties": False,
}


A_DAY_OF_OURS = validate.Range(datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC))
"""For moments asked about: others cannot all be written in UTC."""


class PassportQuery(Schema):
    """As of when, and what of it."""

    view = fields.String(load_default="passport", validate=validate.OneOf(("passport", "completeness")))
    at = fields.AwareDateTime(
        load_default=None, validate=A_DAY_OF_OURS, metadata={"description": "The version that stood then."}
    )
    format = fields.String(
        load_default=None,
        validate=validate.OneOf(tuple(Format)),
        metadata={"description": "One of the formats of others, in place of our own; see docs/passport-formats.md."},
    )
    profile = fields.String(
        load_default="launch",
        validate=validate.OneOf(tuple(Profile)),
        metadata={"description": "launch: without values that the guidance holds pending. For format only."},
    )


class ContentQuery(Schema):
    """Which version of a content."""

    version = fields.Integer(load_default=None, validate=validate.Range(min=1, max=1_000_000))


def passport_schemas() -> dict[str, JsonSchema]:
    """Every schema of this module by its name in the description of the API."""
    return {
        "PassportPoints": _points(),
        "PassportContent": _content(),
        "PassportDraft": _draft(),
        "PassportCompleteness": COMPLETENESS,
        "Passport": _passport(ended=False),
        "EndedPassport": _passport(ended=True),
        "ModelPassport": _published(),
        "DataPoints": _data_points(),
    }


def refer(name: str) -> JsonSchema:
    """A reference to one of them."""
    return {"$ref": f"#/components/schemas/{name}"}


def _points() -> JsonSchema:
    given = {str(nr): _value(nr) for nr in SHAPES if nr not in RECORDED}
    return {"type": "object", "minProperties": 1, "properties": given, "additionalProperties": False}


def _value(nr: int) -> JsonSchema:
    row = DATA_POINTS[nr]
    return {"title": f"{row.en} {row.zh}", "description": row.source} | object_schema(fields_of(SHAPES[nr]))


def _content() -> JsonSchema:
    return {
        "type": "object",
        "required": ["points"],
        "properties": {"points": refer("PassportPoints"), "category": {"enum": [each.value for each in Category]}},
        "additionalProperties": False,
    }


_MISSING = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["nr", "name", "name_zh", "source"],
        "properties": {"nr": {"type": "integer"}, "name": _TEXT, "name_zh": _TEXT, "source": _TEXT},
        "additionalProperties": False,
    },
}
COMPLETENESS: JsonSchema = {
    "type": "object",
    "required": ["category", "day", "complete", "given", "missing", "conditional", "pending"],
    "properties": {
        "category": _TEXT,
        "day": {"type": "string", "format": "date"},
        "complete": {"type": "boolean"},
        "given": _NUMBERS,
        "missing": _MISSING,
        "conditional": _NUMBERS,
        "pending": _NUMBERS,
    },
    "additionalProperties": False,
}


def _draft() -> JsonSchema:
    return {
        "type": "object",
        "required": ["subject", "version", "subjects", "body", "completeness"],
        "properties": {
            "subject": _TEXT,
            "version": _COUNT,
            "subjects": {"type": "array", "items": _TEXT},
            "body": refer("PublishPassportBody"),
            "completeness": refer("PassportCompleteness"),
        },
        "additionalProperties": False,
    }


def _passport(*, ended: bool) -> JsonSchema:
    properties: dict[str, Any] = {
        **dict.fromkeys(("id", "product", "code", "serial", "status", "op_state", "life_status", "version"), _TEXT),
        **dict.fromkeys(
            ("gtin", "category", "model_id", "placed_on", "market", "in_service_on", "registry_id"), _MAYBE
        ),
        **dict.fromkeys(("made_on", "updated_at"), _TEXT),
        "consumed_into": _MAYBE,
        "derived_from": {"type": "array", "items": _TEXT},
        "originals": {
            "type": "array",
            "items": _TEXT,
            "description": "The batteries whose passports this one is linked to (Art. 77(7)).",
        },
        "flags": {"type": "array", "items": _TEXT},
        "maker": _PARTY,
        "responsible": _PARTY,
        "tiers": _TIERS,
        "digests": {"type": "object", "additionalProperties": _DIGESTS},
        "entries": {"type": "object", "additionalProperties": _COUNT},
    }
    if not ended:
        properties["points"] = {"type": "object", "additionalProperties": _POINT}
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


_POINT: JsonSchema = {
    "type": "object",
    "required": ["element", "name", "name_zh", "source", "status", "tier", "value", "at", "by", "method"],
    "properties": {
        **dict.fromkeys(("element", "name", "name_zh", "source", "tier", "method"), _TEXT),
        "status": {"enum": ["M", "O", "C", "P", "-"]},
        "value": {"type": "object"},
        "unit": _TEXT,
        "at": _MAYBE,
        "by": _MAYBE,
        "uncertainty_ppm": _COUNT,
        "entry": _COUNT,
    },
    "additionalProperties": False,
}


def _published() -> JsonSchema:
    version = {
        "type": "object",
        "required": ["version", "entry", "at", "points", "digests"],
        "properties": {"version": _COUNT, "entry": _COUNT, "at": _TEXT, "points": _NUMBERS, "digests": _DIGESTS},
        "additionalProperties": False,
    }
    part = {
        "type": "object",
        "required": ["document", "sha256"],
        "properties": {"document": {"type": "object"}, "sha256": _DIGEST, "salt": _DIGEST},
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "required": ["subject", "version", "tiers", "parts", "versions"],
        "properties": {
            "subject": _TEXT,
            "version": _COUNT,
            "tiers": _TIERS,
            "parts": {"type": "object", "additionalProperties": part},
            "versions": {"type": "array", "items": version},
        },
        "additionalProperties": False,
    }


def _data_points() -> JsonSchema:
    texts = ("element", "name", "name_zh", "source", "tier", "level", "ev", "lmt", "industrial")
    row = {
        "type": "object",
        "required": ["nr", *texts, "dynamic", "recorded"],
        "properties": {
            "nr": {"type": "integer"},
            **dict.fromkeys(texts, _TEXT),
            "dynamic": {"type": "boolean"},
            "recorded": {"type": "boolean"},
            "unit": _TEXT,
            "schema": {"type": "object"},
        },
        "additionalProperties": False,
    }
    return {"type": "array", "items": row}
