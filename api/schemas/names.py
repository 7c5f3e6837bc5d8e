"""A name of a battery that somebody has, and what it leads to."""

from marshmallow import Schema, fields, validate

from service.domain.identifiers.recognition import LONGEST, Form, Scheme


class NameSchema(Schema):
    """Whatever somebody typed, pasted or scanned."""

    name = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={
            "description": "Battery code, GS1 Digital Link or element string, GIAI, identification link, VIN.",
            "example": "(01)09521234000013(21)ABCDEFGG2T0000001",
        },
    )


class FoundSchema(Schema):
    """What the name is, and the batteries that the caller is led to by it."""

    scheme = fields.String(required=True, validate=validate.OneOf([each.value for each in Scheme]))
    scheme_title = fields.String(required=True)
    scheme_title_zh = fields.String(required=True)
    value = fields.String(required=True, metadata={"description": "The name in the scheme's own spelling."})
    form = fields.String(required=True, validate=validate.OneOf([each.value for each in Form]))
    exact = fields.Boolean(required=True, metadata={"description": "Whether registration would take it as it stands."})
    codes = fields.List(fields.String(), required=True)
    meant = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Batteries whose codes differ only in characters that look alike."},
    )


NAME, FOUND = NameSchema(), FoundSchema()
