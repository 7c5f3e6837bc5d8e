"""The tables of the access log, beside the log of entries: who read restricted data, and the chain of each owner."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from service.db.metadata import metadata, partial_index

access_reading = Table(
    "access_reading",
    metadata,
    Column("id", String(36), primary_key=True, comment="UUID of version 7: sorts by time"),
    Column("at", String(24), nullable=False),
    Column("operator", String(40), nullable=False),
    Column("person", String(36), nullable=False, comment="a pseudonym; empty for a program"),
    Column("key_id", String(16), nullable=False),
    Column("owner", String(40), nullable=False, comment="whose data it was"),
    Column("subject", String(64), nullable=False),
    Column("parts", String(120), nullable=False, comment="what was shown, separated by spaces"),
    Column("route", String(80), nullable=False),
    Column("purpose", String(200), nullable=False, comment="as the reader told it"),
    Column("size", BigInteger, nullable=False, comment="of the log as it was read"),
    Column("shown_at", String(24), nullable=False, comment="from when the owner may see it"),
    Column("seq", BigInteger, nullable=True, comment="its place in the owner's chain, once it is shown"),
    Column("chain", LargeBinary(32), nullable=True),
    comment="readings of restricted data by others than their owner",
)
WAITING = access_reading.c.seq.is_(None)
Index("access_reading_subject", access_reading.c.subject, access_reading.c.id)
Index("access_reading_owner", access_reading.c.owner, access_reading.c.seq)
partial_index("access_reading_waiting", access_reading.c.shown_at, where=WAITING)

access_chain = Table(
    "access_chain",
    metadata,
    Column("owner", String(40), primary_key=True),
    Column("seq", BigInteger, nullable=False, comment="of its newest reading"),
    Column("chain", LargeBinary(32), nullable=False),
)
