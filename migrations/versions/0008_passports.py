"""Battery passports: contents and their versions, which entries one is read from, who read it, what is registered.

`passport_source` follows from entries: `packtrail rebuild` fills it in a register that is older.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "passport_version",
        _key("subject", sa.String(64)),
        _key("version", sa.Integer),
        _column("idx", sa.BigInteger),
        _column("at", sa.String(24)),
        _column("body", sa.LargeBinary),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "passport_source",
        _key("code", sa.String(24)),
        _key("slot", sa.String(60)),
        _column("idx", sa.BigInteger),
        _column("at", sa.String(24)),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "passport_content",
        _key("name", sa.String(64)),
        _column("subject", sa.String(64)),
        _column("version", sa.Integer),
        _column("tier", sa.String(3)),
        _column("sealed", sa.LargeBinary),
    )
    op.create_index("passport_content_subject", "passport_content", ["subject", "version"])
    op.create_table(
        "passport_reading",
        _key("id", sa.String(36)),
        _column("at", sa.String(24)),
        _column("operator", sa.String(40)),
        _column("key_id", sa.String(16)),
        _column("subject", sa.String(64)),
        _column("tiers", sa.String(24)),
        _column("route", sa.String(80)),
    )
    op.create_index("passport_reading_subject", "passport_reading", ["subject", "id"])
    op.create_table(
        "passport_registration",
        _key("id", sa.String(44)),
        _column("code", sa.String(24)),
        _column("operator", sa.String(40)),
        _column("at", sa.String(24)),
        _column("body", sa.LargeBinary),
    )
    op.create_index("passport_registration_code", "passport_registration", ["code"])


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _column(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
