"""The one metadata that all tables stand in. Tables of a topic may have a module of their own beside `tables`."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Index, MetaData

metadata = MetaData()


def partial_index(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> Index:
    """An index of the rows for which `where` holds, which stands in its `info`: a migration has made it.

    SQLAlchemy's own `sqlite_where` and `postgresql_where` would load both dialects into every process.
    """
    return Index(name, *columns, info={"where": where})
