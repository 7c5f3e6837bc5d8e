"""Sightings of labels, and alerts that a label may have been copied."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "sighting",
        sa.Column("id", sa.Integer, primary_key=True),
        _text("code", 24),
        _text("at", 24),
        _text("cell", 6),
        sa.Column("operator", sa.String(40), nullable=True),
    )
    op.create_index("sighting_code", "sighting", ["code", "at"])
    op.create_index("sighting_at", "sighting", ["at"])
    op.create_table(
        "copy_alert",
        sa.Column("id", sa.Integer, primary_key=True),
        _text("code", 24),
        _text("sign", 20),
        _text("maker", 40),
        _text("holder", 40),
        _text("raised_at", 24),
        sa.Column("first_at", sa.String(24), nullable=True),
        sa.Column("first_cell", sa.String(6), nullable=True),
        _text("second_at", 24),
        _text("second_cell", 6),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("closed_at", sa.String(24), nullable=True),
        sa.Column("closed_by", sa.String(40), nullable=True),
        sa.Column("note", sa.String(500), nullable=True),
    )
    op.create_index("copy_alert_code", "copy_alert", ["code", "id"])
    unclosed = sa.text("closed_at IS NULL")
    op.create_index("copy_alert_open", "copy_alert", ["id"], sqlite_where=unclosed, postgresql_where=unclosed)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)
