"""The tables of EPCIS. `event_facet` follows from entries; captures and named queries stand beside."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table

from service.db.metadata import metadata

event_facet = Table(
    "event_facet",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(40), nullable=False),
    Column("occurred", BigInteger, nullable=False, comment="Unix milliseconds"),
)
Index("event_facet_kind", event_facet.c.kind, event_facet.c.occurred, event_facet.c.idx)

epcis_capture = Table(
    "epcis_capture",
    metadata,
    Column("operator", String(40), primary_key=True),
    Column("id", String(36), primary_key=True, comment="a UUID of version 7: newer ones are greater"),
    Column("created_at", String(24), nullable=False),
    Column("finished_at", String(24), nullable=False),
    Column("behaviour", String(8), nullable=False),
    Column("success", SmallInteger, nullable=False),
    Column("events", Integer, nullable=False, comment="in the document"),
    Column("result", LargeBinary, nullable=False, comment="what became of each, and the errors, as JSON"),
)

epcis_query = Table(
    "epcis_query",
    metadata,
    Column("operator", String(40), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("created_at", String(24), nullable=False),
    Column("query", LargeBinary, nullable=False, comment="parameters as JSON"),
)

EPCIS_PRESENT = (event_facet,)
"""Rebuilt from entries."""
