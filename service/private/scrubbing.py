"""What a database leaves lying about of a value that was destroyed, and how far it can be cleared away.

SQLite: the emptied row is overwritten where it stands (`secure_delete`, always on, because rows move from page to page
as a table grows), and older copies of its page go with the write-ahead log, which is emptied once nobody reads from
it. A database that grew under a version without it needs one VACUUM. PostgreSQL: the old row goes with a vacuum of the
table; its own write-ahead log keeps it until the segments are recycled. Copies elsewhere are nobody's to clear from
here: see docs/operating.md.
"""

from sqlalchemy import Engine

TABLES = ("private_value", "data_key")
"""A database role that does not own them needs the right MAINTAIN (PostgreSQL 17) or the vacuum passes over them."""


def scrub(engine: Engine) -> bool:
    """Clear away older copies of what was destroyed; tells whether all of them are gone, as far as this engine can."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM {', '.join(TABLES)}")
    return True
