"""What a request to erase restricted values holds, and what it is answered."""

from marshmallow import Schema, fields, validate

from api.schemas.answers import ReceiptSchema
from service.domain.restricted import RESTRICTED

NAMES = sorted({name for rows in RESTRICTED.values() for name in rows})


class ErasureRequestSchema(Schema):
    """What is to be erased, and from which law."""

    basis = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "Law and clause. Stands in the entry.", "example": "PIPL, Art. 47(1)(3)"},
    )
    reason = fields.String(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "Stands in the entry: name no person."},
    )
    names = fields.List(
        fields.String(validate=validate.OneOf(NAMES)),
        load_default=list,
        validate=validate.Length(0, len(NAMES)),
        metadata={"description": "Of fields; none means all that the caller may erase.", "uniqueItems": True},
    )


class ErasedSchema(Schema):
    """What was erased."""

    code = fields.String(required=True)
    erased = fields.Integer(required=True, metadata={"description": "Number of values."})
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    entries = fields.List(fields.Nested(ReceiptSchema), required=True)


ERASURE, ERASED = ErasureRequestSchema(), ErasedSchema()
