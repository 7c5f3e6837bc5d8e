"""Lots of recycling batches, and the sums from which rates of recovery are read.

Derived from entries: `packtrail rebuild` fills the tables of a register that is older.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "lot",
        _key("key", 120),
        _number("left_g"),
        _number("idx"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recovery_sum",
        _key("operator", 40),
        _key("month", 7),
        _key("stage", 20),
        _key("family", 20),
        _key("measure", 20),
        *(_number(name) for name in ("in_mg", "out_mg", "passed_mg", "unknown_in_g", "unknown_out_g")),
        sa.Column("batches", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("recovery_sum_month", "recovery_sum", ["month"])


def _key(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), primary_key=True)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)
