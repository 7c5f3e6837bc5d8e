"""Sightings of labels and alerts about copies, as they are asked and answered."""

from marshmallow import Schema, fields, validate

from service.domain.copies import CopySign
from service.domain.places import CELL_LENGTH
from service.scans.alerts import LARGEST, MAX_PAGE

_CELL = {"description": "Geohash of exactly five characters, about 5 km. Left out: no place is told."}


class SightingSchema(Schema):
    """A label that is before a camera now."""

    cell = fields.String(load_default=None, validate=validate.Length(equal=CELL_LENGTH), metadata=_CELL)


class NotedSchema(Schema):
    """suspicious: whether there are open signs that this label was copied."""

    code = fields.String(required=True)
    suspicious = fields.Boolean(required=True)
    signs = fields.List(fields.String(validate=validate.OneOf([each.value for each in CopySign])), required=True)


class AlertsQuery(Schema):
    """Which alerts."""

    after = fields.Integer(
        load_default=0, validate=validate.Range(0, LARGEST), metadata={"description": "`next` of a page."}
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MAX_PAGE))
    closed = fields.Boolean(load_default=False, metadata={"description": "Those too that were closed."})


class SeenSchema(Schema):
    """When and where, coarsely."""

    at = fields.String(required=True)
    place = fields.String(required=True, allow_none=True)


class AlertSchema(Schema):
    """One alert."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    sign = fields.String(required=True)
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    raised_at = fields.String(required=True)
    first = fields.Nested(SeenSchema, required=True, allow_none=True)
    second = fields.Nested(SeenSchema, required=True)
    times = fields.Integer(required=True)
    closed_at = fields.String(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class AlertsSchema(Schema):
    """A page of them."""

    alerts = fields.List(fields.Nested(AlertSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class ClosingSchema(Schema):
    """What was found."""

    note = fields.String(required=True, validate=validate.Length(1, 500))
