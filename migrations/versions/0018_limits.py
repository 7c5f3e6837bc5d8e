"""Limits: what is set and counted; rotation of API keys; which version served the register last."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("api_key", sa.Column("replaced_by", sa.String(16), nullable=True))
    op.create_table(
        "limit_setting",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("operator", sa.String(40), primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
    )
    # What a crash loses here is a minute's counting: no write-ahead log.
    unlogged = ["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else []
    op.create_table(
        "limit_bucket",
        sa.Column("name", sa.String(160), primary_key=True),
        sa.Column("full_at", sa.BigInteger, nullable=False),
        sa.Column("granted", sa.BigInteger, nullable=False),
        prefixes=unlogged,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "key_use",
        sa.Column("key", sa.String(16), primary_key=True),
        sa.Column("at", sa.String(24), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "served_as",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("tables", sa.String(8), nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
    )
