"""The tables of imports, all beside the log: jobs, what became of their rows, and how operators' columns are read."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from service.db.metadata import metadata

import_job = Table(
    "import_job",
    metadata,
    Column("id", String(36), primary_key=True, comment="a UUID of version 7: newer ones are greater"),
    Column("operator", String(40), nullable=False),
    Column("content", String(40), nullable=False),
    Column("name", Text, nullable=False, comment="of the file, as it was given"),
    Column("digest", LargeBinary(32), nullable=False, comment="SHA-256 of the file"),
    Column("bytes", BigInteger, nullable=False),
    Column("atomic", SmallInteger, nullable=False),
    Column("dry_run", SmallInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("cancelled", SmallInteger, nullable=False, comment="its operator wants it to stop"),
    Column("form", String(8), nullable=False, comment="empty until the file was looked at"),
    Column("encoding", String(8), nullable=False),
    Column("columns", LargeBinary, nullable=False, comment="what each column means, as JSON"),
    Column("total", BigInteger, nullable=False, comment="rows, -1 until they were counted"),
    Column("done", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("unchanged", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("undecided", BigInteger, nullable=False),
    Column("not_tried", BigInteger, nullable=False),
    Column("error", LargeBinary, nullable=False, comment="why the file was refused, as JSON"),
    Column("created_at", String(24), nullable=False),
    Column("started_at", String(24), nullable=False),
    Column("finished_at", String(24), nullable=False),
    Column("has_rows", SmallInteger, nullable=False, comment="0: file and outcomes of rows were deleted"),
)
Index("import_job_operator", import_job.c.operator, import_job.c.id)
Index("import_job_digest", import_job.c.operator, import_job.c.content, import_job.c.digest)
Index("import_job_state", import_job.c.state, import_job.c.id)

import_batch = Table(
    "import_batch",
    metadata,
    Column("job", String(36), primary_key=True),
    Column("first", BigInteger, primary_key=True, autoincrement=False, comment="of its rows, counted from 0"),
    Column("rows", Integer, nullable=False),
    Column("outcomes", LargeBinary, nullable=False, comment="packed by service.imports.outcomes"),
    Column("refused", Integer, nullable=False, comment="how many of its rows were"),
)

import_mapping = Table(
    "import_mapping",
    metadata,
    Column("operator", String(40), primary_key=True),
    Column("content", String(40), primary_key=True),
    Column("columns", LargeBinary, nullable=False, comment="fields by header, as JSON"),
)
