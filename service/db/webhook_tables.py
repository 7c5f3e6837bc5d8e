"""The tables of webhooks, all beside the log: who is told, with which secrets, how far, and what became of it.

There is no table of what is to be sent: that is the log itself, from `cursor` on.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from service.db.metadata import metadata

webhook = Table(
    "webhook",
    metadata,
    Column("id", String(36), primary_key=True, comment="a UUID of version 7: newer ones are greater"),
    Column("operator", String(40), nullable=False),
    Column("url", Text, nullable=False),
    Column("kinds", Text, nullable=False, comment="space-separated; empty: all"),
    Column("ties", Text, nullable=False, comment="space-separated; empty: whatever the operator may see"),
    Column("created_at", String(24), nullable=False),
    Column("disabled_at", String(24), nullable=False, comment="empty: it is enabled"),
    Column("reason", String(16), nullable=False, comment="why it is disabled"),
    Column("cursor", BigInteger, nullable=False, comment="the first entry that it was not told of, or need not be"),
    Column("failures", Integer, nullable=False, comment="in a row, of the delivery that is due"),
    Column("next_at", String(24), nullable=False, comment="not before; empty: at once"),
)
Index("webhook_operator", webhook.c.operator, webhook.c.id)

webhook_secret = Table(
    "webhook_secret",
    metadata,
    Column("name", String(60), primary_key=True, comment="id of the webhook, / and a number"),
    Column("webhook", String(36), nullable=False),
    Column("made_at", String(24), nullable=False),
    Column("until", String(24), nullable=False, comment="empty: until it is rotated"),
    Column("sealed", LargeBinary, nullable=False, comment="as in custody_key: 32 bytes"),
)
Index("webhook_secret_webhook", webhook_secret.c.webhook, webhook_secret.c.name)

webhook_attempt = Table(
    "webhook_attempt",
    metadata,
    Column("id", String(36), primary_key=True, comment="a UUID of version 7"),
    Column("webhook", String(36), nullable=False),
    Column("event", String(36), nullable=False, comment="empty: a test"),
    Column("kind", String(40), nullable=False),
    Column("idx", BigInteger, nullable=False, comment="the entry, -1: a test"),
    Column("at", String(24), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("status", SmallInteger, nullable=False, comment="of the answer, 0: there was none"),
    Column("milliseconds", Integer, nullable=False),
)
Index("webhook_attempt_webhook", webhook_attempt.c.webhook, webhook_attempt.c.id)

webhook_wish = Table(
    "webhook_wish",
    metadata,
    Column("webhook", String(36), primary_key=True),
    Column("event", String(36), primary_key=True, comment="to be sent once more, out of turn; empty: a test"),
    Column("asked_at", String(24), nullable=False),
)

webhook_lease = Table(
    "webhook_lease",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("holder", String(36), nullable=False, comment="the process that delivers, by a UUID of its own"),
    Column("until", String(24), nullable=False),
)
