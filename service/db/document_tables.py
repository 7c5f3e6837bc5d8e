"""The tables of documents, beside the log: what is known of each, and how much each operator has."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from service.db.metadata import metadata

document = Table(
    "document",
    metadata,
    Column("id", String(36), primary_key=True, comment="UUID of version 7"),
    Column("subject", String(64), nullable=False, comment="the code of a battery, or model:<id>"),
    Column("digest", LargeBinary(32), nullable=False, comment="SHA-256 of what is kept, which also names the file"),
    Column("operator", String(40), nullable=False),
    Column("person", String(36), nullable=False, comment="a pseudonym; empty for a program"),
    Column("kind", String(40), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("name", Text, nullable=False, comment="as it was given, for people to read"),
    Column("bytes", BigInteger, nullable=False),
    Column("added_at", String(24), nullable=False),
    Column("removed_at", String(24), nullable=True),
)
Index("document_subject", document.c.subject, document.c.id)
Index("document_digest", document.c.digest)
Index("document_operator", document.c.operator, document.c.id)

document_use = Table(
    "document_use",
    metadata,
    Column("operator", String(40), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)
