"""The list of an organisation's batteries: groups with their counts, newest entries, lists that people pasted."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    cursor = op.create_table(
        "pack_cursor",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(cursor, [{"id": 1, "idx": 0}])
    op.create_table(
        "pack_group",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        _text("operator", 40),
        sa.Column("ties", sa.SmallInteger, nullable=False),
        _text("level", 8),
        _text("model", 40),
        _text("state", 16),
        _text("month", 7),
        _text("label", 8),
        sa.Column("passport", sa.Text, nullable=False),
        sa.Column("batteries", sa.Integer, nullable=False),
    )
    op.create_index("pack_group_operator", "pack_group", ["operator"])
    op.create_table(
        "pack_row",
        sa.Column("operator", sa.String(40), primary_key=True),
        sa.Column("code", sa.String(24), primary_key=True),
        sa.Column("grp", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("pack_row_code", "pack_row", ["code"])
    op.create_index("pack_row_group", "pack_row", ["grp", "code"])
    op.create_table(
        "recent_entry",
        sa.Column("operator", sa.String(40), primary_key=True),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "battery_list",
        sa.Column("id", sa.String(32), primary_key=True),
        _text("operator", 40),
        _text("made_at", 24),
        sa.Column("names", sa.LargeBinary, nullable=False),
        sa.Column("left_out", sa.Integer, nullable=False),
    )
    op.create_index("battery_list_made", "battery_list", ["made_at"])


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)
