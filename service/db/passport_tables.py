"""The tables of battery passports. A subject is `model:<id>` or the code of a battery.

`passport_version` and `passport_source` follow from entries; the others stand beside the log.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from service.db.metadata import metadata

passport_version = Table(
    "passport_version",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, nullable=False, comment="the entry that published it"),
    Column("at", String(24), nullable=False, comment="when that was recorded"),
    Column("body", LargeBinary, nullable=False, comment="of publish_passport"),
    sqlite_with_rowid=False,
)

passport_source = Table(
    "passport_source",
    metadata,
    Column("code", String(24), primary_key=True),
    Column("slot", String(60), primary_key=True, comment="a kind of event; with its index where each one counts"),
    Column("idx", BigInteger, nullable=False, comment="the entry that a passport takes its values from"),
    Column("at", String(24), nullable=False, comment="when it happened"),
    sqlite_with_rowid=False,
)

passport_content = Table(
    "passport_content",
    metadata,
    Column("name", String(64), primary_key=True, comment="the digest in hexadecimal"),
    Column("subject", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("tier", String(3), nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="salt and canonical JSON, as in custody_key"),
)
Index("passport_content_subject", passport_content.c.subject, passport_content.c.version)

passport_registration = Table(
    "passport_registration",
    metadata,
    Column("id", String(44), primary_key=True),
    Column("code", String(24), nullable=False),
    Column("operator", String(40), nullable=False),
    Column("at", String(24), nullable=False),
    Column("body", LargeBinary, nullable=False),
)
Index("passport_registration_code", passport_registration.c.code)

PASSPORT_PRESENT = (passport_version, passport_source)
"""Rebuilt from entries by the service."""
