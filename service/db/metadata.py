"""The one metadata that all tables stand in. Tables of a topic may have a module of their own beside `tables`."""

from sqlalchemy import MetaData

metadata = MetaData()
