"""The tables of an organisation's list of batteries. All follow from the entries and are folded behind them.

A group is what the batteries in it have in common, so that counts by any facet are sums over groups, and a page of the
list is read group by group: neither grows with the number of batteries. `battery_list` and
`pack_view` stand beside the log.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from service.db.metadata import metadata

pack_cursor = Table(
    "pack_cursor",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, nullable=False, comment="the first entry that is not folded yet"),
)

pack_group = Table(
    "pack_group",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("operator", String(40), nullable=False),
    Column("ties", SmallInteger, nullable=False, comment="what it has to do with these batteries, as bits"),
    Column("level", String(8), nullable=False),
    Column("model", String(40), nullable=False, comment="empty: of none"),
    Column("state", String(16), nullable=False),
    Column("month", String(7), nullable=False, comment="of making"),
    Column("label", String(8), nullable=False, comment="printed, none, or empty: it ended without"),
    Column("passport", Text, nullable=False, comment="what its own passport gives; empty: the EU asks for none"),
    Column("batteries", Integer, nullable=False, comment="how many are in it"),
)
Index("pack_group_operator", pack_group.c.operator)

pack_row = Table(
    "pack_row",
    metadata,
    Column("operator", String(40), primary_key=True),
    Column("code", String(24), primary_key=True),
    Column("grp", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("pack_row_code", pack_row.c.code)
Index("pack_row_group", pack_row.c.grp, pack_row.c.code)

recent_entry = Table(
    "recent_entry",
    metadata,
    Column("operator", String(40), primary_key=True),
    Column("idx", BigInteger, primary_key=True, autoincrement=False, comment="of the newest that it signed"),
    sqlite_with_rowid=False,
)

battery_list = Table(
    "battery_list",
    metadata,
    Column("id", String(32), primary_key=True, comment="follows from operator and content"),
    Column("operator", String(40), nullable=False),
    Column("made_at", String(24), nullable=False),
    Column("names", LargeBinary, nullable=False, comment="what was pasted or chosen, as JSON"),
    Column("left_out", Integer, nullable=False, comment="vehicle numbers, which are not kept"),
)
Index("battery_list_made", battery_list.c.made_at)

pack_view = Table(
    "pack_view",
    metadata,
    Column("person", String(36), primary_key=True),
    Column("name", String(60), primary_key=True, comment="of a filter; empty: the columns"),
    Column("content", LargeBinary, nullable=False, comment="as JSON"),
)

PACKLIST_FOLDED = (pack_group, pack_row, recent_entry)
"""Folded behind the entries; emptied when they are to be folded anew."""
