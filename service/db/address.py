"""Where a register's database stands, as a URL. Apart from `engine`, so that settings are read without SQLAlchemy."""

from pathlib import Path


def sqlite_url(file: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{file}"
