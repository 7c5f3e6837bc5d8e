"""What is asked of a webhook and answered about one."""

from marshmallow import Schema, fields, validate

from api.schemas.answers import TIME
from service.domain.events import KINDS
from service.webhooks.addresses import LONGEST
from service.webhooks.outcomes import Outcome
from service.webhooks.subscriptions import Reason, Tie

_TIES = tuple(tie.value for tie in Tie)


class WebhookRequestSchema(Schema):
    """A webhook to be made."""

    url = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={"description": "https, a public domain name, a port that the register uses (443)."},
    )
    kinds = fields.List(
        fields.String(validate=validate.Length(1, 40)),
        load_default=list,
        validate=validate.Length(0, len(KINDS)),
        metadata={"description": "Kinds of event to be told of; none: all."},
    )
    ties = fields.List(
        fields.String(validate=validate.OneOf(_TIES)),
        load_default=list,
        validate=validate.Length(0, len(_TIES)),
        metadata={"description": "Only batteries that the caller has one of these ties to; none: all it may see."},
    )


class DeliveriesQuery(Schema):
    """Which page."""

    before = fields.String(load_default=None, validate=validate.Length(1, 36), metadata={"description": "An id."})


class WebhookSchema(Schema):
    """A webhook. The deliveries that are due begin with entry `cursor`; `behind`: entries from there on."""

    id = fields.String(required=True)
    url = fields.String(required=True)
    kinds = fields.List(fields.String(), required=True)
    ties = fields.List(fields.String(), required=True)
    enabled = fields.Boolean(required=True)
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": f"Why it is disabled: {', '.join(Reason)}."}
    )
    created_at = fields.String(required=True, metadata=TIME)
    disabled_at = fields.String(required=True, allow_none=True, metadata=TIME)
    cursor = fields.Integer(required=True)
    behind = fields.Integer(required=True)
    failures = fields.Integer(required=True, metadata={"description": "In a row, of the delivery that is due."})
    next_at = fields.String(required=True, allow_none=True, metadata=TIME)


class NewSecretSchema(WebhookSchema):
    """A webhook with the secret that was made for it."""

    secret = fields.String(required=True, metadata={"description": "whsec_...; it is not shown again."})


class WebhooksSchema(Schema):
    """All webhooks of the caller."""

    webhooks = fields.List(fields.Nested(WebhookSchema), required=True)


class AttemptSchema(Schema):
    """An attempt to deliver. Of the answer nothing but its status is kept."""

    id = fields.String(required=True)
    at = fields.String(required=True, metadata=TIME)
    event = fields.String(required=True, allow_none=True, metadata={"description": "Its id; null for a test."})
    type = fields.String(required=True, allow_none=True)
    index = fields.Integer(required=True, allow_none=True, metadata={"description": "Of the entry."})
    outcome = fields.String(required=True, validate=validate.OneOf([each.value for each in Outcome]))
    words = fields.String(required=True)
    words_zh = fields.String(required=True)
    status = fields.Integer(required=True, allow_none=True)
    milliseconds = fields.Integer(required=True)


class AttemptsSchema(Schema):
    """The attempts of one webhook, newest first."""

    deliveries = fields.List(fields.Nested(AttemptSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "Address of the older ones."})


WEBHOOK_REQUEST = WebhookRequestSchema()
WEBHOOK, NEW_SECRET, WEBHOOKS, ATTEMPTS = WebhookSchema(), NewSecretSchema(), WebhooksSchema(), AttemptsSchema()
