"""What queries in the words of EPCIS look events up by; captures and named queries.

`event_facet` is derived from entries: `packtrail rebuild` fills it in a register that is older.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "event_facet",
        _key("idx", sa.BigInteger),
        _column("kind", sa.String(40)),
        _column("actor", sa.String(40)),
        _column("occurred", sa.BigInteger),
    )
    op.create_index("event_facet_kind", "event_facet", ["kind", "occurred", "idx"])
    op.create_table(
        "epcis_capture",
        _key("operator", sa.String(40)),
        _key("id", sa.String(36)),
        _column("created_at", sa.String(24)),
        _column("finished_at", sa.String(24)),
        _column("behaviour", sa.String(8)),
        _column("success", sa.SmallInteger),
        _column("events", sa.Integer),
        _column("result", sa.LargeBinary),
    )
    op.create_table(
        "epcis_query",
        _key("operator", sa.String(40)),
        _key("name", sa.String(80)),
        _column("created_at", sa.String(24)),
        _column("query", sa.LargeBinary),
    )


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _column(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
