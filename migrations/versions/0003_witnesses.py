"""Witnesses and their cosignatures."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "witness",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("vkey", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("added_at", sa.String(24), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.String(24), nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.Column("error_at", sa.String(24), nullable=True),
    )
    op.create_table(
        "cosignature",
        sa.Column("witness", sa.String(64), primary_key=True),
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
    )
    witnessed = op.create_table(
        "witnessed",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.Column("policy", sa.String(64), nullable=False),
        sa.Column("witnesses", sa.Text, nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.CheckConstraint("id = 1"),
    )
    op.bulk_insert(witnessed, [{"id": 1, "size": 0, "note": b"", "policy": "", "witnesses": "", "at": ""}])
