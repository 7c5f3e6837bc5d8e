"""What a request to print labels holds, and the log of prints."""

from marshmallow import Schema, fields, validate

from api.labelling import CONTENT_TYPES, PAGES, ROLL
from labels.collection import METALS
from labels.template import DOTS_PER_MM, TEMPLATES
from service.domain.bodies.markers import UUID7
from service.domain.units import COPIES
from service.domain.words import ReprintReason
from service.labelling import MOST

_LENGTH = fields.Float(validate=validate.Range(0, 10_000, min_inclusive=False), allow_nan=False)


class PrintSchema(Schema):
    """Which labels, how many, in which format."""

    batteries = fields.List(
        fields.String(validate=validate.Length(19, 24)),
        required=True,
        validate=validate.Length(1, MOST),
        metadata={"description": "Battery codes.", "example": ["001PE12ABCDEFGG2T0000001"]},
    )
    id = fields.String(
        load_default=None,
        validate=validate.Regexp(f"{UUID7}\\Z"),
        metadata={"description": "UUIDv7 of the job: the same job sent again is recorded once."},
    )
    template = fields.String(
        load_default=None,
        validate=validate.OneOf(tuple(TEMPLATES)),
        metadata={"description": "By default that of the batteries' level."},
    )
    form = fields.String(load_default="pdf", data_key="format", validate=validate.OneOf(tuple(CONTENT_TYPES)))
    page = fields.String(
        load_default=ROLL,
        validate=validate.OneOf(PAGES),
        metadata={"description": "Of a PDF: one label a page, or sheets with as many as they hold."},
    )
    dpi = fields.Integer(load_default=None, validate=validate.OneOf(tuple(DOTS_PER_MM)))
    copies = fields.Integer(load_default=1, strict=True, validate=validate.Range(COPIES.minimum, COPIES.maximum))
    reprint_reason = fields.String(load_default=None, validate=validate.OneOf([each.value for each in ReprintReason]))
    side_mm = fields.Tuple(
        (_LENGTH, _LENGTH),
        load_default=None,
        metadata={"description": "The battery's largest side: asks for the symbol for separate collection."},
    )
    cylinder_mm = fields.Tuple(
        (_LENGTH, _LENGTH), load_default=None, metadata={"description": "The same of a cell: diameter and length."}
    )
    metals = fields.List(
        fields.String(validate=validate.OneOf(METALS)), load_default=list, validate=validate.Length(0, len(METALS))
    )
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Draw, to look at; nothing is recorded, nothing may be printed."}
    )


class PrintLogQuery(Schema):
    """Where a page of the log begins."""

    before = fields.String(load_default=None, validate=validate.Length(1, 40))


class PrintLineSchema(Schema):
    """Labels that were printed, or taken out of use."""

    index = fields.Integer(required=True)
    id = fields.String(required=True)
    type = fields.String(required=True)
    occurred_at = fields.String(required=True)
    batteries = fields.List(fields.String(), required=True)
    body = fields.Dict(required=True)


class PrintLogSchema(Schema):
    """A page, newest first."""

    prints = fields.List(fields.Nested(PrintLineSchema), required=True)
    next = fields.String(required=True, allow_none=True)


PRINT, PRINT_LOG = PrintSchema(), PrintLogSchema()
