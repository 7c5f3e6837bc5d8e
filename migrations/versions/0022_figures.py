"""Figures of the authority: what is folded from entries, how far, and the lists behind the numbers.

All derived: a register that is older is folded from its first entry when it is served.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

AMOUNTS = ("count", "mass_g", "energy_wh")


def upgrade() -> None:
    op.create_table(
        "figure_cursor",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        _number("size"),
        _text("at", 24),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "figure_battery",
        _key("code", 24),
        *(_text(name, 16) for name in ("state", "resumes")),
        *(_text(name, 40) for name in ("holder", "maker", "model")),
        *map(_number, ("mass_g", "energy_wh")),
        _text("made_on", 10),
        _text("last_at", 24),
        sa.Column("waste", sa.SmallInteger, nullable=False),
        sa.Column("undo", sa.LargeBinary, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_index("figure_battery_state", "figure_battery", ["state", "last_at", "code"])
    shared = {"operator": 40, "model": 40}
    _create("figure_stock", shared | {"state": 16, "month": 7, "level": 1}, AMOUNTS, _cut())
    flow = shared | {"month": 7, "flow": 8, "level": 1, "before": 40, "after": 40}
    _create("figure_flow", flow, AMOUNTS, _cut())
    for table in ("figure_stock", "figure_flow"):
        op.create_index(f"{table}_model", table, ["model", "cut"])
    handed = sa.text("flow = 'handed'")
    op.create_index("figure_flow_giver", "figure_flow", ["before", "cut"], sqlite_where=handed, postgresql_where=handed)
    _create("figure_act", {"actor": 40, "kind": 40, "day": 10}, ("count",))
    _create("figure_lot", {"month": 7, "giver": 40, "product": 40, "taker": 40}, ("given_g", "taken_g"))
    op.create_table(
        "figure_health",
        _key("model", 40),
        _key("month", 7),
        *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("age", "band")),
        _number("count"),
        sqlite_with_rowid=False,
    )
    _create_lists()
    _create("figure_prefix", {"prefix": 14}, ())
    op.create_table(
        "figure_delay",
        *(_key(name, length) for name, length in (("actor", 40), ("duty", 40), ("month", 7))),
        *map(_number, ("cases", "answered", "late", "days")),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_lists() -> None:
    op.create_table(
        "figure_item",
        _key("list", 16),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        _key("code", 24),
        *(_text(name, 40) for name in ("operator", "other")),
        _text("month", 7),
        *map(_number, ("amount_g", "expected_g")),
        sqlite_with_rowid=False,
    )
    op.create_index("figure_item_operator", "figure_item", ["list", "operator", "idx"])
    _create("figure_item_sum", {"list": 16, "operator": 40, "month": 7}, ("count", "amount_g", "expected_g"))


def _create(name: str, keys: dict[str, int], numbers: tuple[str, ...], *first: sa.Column[Any]) -> None:
    columns = (*first, *(_key(key, length) for key, length in keys.items()), *map(_number, numbers))
    op.create_table(name, *columns, sqlite_with_rowid=False)


def _cut() -> sa.Column[Any]:
    return sa.Column("cut", sa.SmallInteger, primary_key=True, autoincrement=False)


def _key(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), primary_key=True)


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)
