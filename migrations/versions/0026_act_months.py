"""Acts of organisations by month, beside those by day.

Derived: a register that is older is folded anew when it is served.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "figure_act_month",
        *(
            sa.Column(name, sa.String(length), primary_key=True)
            for name, length in (("actor", 40), ("kind", 40), ("month", 7))
        ),
        *(sa.Column(name, sa.String(10), nullable=False) for name in ("first", "last")),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
