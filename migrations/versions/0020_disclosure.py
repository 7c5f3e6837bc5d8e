"""The access log in place of the log of passport readings, and documents. All beside the log of entries."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    waiting = sa.text("seq IS NULL")
    op.create_table(
        "access_reading",
        sa.Column("id", sa.String(36), primary_key=True),
        *(_text(name, size) for name, size in (("at", 24), ("operator", 40), ("person", 36), ("key_id", 16))),
        *(_text(name, size) for name, size in (("owner", 40), ("subject", 64), ("parts", 120), ("route", 80))),
        _text("purpose", 200),
        sa.Column("size", sa.BigInteger, nullable=False),
        _text("shown_at", 24),
        sa.Column("seq", sa.BigInteger, nullable=True),
        sa.Column("chain", sa.LargeBinary(32), nullable=True),
    )
    op.create_index("access_reading_subject", "access_reading", ["subject", "id"])
    op.create_index("access_reading_owner", "access_reading", ["owner", "seq"])
    op.create_index(
        "access_reading_waiting", "access_reading", ["shown_at"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "access_chain",
        sa.Column("owner", sa.String(40), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.LargeBinary(32), nullable=False),
    )
    # Whose data an older reading was is not known any more, so only auditors see it.
    op.execute(
        "INSERT INTO access_reading (id, at, operator, person, key_id, owner, subject, parts, route, purpose, size, "
        "shown_at) SELECT id, at, operator, '', key_id, '', subject, tiers, route, '', 0, at FROM passport_reading"
    )
    op.drop_table("passport_reading")
    op.create_table(
        "document",
        sa.Column("id", sa.String(36), primary_key=True),
        _text("subject", 64),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        *(_text(name, size) for name, size in (("operator", 40), ("person", 36), ("kind", 40), ("media_type", 40))),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        _text("added_at", 24),
        sa.Column("removed_at", sa.String(24), nullable=True),
    )
    op.create_index("document_subject", "document", ["subject", "id"])
    op.create_index("document_digest", "document", ["digest"])
    op.create_index("document_operator", "document", ["operator", "id"])
    op.create_table(
        "document_use",
        sa.Column("operator", sa.String(40), primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )


def _text(name: str, size: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(size), nullable=False)
