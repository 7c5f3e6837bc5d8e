"""A name of a battery that somebody has, and what it leads to."""

from marshmallow import Schema, fields, validate

from service.domain.identifiers.recognition import LONGEST, Form, Scheme
from service.domain.roles import Role
from service.domain.words import Standing


class NameSchema(Schema):
    """Whatever somebody typed, pasted or scanned."""

    name = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={
            "description": "Battery code, GS1 Digital Link or element string, GIAI, identification link, VIN; or a "
            "unified social credit code.",
            "example": "(01)09521234000013(21)ABCDEFGG2T0000001",
        },
    )


class OrganisationSchema(Schema):
    """An organisation as everybody may see it."""

    operator_id = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True, allow_none=True)
    uscc = fields.String(required=True)
    roles = fields.List(fields.String(validate=validate.OneOf([each.value for each in Role])), required=True)
    standing = fields.String(required=True, validate=validate.OneOf([each.value for each in Standing]))


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
    organisations = fields.List(
        fields.Nested(OrganisationSchema),
        required=True,
        metadata={"description": "Enrolled with this credit code; empty for every other name."},
    )


NAME, FOUND = NameSchema(), FoundSchema()
