"""Rotation of keys, disputes and epochs: what entries say of them, and secrets sealed under the master key."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    notice = op.create_table(
        "key_notice",
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "sealed_secret",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    opening = op.get_bind().execute(sa.text("SELECT data FROM entry WHERE idx = 0")).scalar_one_or_none()
    if opening is not None:
        event = json.loads(bytes(opening))["event"]
        body = json.dumps(event["body"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        op.bulk_insert(notice, [{"idx": 0, "origin": event["log"], "type": event["type"], "body": body}])
