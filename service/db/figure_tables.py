"""The tables of the figures: what is folded from entries, how far, and the lists behind the numbers.

Sizes: `figure_battery` has a row for each battery that an event names and is read by its key or in pages; the others
have as many rows as there are months, organisations, models and states that occur together. Months and days are text,
as in China. All follows from entries, `figure_health` also from restricted values; `figure_delay` from duty cases.

Stock and flows are kept four times, so that no question adds up more rows than it has to (`cut`): as a whole, by
organisation, by model, and by both. What a cut leaves out is written as TOTAL.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, literal_column

from service.db.metadata import metadata, partial_index

TOTAL = "*"
"""In place of an organisation, model or duty: all of them. No name is like it."""
RECOUNT = -(2**40)
"""In place of the days of a row of `figure_delay`: a correction has moved what it counts. It is counted anew."""
CUT_WHOLE, CUT_OPERATOR, CUT_MODEL, CUT_BOTH = range(4)

figure_cursor = Table(
    "figure_cursor",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False, comment="entries that are folded"),
    Column("at", String(24), nullable=False, comment="when the last of them was recorded"),
    Column("version", Integer, nullable=False, comment="of the folding: another one begins anew"),
)

figure_battery = Table(
    "figure_battery",
    metadata,
    Column("code", String(24), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("resumes", String(16), nullable=False, comment="the state after service or from abroad, or empty"),
    Column("holder", String(40), nullable=False),
    Column("maker", String(40), nullable=False),
    Column("model", String(40), nullable=False, comment="empty: made of others"),
    Column("mass_g", BigInteger, nullable=False),
    Column("energy_wh", BigInteger, nullable=False),
    Column("made_on", String(10), nullable=False),
    Column("last_at", String(24), nullable=False, comment="of its newest event"),
    Column("waste", SmallInteger, nullable=False),
    Column("undo", LargeBinary, nullable=True, comment="what its newest reversible event changed, as JSON"),
    sqlite_with_rowid=False,
)
Index("figure_battery_state", figure_battery.c.state, figure_battery.c.last_at, figure_battery.c.code)

figure_stock = Table(
    "figure_stock",
    metadata,
    Column("cut", SmallInteger, primary_key=True, autoincrement=False, comment="see above"),
    Column("operator", String(40), primary_key=True, comment="the holder"),
    Column("model", String(40), primary_key=True),
    Column("state", String(16), primary_key=True),
    Column("month", String(7), primary_key=True, comment="of the newest event"),
    Column("level", String(1), primary_key=True, comment="P, M or C"),
    Column("count", BigInteger, nullable=False),
    Column("mass_g", BigInteger, nullable=False),
    Column("energy_wh", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("figure_stock_model", figure_stock.c.model, figure_stock.c.cut)

figure_flow = Table(
    "figure_flow",
    metadata,
    Column("cut", SmallInteger, primary_key=True, autoincrement=False, comment="see above"),
    Column("operator", String(40), primary_key=True, comment="who told it"),
    Column("model", String(40), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("flow", String(8), primary_key=True, comment="moved, weighed, handed"),
    Column("level", String(1), primary_key=True),
    Column("before", String(40), primary_key=True, comment="a state, or the operator that had it"),
    Column("after", String(40), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("mass_g", BigInteger, nullable=False),
    Column("energy_wh", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("figure_flow_model", figure_flow.c.model, figure_flow.c.cut)

IS_HANDED = figure_flow.c.flow == literal_column("'handed'")
"""What goes from one organisation to another: the index below, by who had it, holds no other rows."""
partial_index("figure_flow_giver", figure_flow.c.before, figure_flow.c.cut, where=IS_HANDED)

figure_act = Table(
    "figure_act",
    metadata,
    Column("actor", String(40), primary_key=True),
    Column("kind", String(40), primary_key=True, comment="one that needs a licence, or a taking in"),
    Column("day", String(10), primary_key=True),
    Column("count", BigInteger, nullable=False, comment="events"),
    sqlite_with_rowid=False,
)

figure_act_month = Table(
    "figure_act_month",
    metadata,
    Column("actor", String(40), primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("first", String(10), nullable=False, comment="day with an event in this month"),
    Column("last", String(10), nullable=False),
    Column("count", BigInteger, nullable=False, comment="events"),
    sqlite_with_rowid=False,
)

figure_lot = Table(
    "figure_lot",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("giver", String(40), primary_key=True),
    Column("product", String(40), primary_key=True),
    Column("taker", String(40), primary_key=True, comment="empty: made, not yet taken in"),
    Column("given_g", BigInteger, nullable=False),
    Column("taken_g", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

figure_health = Table(
    "figure_health",
    metadata,
    Column("model", String(40), primary_key=True),
    Column("month", String(7), primary_key=True, comment="of the measurement"),
    Column("age", Integer, primary_key=True, autoincrement=False, comment="whole years since it was made"),
    Column("band", Integer, primary_key=True, autoincrement=False, comment="state of health, in steps of 50,000 ppm"),
    Column("count", BigInteger, nullable=False, comment="measurements"),
    sqlite_with_rowid=False,
)

figure_item = Table(
    "figure_item",
    metadata,
    Column("list", String(16), primary_key=True, comment="batches, shortfall, near"),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("code", String(24), primary_key=True, comment="of the battery, or empty"),
    Column("operator", String(40), nullable=False),
    Column("other", String(40), nullable=False, comment="the other operator or code"),
    Column("month", String(7), nullable=False),
    Column("amount_g", BigInteger, nullable=False),
    Column("expected_g", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("figure_item_operator", figure_item.c.list, figure_item.c.operator, figure_item.c.idx)

figure_item_sum = Table(
    "figure_item_sum",
    metadata,
    Column("list", String(16), primary_key=True),
    Column("operator", String(40), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("amount_g", BigInteger, nullable=False),
    Column("expected_g", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

figure_prefix = Table(
    "figure_prefix",
    metadata,
    Column("prefix", String(14), primary_key=True, comment="positions 1 to 14 of registered codes"),
    sqlite_with_rowid=False,
)

figure_delay = Table(
    "figure_delay",
    metadata,
    Column("actor", String(40), primary_key=True, comment="TOTAL: all"),
    Column("duty", String(40), primary_key=True, comment="TOTAL: all"),
    Column("month", String(7), primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in ("cases", "answered", "late", "days")),
    Column("content", LargeBinary, nullable=False, comment="how many took how many days, and open ones by last day"),
    sqlite_with_rowid=False,
)

FOLDED = (
    *(figure_battery, figure_stock, figure_flow, figure_act, figure_act_month),
    *(figure_lot, figure_item, figure_item_sum, figure_prefix),
)
"""What the entries before the cursor alone make."""
FIGURE_TABLES = (*FOLDED, figure_health, figure_delay, figure_cursor)
