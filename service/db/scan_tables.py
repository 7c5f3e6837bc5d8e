"""Sightings of labels, and the signs of copies found in them. Both stand beside the log.

A sighting has no address, no device and no person. Sightings are kept for 30 days, see `service.scans.tidying`.
"""

from sqlalchemy import Column, Index, Integer, String, Table

from service.db.metadata import metadata, partial_index

sighting = Table(
    "sighting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(24), nullable=False),
    Column("at", String(24), nullable=False, comment="to the minute"),
    Column("cell", String(6), nullable=False, comment="geohash of 5 characters, or a region of 6 digits, or empty"),
    Column("operator", String(40), nullable=True, comment="the organisation that told; NULL: anybody"),
)
Index("sighting_code", sighting.c.code, sighting.c.at)
Index("sighting_at", sighting.c.at)

copy_alert = Table(
    "copy_alert",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(24), nullable=False),
    Column("sign", String(20), nullable=False),
    Column("maker", String(40), nullable=False),
    Column("holder", String(40), nullable=False, comment="when it was raised"),
    Column("raised_at", String(24), nullable=False),
    Column("first_at", String(24), nullable=True),
    Column("first_cell", String(6), nullable=True),
    Column("second_at", String(24), nullable=False),
    Column("second_cell", String(6), nullable=False),
    Column("times", Integer, nullable=False, comment="how often it was noticed while it was open"),
    Column("closed_at", String(24), nullable=True),
    Column("closed_by", String(40), nullable=True),
    Column("note", String(500), nullable=True),
)
Index("copy_alert_code", copy_alert.c.code, copy_alert.c.id)
partial_index("copy_alert_open", copy_alert.c.id, where=copy_alert.c.closed_at.is_(None))
