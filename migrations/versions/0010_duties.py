"""Duties and when they are due, the days the authority set, and vehicles scrapped without their battery.

Derived from entries: `packtrail rebuild` fills the tables of a register that is older.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    unsettled = sa.text("late = 1 OR answer IS NULL")
    unanswered = sa.text("answer IS NULL")
    op.create_table(
        "duty_case",
        _key("idx", sa.BigInteger),
        _key("code", sa.String(24)),
        _key("duty", sa.String(40)),
        _column("actor", sa.String(40)),
        _column("since", sa.String(10)),
        _column("due_on", sa.String(10)),
        sa.Column("answer", sa.BigInteger, nullable=True),
        sa.Column("answered_on", sa.String(10), nullable=True),
        _column("late", sa.SmallInteger),
        sqlite_with_rowid=False,
    )
    op.create_index("duty_case_code", "duty_case", ["code"])
    op.create_index("duty_case_actor", "duty_case", ["actor", "duty", "since", "idx"])
    _create_partial("duty_case_due", "duty_case", ["due_on", "idx"], unsettled)
    _create_partial("duty_case_actor_due", "duty_case", ["actor", "due_on", "idx"], unsettled)
    op.create_table(
        "duty_sum",
        _key("actor", sa.String(40)),
        _key("duty", sa.String(40)),
        _key("month", sa.String(7)),
        _column("cases", sa.Integer),
        _column("answered", sa.Integer),
        _column("late", sa.Integer),
        _column("days", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_table("duty_days", _key("idx", sa.BigInteger), _column("body", sa.LargeBinary))
    op.create_table(
        "vehicle_case",
        _key("idx", sa.BigInteger),
        _key("code", sa.String(24)),
        _column("found", sa.String(24)),
        _column("certificate_no", sa.String(60)),
        _column("actor", sa.String(40)),
        _column("since", sa.String(10)),
        sa.Column("answer", sa.BigInteger, nullable=True),
    )
    op.create_index("vehicle_case_code", "vehicle_case", ["code"])
    _create_partial("vehicle_case_open", "vehicle_case", ["idx", "code"], unanswered)
    _create_partial("vehicle_case_actor", "vehicle_case", ["actor", "idx", "code"], unanswered)


def _create_partial(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _column(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
