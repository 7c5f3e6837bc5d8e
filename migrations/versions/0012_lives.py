"""The state before a battery's newest event that can be undone, and which packs share a vehicle.

Both are derived: `packtrail rebuild` fills the tables of a register that is older.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "state_before",
        sa.Column("code", sa.String(24), primary_key=True),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vehicle_slot",
        sa.Column("code", sa.String(24), primary_key=True),
        sa.Column("token", sa.LargeBinary(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("vehicle_slot_token", "vehicle_slot", ["token"])
