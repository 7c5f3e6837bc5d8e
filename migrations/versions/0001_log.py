"""The log and what is kept beside it; entries and checkpoints are append-only in the database itself.

The triggers stop accidents and injected SQL. They do not stop whoever owns the database: tree, receipts and witnesses
do, because they show it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}
APPEND_ONLY = ("entry", "checkpoint", "tile", "event_id", "subject_entry")
"""Of these, entry and checkpoint are the truth; the others follow from it and a rebuild lifts their triggers."""
TRUTH = {"entry": "idx", "checkpoint": "size"}


def upgrade() -> None:
    _create_log()
    _create_present()
    _create_beside()
    for name in APPEND_ONLY:
        _forbid_change(name)
    state = sa.table(
        "tree_state",
        *(sa.column(name) for name in ("id", "size", "last_leaf", "last_at", "kept_at", "checkpoint", "edge")),
    )
    op.bulk_insert(
        state,
        [{"id": 1, "size": 0, "last_leaf": b"", "last_at": "", "kept_at": "", "checkpoint": b"", "edge": b""}],
    )
    op.bulk_insert(sa.table("registry", sa.column("id"), sa.column("idx")), [{"id": 1, "idx": -1}])


def _create_log() -> None:
    op.create_table("entry", _key("idx", sa.BigInteger), sa.Column("data", sa.LargeBinary, nullable=False))
    op.create_table("checkpoint", _key("size", sa.BigInteger), sa.Column("note", sa.LargeBinary, nullable=False))
    op.create_table(
        "tree_state",
        _key("id", sa.SmallInteger),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("last_leaf", sa.LargeBinary, nullable=False),
        sa.Column("last_at", sa.String(24), nullable=False),
        sa.Column("kept_at", sa.String(24), nullable=False),
        sa.Column("checkpoint", sa.LargeBinary, nullable=False),
        sa.Column("edge", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1"),
    )
    op.create_table(
        "tile",
        _key("level", sa.SmallInteger),
        _key("idx", sa.BigInteger),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "event_id", _key("id", sa.LargeBinary(16)), sa.Column("idx", sa.BigInteger, nullable=False), **CLUSTERED
    )
    op.create_table(
        "subject_entry",
        _key("subject", sa.String(64)),
        _key("seq", sa.Integer),
        sa.Column("idx", sa.BigInteger, nullable=False),
        **CLUSTERED,
    )
    op.create_table(
        "head",
        _key("subject", sa.String(64)),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
        **CLUSTERED,
    )


def _create_present() -> None:
    op.create_table("registry", _key("id", sa.SmallInteger), sa.Column("idx", sa.BigInteger, nullable=False))
    op.create_table(
        "operator",
        _key("id", sa.String(40)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("enrolment", sa.LargeBinary, nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "operator_key",
        _key("kid", sa.String(81)),
        sa.Column("alg", sa.String(8), nullable=False),
        sa.Column("custodial", sa.SmallInteger, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "model",
        _key("id", sa.String(40)),
        sa.Column("maker", sa.String(40), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "battery", _key("code", sa.String(24)), sa.Column("state", sa.LargeBinary, nullable=False), **CLUSTERED
    )
    op.create_table(
        "identifier", _key("value", sa.String(80)), sa.Column("code", sa.String(24), nullable=False), **CLUSTERED
    )


def _create_beside() -> None:
    op.create_table(
        "api_key",
        _key("id", sa.String(16)),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("expires_at", sa.String(24), nullable=False),
        sa.Column("revoked_at", sa.String(24), nullable=True),
    )
    op.create_index("api_key_operator", "api_key", ["operator"])
    op.create_table("custody_key", _key("kid", sa.String(81)), sa.Column("sealed", sa.LargeBinary, nullable=False))
    op.create_table(
        "private_value",
        _key("commitment", sa.LargeBinary(32)),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _forbid_change(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        if key := TRUTH.get(table):  # REPLACE deletes without a delete trigger unless the client asks for one
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION packtrail_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION packtrail_append_only()"
    )
    if table == "tile":
        op.execute("ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL")
