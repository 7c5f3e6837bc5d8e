"""What people keep for their list of batteries: filters by name, and the columns they chose."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "pack_view",
        sa.Column("person", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
