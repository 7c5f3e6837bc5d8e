"""Each subject's newest entry in the order of the map; where the entry before stands; the tiles of the newest map.

Both tables follow from the entries and are filled from the ones that held the same before.
"""

import json
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}
MANY = 500


def upgrade() -> None:
    old_head = op.get_bind().execute(sa.text("SELECT subject, seq, leaf_hash, idx FROM head")).all()
    steps = op.get_bind().execute(sa.text("SELECT subject, seq, idx FROM subject_entry ORDER BY idx, seq")).all()
    op.drop_table("head")
    op.drop_table("subject_entry")
    head, link = _create()
    _add_state(len(old_head))
    if old_head:
        _fill(head, link, old_head, steps)
        op.execute("UPDATE tree_state SET merged = size")
    _append_only("link")


def _create() -> tuple[sa.Table, sa.Table]:
    head = op.create_table(
        "head",
        _key("key", sa.LargeBinary),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("link", sa.BigInteger, nullable=False),
        **CLUSTERED,
    )
    link = op.create_table("link", _key("id", sa.BigInteger), sa.Column("before", sa.BigInteger, nullable=True))
    op.create_table(
        "map_tile",
        _key("level", sa.SmallInteger),
        _key("idx", sa.BigInteger),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    return head, link


def _add_state(batteries: int) -> None:
    for name, kind, value in (
        ("batteries", sa.BigInteger, str(batteries)),
        ("map_size", sa.BigInteger, "0"),
        ("map_buckets", sa.BigInteger, "0"),
        ("map_at", sa.String(24), ""),
        ("merged", sa.BigInteger, "0"),
    ):
        op.add_column("tree_state", sa.Column(name, kind, nullable=False, server_default=value))


def _fill(head: sa.Table, link: sa.Table, heads: Any, steps: Any) -> None:
    """An entry's subjects stand in it in the order of the event; the old tables did not keep that, so it is read."""
    positions = _positions()
    known: dict[str, int] = {}
    rows = []
    for subject, _, idx in steps:
        place = idx * 64 + positions[idx].index(subject)
        rows.append({"id": place, "before": known.get(subject)})
        known[subject] = place
    for start in range(0, len(rows), MANY):
        op.bulk_insert(link, sorted(rows[start : start + MANY], key=lambda row: row["id"]))
    for start in range(0, len(heads), MANY):
        op.bulk_insert(
            head,
            [
                {"key": _key_of(subject), "seq": seq, "leaf_hash": leaf, "link": known[subject]}
                for subject, seq, leaf, _ in heads[start : start + MANY]
            ],
        )


def _positions() -> dict[int, list[str]]:
    """The subjects of each entry, in their order."""

    rows = op.get_bind().execute(sa.text("SELECT idx, data FROM entry ORDER BY idx"))
    return {idx: json.loads(bytes(data))["event"]["subjects"] for idx, data in rows}


def _key_of(subject: str) -> bytes:
    return sha256(subject.encode()).digest()


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _append_only(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION packtrail_append_only()"
    )
