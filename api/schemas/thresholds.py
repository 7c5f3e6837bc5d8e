"""Thresholds of the law, as `GET /v1/duties` answers with them."""

from marshmallow import Schema, fields, validate

from service.domain.duties.rows import Jurisdiction
from service.domain.recovery.sums import Measure, Stage
from service.domain.roles import Role
from service.domain.words import Application, LicenceKind, Material, Word


def _one_of(words: type[Word]) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf([each.value for each in words]))


class Dated(Schema):
    """A row of one jurisdiction, for a time."""

    jurisdiction = fields.String(required=True, validate=validate.OneOf([each.value for each in Jurisdiction]))
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    since = fields.String(
        data_key="from", required=True, allow_none=True, metadata={"description": "null: the first day is not known."}
    )
    until = fields.String(required=True, allow_none=True, metadata={"description": "The last day; null: no end."})
    source = fields.String(required=True)


class TargetSchema(Dated):
    """A share that recycling has to reach, or to stay below."""

    id = fields.String(required=True)
    measure = _one_of(Measure)
    ppm = fields.Integer(required=True, metadata={"description": "In millionths."})
    at_most = fields.Boolean(required=True, metadata={"description": "Whether it is the most, not the least."})
    stages = fields.List(_one_of(Stage), required=True, metadata={"description": "The steps at which it is measured."})
    families = fields.List(
        fields.String(), required=True, metadata={"description": "Of batteries; empty: of all of them."}
    )


class RecycledContentSchema(Dated):
    """The least share of a material in a new battery that comes from waste."""

    material = _one_of(Material)
    ppm = fields.Integer(required=True, metadata={"description": "In millionths."})


class BannedApplicationSchema(Dated):
    """What a used battery must not become."""

    application = _one_of(Application)


class ToldDaySchema(Schema):
    """A day that the authority set, by which entry."""

    told_from = fields.String(required=True)
    source = fields.String(required=True)
    entry = fields.Integer(required=True)


class NeedSchema(Dated):
    """A licence that a role needs for some events."""

    role = _one_of(Role)
    licence = _one_of(LicenceKind)
    events = fields.List(fields.String(), required=True)
    enforced = fields.Boolean(
        required=True, metadata={"description": "Whether an event is refused on whose day the one told does not hold."}
    )
    told_from = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "From when on one that the register was not told of counts as missing; null: never."},
    )
    told_days = fields.List(
        fields.Nested(ToldDaySchema),
        required=True,
        metadata={"description": "The days that the authority set (`set_licence_day`), oldest entry first."},
    )
