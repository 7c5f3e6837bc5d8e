"""The tables of recycling: lots that another batch may take in, and the sums from which rates of recovery are read."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from service.db.metadata import metadata

lot = Table(
    "lot",
    metadata,
    Column("key", String(120), primary_key=True, comment="<operator>/<product>/<number>"),
    Column("left_g", BigInteger, nullable=False, comment="not yet taken in by another batch"),
    Column("idx", BigInteger, nullable=False, comment="the entry of the batch that gave it"),
    Column("content", LargeBinary, nullable=False, comment="domain.materials.lots.Lot as JSON"),
    sqlite_with_rowid=False,
)

recovery_sum = Table(
    "recovery_sum",
    metadata,
    Column("operator", String(40), primary_key=True),
    Column("month", String(7), primary_key=True, comment="in which the batch was done, in China"),
    Column("stage", String(20), primary_key=True),
    Column("family", String(20), primary_key=True),
    Column("measure", String(20), primary_key=True),
    Column("in_mg", BigInteger, nullable=False),
    Column("out_mg", BigInteger, nullable=False),
    Column("passed_mg", BigInteger, nullable=False),
    Column("unknown_in_g", BigInteger, nullable=False),
    Column("unknown_out_g", BigInteger, nullable=False),
    Column("batches", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("recovery_sum_month", recovery_sum.c.month)
