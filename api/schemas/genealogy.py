"""What the genealogy of a battery looks like as JSON."""

from marshmallow import Schema, fields, validate

from service.domain.lineage import Link
from service.genealogy import Direction

_AMOUNTS = {"description": "Milligrams by element.", "additionalProperties": {"type": "integer"}}


class NodeSchema(Schema):
    """A battery, a run of listed parts that no event named, a batch of recycling or a lot of material."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("battery", "parts", "batch", "lot")))
    code = fields.String()
    level = fields.String()
    op_state = fields.String()
    life_status = fields.String()
    declared_in = fields.Integer(
        allow_none=True, metadata={"description": "The entry that lists it, where its pack's registration does."}
    )
    first = fields.String(metadata={"description": "Of parts, the first code; the serial number of the day counts up."})
    last = fields.String()
    count = fields.Integer()
    index = fields.Integer(metadata={"description": "Of a batch, the entry."})
    operator = fields.String()
    material = fields.String()
    lot = fields.String()
    mass_g = fields.Integer()
    left_g = fields.Integer(metadata={"description": "Of a lot, what no other batch took in."})
    made_at = fields.String()
    holds_mg = fields.Dict(metadata=_AMOUNTS)
    holds_at_most_mg = fields.Dict(metadata=_AMOUNTS)


class LinkSchema(Schema):
    """What an entry says of two nodes: `from` was built into `to`, was taken out of it, became part of it."""

    source = fields.String(data_key="from", required=True)
    target = fields.String(data_key="to", required=True)
    link = fields.String(required=True, validate=validate.OneOf([each.value for each in Link]))
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    index = fields.Integer(required=True)
    occurred_at = fields.String(required=True, metadata={"format": "date-time"})


class MoreSchema(Schema):
    """A node has more links: ask for its own genealogy with this `since`."""

    id = fields.String(required=True)
    since = fields.Integer(required=True)


class GenealogySchema(Schema):
    """Nodes, the battery first, and the links between them."""

    code = fields.String(required=True)
    direction = fields.String(required=True, validate=validate.OneOf(tuple(Direction)))
    whole = fields.Boolean(required=True, metadata={"description": "Whether lots are shown."})
    complete = fields.Boolean(
        required=True, metadata={"description": "Whether nothing was left out for want of depth or room."}
    )
    size = fields.Integer(required=True)
    checkpoint = fields.String(required=True)
    nodes = fields.List(fields.Nested(NodeSchema), required=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)
    more = fields.List(fields.Nested(MoreSchema), required=True)


GENEALOGY = GenealogySchema()
