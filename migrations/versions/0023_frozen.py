"""Frozen reports of figures, and notes on cases."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "frozen_report",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("made_at", sa.String(24), nullable=False),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("figures", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("filter", sa.Text, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("frozen_report_digest", "frozen_report", ["digest"], unique=True)
    op.create_table(
        "case_note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_key", sa.String(240), nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("case_note_case", "case_note", ["case_key", "id"])
