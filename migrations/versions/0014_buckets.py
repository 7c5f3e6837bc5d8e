"""Subjects' newest entries, a bucket of the map in one row: read and written whole when a map is made."""

import struct
from collections.abc import Iterator
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

RECORD = struct.Struct(">32sI32sQ")
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
BLOCK = 1_000


def upgrade() -> None:
    bucket = op.create_table(
        "bucket",
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("rows", sa.LargeBinary, nullable=False),
    )
    connection = op.get_bind()
    subjects = connection.execute(sa.text("SELECT count(*) FROM head")).scalar_one()
    if subjects:
        rows: list[dict[str, object]] = []
        done = set()
        for number, packed in _packed(connection, subjects // 8 + 1):
            rows.append({"idx": number, "rows": packed})
            done.add(number)
            if len(rows) == BLOCK:
                op.bulk_insert(bucket, rows)
                rows = []
        rows += [{"idx": number, "rows": b""} for number in range(subjects // 8 + 1) if number not in done]
        op.bulk_insert(bucket, rows)
    op.drop_table("head")


def _packed(connection: sa.Connection, count: int) -> Iterator[tuple[int, bytes]]:
    """In the order of keys those of a bucket stand together."""
    heads = connection.execute(sa.text("SELECT key, leaf_hash, seq, link FROM head ORDER BY key"))
    records = ((bytes(key), RECORD.pack(bytes(key), seq, bytes(leaf), link)) for key, leaf, seq, link in heads)
    for number, found in groupby(records, lambda record: _bucket(record[0], count)):
        yield number, b"".join(record for _, record in found)


def _bucket(key: bytes, count: int) -> int:
    place = int.from_bytes(key[7::-1].translate(REVERSED), "big")
    bits = (count - 1).bit_length()
    number = place & ((1 << bits) - 1)
    return number if number < count else number & ((1 << (bits - 1)) - 1)
