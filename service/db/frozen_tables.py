"""Frozen reports, and the notes of those who look into cases. Both stand beside the log, and are only added to."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from service.db.metadata import metadata

frozen_report = Table(
    "frozen_report",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, comment="SHA-256 of the file"),
    Column("made_at", String(24), nullable=False),
    Column("operator", String(40), nullable=False),
    Column("figures", Integer, nullable=False, comment="tables in it"),
    Column("rows", Integer, nullable=False, comment="in all its tables"),
    Column("size", BigInteger, nullable=False, comment="of the checkpoint in it"),
    Column("filter", Text, nullable=False, comment="what was asked, as JSON"),
    Column("bytes", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False, comment="the file, compressed (zlib)"),
)
Index("frozen_report_digest", frozen_report.c.digest, unique=True)

case_note = Table(
    "case_note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_key", String(240), nullable=False, comment="<list>:<what tells the case from others of its list>"),
    Column("at", String(24), nullable=False),
    Column("operator", String(40), nullable=False),
    Column("text", Text, nullable=False),
)
Index("case_note_case", case_note.c.case_key, case_note.c.id)
