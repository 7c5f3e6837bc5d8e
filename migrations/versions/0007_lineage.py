"""Modules and cells that are listed with their pack, and what became of a battery's matter."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "listed_run",
        _key("prefix", sa.String(17)),
        _key("first", sa.Integer),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lineage",
        _key("source", sa.String(120)),
        _key("idx", sa.BigInteger),
        _key("target", sa.String(120)),
        sa.Column("link", sa.String(16), nullable=False),
        sa.Column("occurred_at", sa.String(24), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("lineage_target", "lineage", ["target", "idx", "source"])


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)
