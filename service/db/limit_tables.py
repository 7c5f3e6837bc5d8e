"""The tables of limits, all beside the log: what the authority has set, what is counted, when keys were last used.

`limit_bucket` and `key_use` are written while requests are answered. On SQLite they stand in a file of their own, so
that no request waits for the lock under which events are recorded: see service.limits.counting.
"""

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, String, Table, Text

from service.db.metadata import metadata

limit_setting = Table(
    "limit_setting",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("operator", String(40), primary_key=True, comment="empty: for all that have no row of their own"),
    Column("amount", BigInteger, nullable=False),
    Column("seconds", Integer, nullable=False),
)

limit_bucket = Table(
    "limit_bucket",
    metadata,
    Column("name", String(160), primary_key=True, comment="limit:rate:subject"),
    Column("full_at", BigInteger, nullable=False, comment="microseconds since 1970: when all is there again"),
    Column("granted", BigInteger, nullable=False, comment="units, the last time somebody asked"),
    sqlite_with_rowid=False,
)

key_use = Table(
    "key_use",
    metadata,
    Column("key", String(16), primary_key=True, comment="the readable part of an API key"),
    Column("at", String(24), nullable=False),
    sqlite_with_rowid=False,
)

served_as = Table(
    "served_as",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("version", String(40), nullable=False, comment="of the program that last served the register"),
    Column("tables", String(8), nullable=False),
    Column("settings", Text, nullable=False, comment="those of weight, as service.maintenance writes them"),
)
