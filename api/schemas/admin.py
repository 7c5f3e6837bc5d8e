"""What a request about operators' keys holds. An enrolment itself is the body of an event, and the domain checks it."""

from base64 import b64decode
from binascii import Error
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from ledger.signing.jws import EDDSA, ES256
from service.access import SCOPES
from service.domain.words import Standing

LONGEST_LIFE_DAYS = 3 * 365
LONGEST_OVERLAP_HOURS = 30 * 24


class Base64(fields.String):
    """Standard base64, given to the view as bytes."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text = super()._deserialize(value, attr, data, **rest)
        try:
            return b64decode(text.encode("ascii"), validate=True)
        except (Error, UnicodeEncodeError):
            raise ValidationError("not base64") from None


class NewKeySchema(Schema):
    """A signing key: one that the operator holds (name, public_key), or one that the service makes and holds."""

    custody = fields.String(load_default="own", validate=validate.OneOf(("own", "service")))
    name = fields.String(validate=validate.Regexp(r"[a-z0-9][a-z0-9._-]{0,39}\Z"))
    public_key = Base64(metadata={"description": "Ed25519: 32 bytes; P-256: 33 or 65 bytes; in base64."})
    alg = fields.String(load_default=EDDSA, validate=validate.OneOf((EDDSA, ES256)))

    @validates_schema
    def check_form(self, data: dict[str, Any], **_: Any) -> None:
        given = {"name", "public_key"} & data.keys()
        if data.get("custody") == "service":
            if given:
                raise ValidationError({each: ["not given for a key that the service makes"] for each in sorted(given)})
        elif missing := sorted({"name", "public_key"} - given):
            raise ValidationError({each: ["needed for a key that the operator holds"] for each in missing})


class RevocationSchema(Schema):
    """Why a signing key ends."""

    reason = fields.String(required=True, validate=validate.Length(1, 200))


class RulingSchema(Schema):
    """What the authority rules of an organisation, and why, in words for everybody that name no person."""

    standing = fields.String(required=True, validate=validate.OneOf([each.value for each in Standing]))
    reason = fields.String(required=True, validate=validate.Length(1, 200))
    since = fields.Date(load_default=None, metadata={"description": "Day of the ruling; without it, today."})


class RotationSchema(Schema):
    """Nothing: the service makes the new key. An operator's own key is rotated by a signed event `rotate_key`."""


class DisputeSchema(Schema):
    """Which entries signed with a key are in doubt, and why."""

    start = fields.Integer(
        data_key="from",
        required=True,
        strict=True,
        validate=validate.Range(0),
        metadata={"description": "First index."},
    )
    end = fields.Integer(
        data_key="to",
        strict=True,
        validate=validate.Range(1),
        metadata={"description": "Index after the last one; without it, all up to now."},
    )
    reason = fields.String(required=True, validate=validate.Length(1, 200))


class ApiKeyRequestSchema(Schema):
    """An API key to be made."""

    label = fields.String(load_default="", validate=validate.Length(0, 100))
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)),
        load_default=lambda: ["record", "read"],
        validate=validate.Length(1, len(SCOPES)),
    )
    days = fields.Integer(load_default=365, strict=True, validate=validate.Range(1, LONGEST_LIFE_DAYS))


class ApiKeyRotationSchema(Schema):
    """How long the old key goes on opening."""

    overlap_hours = fields.Integer(load_default=24, strict=True, validate=validate.Range(0, LONGEST_OVERLAP_HOURS))


NEW_KEY, REVOCATION, API_KEY_REQUEST = NewKeySchema(), RevocationSchema(), ApiKeyRequestSchema()
ROTATION, DISPUTE, API_KEY_ROTATION = RotationSchema(), DisputeSchema(), ApiKeyRotationSchema()
RULING = RulingSchema()
