"""The question for rates of recovery, and its answer."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from service.domain.materials.batch import Family
from service.domain.recovery.sums import Measure, Stage
from service.domain.recovery.verdicts import Outcome
from service.domain.words import Word
from service.recovery import LONGEST, Period

_MONTH = validate.Regexp(r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z", error="not a month as YYYY-MM")
_OPERATOR = validate.Regexp(r"\A[a-z][a-z0-9-]{1,39}\Z", error="not the id of an operator")


class RecoveryQuery(Schema):
    """Whose rates, and of which months."""

    operator = fields.String(
        load_default=None,
        validate=_OPERATOR,
        metadata={"description": "Without it: all recyclers, for a regulator or the authority; else the caller."},
    )
    first = fields.String(
        data_key="from",
        load_default=None,
        validate=_MONTH,
        metadata={"description": "First month, YYYY-MM; default: eleven months before the last."},
    )
    last = fields.String(
        data_key="to",
        load_default=None,
        validate=_MONTH,
        metadata={"description": "Last month; default: the present one."},
    )

    @validates_schema
    def check_period(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data["first"]) is not bool(data["last"]):
            raise ValidationError({"to" if data["first"] else "from": ["give both months, or none"]})
        if data["first"] and not 1 <= Period(data["first"], data["last"]).months <= LONGEST:
            raise ValidationError({"to": [f"from one month to {LONGEST} months after the first"]})


def _word(words: type[Word]) -> fields.Nested:
    named: dict[str, fields.Field[Any]] = {
        "word": fields.String(required=True, validate=validate.OneOf([each.value for each in words])),
        "en": fields.String(required=True),
        "zh": fields.String(required=True),
    }
    return fields.Nested(Schema.from_dict(named, name=f"{words.__name__}Word")(), required=True)


class RecoveryVerdictSchema(Schema):
    """What one target says of a rate."""

    target = fields.String(required=True)
    jurisdiction = fields.String(required=True, validate=validate.OneOf(("CN", "EU")))
    ppm = fields.Integer(required=True)
    at_most = fields.Boolean(required=True, metadata={"description": "Whether the rate must stay below."})
    since = fields.String(required=True, allow_none=True, metadata={"description": "null: source needed."})
    until = fields.String(required=True, allow_none=True)
    in_force = fields.Boolean(required=True, metadata={"description": "At the end of the period."})
    outcome = _word(Outcome)
    source = fields.String(required=True)


class RecoveryRowSchema(Schema):
    """One rate: what was recovered, of what went in."""

    operator = fields.String(required=True, allow_none=True, metadata={"description": "null: the whole register."})
    stage = _word(Stage)
    family = _word(Family)
    measure = _word(Measure)
    batches = fields.Integer(required=True)
    in_mg = fields.Integer(required=True)
    out_mg = fields.Integer(required=True)
    passed_mg = fields.Integer(required=True, metadata={"description": "In products that another step takes in."})
    unknown_in_g = fields.Integer(required=True, metadata={"description": "Inputs whose content nobody declared."})
    unknown_out_g = fields.Integer(required=True, metadata={"description": "Passed on without an analysis."})
    rate_ppm = fields.Integer(required=True, allow_none=True)
    impossible = fields.Boolean(required=True)
    verdicts = fields.List(fields.Nested(RecoveryVerdictSchema), required=True)


class RecoverySchema(Schema):
    """Rates of recovery over a period."""

    first = fields.String(data_key="from", required=True)
    last = fields.String(data_key="to", required=True)
    operator = fields.String(required=True, allow_none=True)
    rows = fields.List(fields.Nested(RecoveryRowSchema), required=True)


RECOVERY, RECOVERY_QUERY = RecoverySchema(), RecoveryQuery()
