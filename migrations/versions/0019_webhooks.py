"""Webhooks: who is told of entries, how far each one is, and what became of the last attempts. All beside the log."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("operator", sa.String(40), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("url", "kinds", "ties")),
        *(sa.Column(name, sa.String(24), nullable=False) for name in ("created_at", "disabled_at")),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_at", sa.String(24), nullable=False),
    )
    op.create_index("webhook_operator", "webhook", ["operator", "id"])
    op.create_table(
        "webhook_secret",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("webhook", sa.String(36), nullable=False),
        *(sa.Column(name, sa.String(24), nullable=False) for name in ("made_at", "until")),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("webhook_secret_webhook", "webhook_secret", ["webhook", "name"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.String(36), primary_key=True),
        *(sa.Column(name, sa.String(36), nullable=False) for name in ("webhook", "event")),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
    )
    op.create_index("webhook_attempt_webhook", "webhook_attempt", ["webhook", "id"])
    op.create_table(
        "webhook_wish",
        *(sa.Column(name, sa.String(36), primary_key=True) for name in ("webhook", "event")),
        sa.Column("asked_at", sa.String(24), nullable=False),
    )
    lease = op.create_table(
        "webhook_lease",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("holder", sa.String(36), nullable=False),
        sa.Column("until", sa.String(24), nullable=False),
    )
    op.bulk_insert(lease, [{"id": 1, "holder": "", "until": ""}])
