"""What may stand in the query of an address. A parameter that is not listed is refused, not overlooked."""

from marshmallow import Schema, fields, validate

from labels.template import DOTS_PER_MM, TEMPLATES
from service.genealogy import DEPTH, MAX_DEPTH, Direction


class BatchQuery(Schema):
    """How a batch is recorded and answered."""

    atomic = fields.Boolean(
        truthy={"true"}, falsy={"false"}, load_default=False, metadata={"description": "All events, or none."}
    )
    receipts = fields.String(
        load_default="full",
        validate=validate.OneOf(("full", "brief")),
        metadata={"description": "brief: index and leaf hash only; entry and proof stay available by index."},
    )


class RecordQuery(Schema):
    """How long to wait for the answer to an event."""

    wait = fields.String(
        load_default="recorded",
        validate=validate.OneOf(("recorded", "witnessed")),
        metadata={
            "description": "witnessed: wait up to five seconds for witnesses. 202 tells that the event is recorded and "
            "not yet witnessed; its witnessed receipt is at Location with ?receipt=witnessed."
        },
    )


class EntryQuery(Schema):
    """Which proof of an entry."""

    receipt = fields.String(
        load_default="recorded",
        validate=validate.OneOf(("recorded", "witnessed")),
        metadata={"description": "witnessed: under the newest checkpoint that enough witnesses have cosigned."},
    )


class GenealogyQuery(Schema):
    """Which way, how far, and of a node with many links from which entry on."""

    direction = fields.String(
        load_default="up",
        validate=validate.OneOf(tuple(Direction)),
        metadata={
            "description": "up: where it is now. down: what became of it and of all that was part of it. "
            "back: what it was made of, and out of what."
        },
    )
    depth = fields.Integer(load_default=DEPTH, validate=validate.Range(1, MAX_DEPTH))
    since = fields.Integer(
        load_default=0,
        validate=validate.Range(0, (1 << 62) - 1),
        metadata={"description": "Of the battery's own links, those of this entry and later: see `more`."},
    )


class LabelQuery(Schema):
    """Which label, in which format."""

    format = fields.String(load_default="svg", validate=validate.OneOf(("svg", "png", "pdf", "zpl")))
    template = fields.String(load_default=None, validate=validate.OneOf(tuple(TEMPLATES)))
    dpi = fields.Integer(
        load_default=None,
        validate=validate.OneOf(tuple(DOTS_PER_MM)),
        metadata={"description": "For png (default 300) and zpl (default 203)."},
    )
