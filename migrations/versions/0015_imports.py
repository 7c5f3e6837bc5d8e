"""Imports: jobs, what became of their rows, and how operators' columns are read. All beside the log."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "import_job",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("content", sa.String(40), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        _number("bytes"),
        *(_flag(name) for name in ("atomic", "dry_run")),
        sa.Column("state", sa.String(12), nullable=False),
        _flag("cancelled"),
        sa.Column("form", sa.String(8), nullable=False),
        sa.Column("encoding", sa.String(8), nullable=False),
        sa.Column("columns", sa.LargeBinary, nullable=False),
        *(_number(name) for name in ("total", "done", "recorded", "unchanged", "refused", "undecided", "not_tried")),
        sa.Column("error", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.String(24), nullable=False) for name in ("created_at", "started_at", "finished_at")),
        _flag("has_rows"),
    )
    op.create_index("import_job_operator", "import_job", ["operator", "id"])
    op.create_index("import_job_digest", "import_job", ["operator", "content", "digest"])
    op.create_index("import_job_state", "import_job", ["state", "id"])
    op.create_table(
        "import_batch",
        sa.Column("job", sa.String(36), primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("outcomes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "import_mapping",
        sa.Column("operator", sa.String(40), primary_key=True),
        sa.Column("content", sa.String(40), primary_key=True),
        sa.Column("columns", sa.LargeBinary, nullable=False),
    )


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.SmallInteger, nullable=False)
