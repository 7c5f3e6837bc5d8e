"""Problems that people report about batteries and their labels."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "reported_problem",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reference", sa.String(12), nullable=False, unique=True),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("has_photo", sa.Boolean, nullable=False),
        sa.Column("maker", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("reported_at", sa.String(24), nullable=False),
        sa.Column("handled_at", sa.String(24), nullable=True),
        sa.Column("handled_by", sa.String(40), nullable=True),
        sa.Column("note", sa.Text, nullable=True),
    )
    unhandled = sa.text("handled_at IS NULL")
    op.create_index("reported_open", "reported_problem", ["id"], sqlite_where=unhandled, postgresql_where=unhandled)
    op.create_index("reported_maker", "reported_problem", ["maker", "id"])
    op.create_index("reported_holder", "reported_problem", ["holder", "id"])
    op.create_index("reported_handled", "reported_problem", ["handled_at"])
