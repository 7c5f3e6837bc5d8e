"""Restricted values sealed under a key of their battery, and which of them were erased.

What was kept unsealed is moved aside: the register seals it when it is opened, because only it has the master key.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.rename_table("private_value", "unsealed_value")
    if op.get_bind().dialect.name == "postgresql":  # the name of the key's index is taken otherwise
        op.execute("ALTER INDEX private_value_pkey RENAME TO unsealed_value_pkey")
    op.create_table(
        "private_value",
        _key("commitment", sa.LargeBinary(32)),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=True),
    )
    op.create_index("private_value_subject", "private_value", ["subject"])
    op.create_table("data_key", _key("subject", sa.String(64)), sa.Column("sealed", sa.LargeBinary, nullable=False))
    op.create_table("erasure", _key("commitment", sa.LargeBinary(32)), sa.Column("idx", sa.BigInteger, nullable=False))


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)
