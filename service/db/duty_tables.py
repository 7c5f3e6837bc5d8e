"""The tables of duties. Days are text, year-month-day in China, so that they sort.

`duty_case`, `duty_sum` and `duty_days` are present state: kept from entries, and rebuilt from them at any time.
`vehicle_case` stands beside the log: whether a pack is that of a vehicle follows from VINs, which are not in entries.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, literal_column, or_

from service.db.metadata import metadata, partial_index

duty_case = Table(
    "duty_case",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False, comment="the entry that began it"),
    Column("code", String(24), primary_key=True, comment="of the battery; empty for an event without one"),
    Column("duty", String(40), primary_key=True),
    Column("actor", String(40), nullable=False, comment="who has to answer"),
    Column("since", String(10), nullable=False, comment="the day of the fact"),
    Column("due_on", String(10), nullable=False, comment="the last day in time, empty where the days are not known"),
    Column("answer", BigInteger, nullable=True, comment="the entry that answers it"),
    Column("answered_on", String(10), nullable=True, comment="the day on which that was recorded"),
    Column("late", SmallInteger, nullable=False, comment="1: answered after due_on"),
    sqlite_with_rowid=False,
)
_case = duty_case.c
UNSETTLED = or_(_case.late == literal_column("1"), _case.answer.is_(None))
"""What a list of the late has to look at: the index below holds no other rows."""
Index("duty_case_code", _case.code)
Index("duty_case_actor", _case.actor, _case.duty, _case.since, _case.idx)
partial_index("duty_case_due", _case.due_on, _case.idx, where=UNSETTLED)
partial_index("duty_case_actor_due", _case.actor, _case.due_on, _case.idx, where=UNSETTLED)

duty_sum = Table(
    "duty_sum",
    metadata,
    Column("actor", String(40), primary_key=True),
    Column("duty", String(40), primary_key=True),
    Column("month", String(7), primary_key=True, comment="of the day of the fact"),
    Column("cases", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("late", Integer, nullable=False, comment="of those answered"),
    Column("days", BigInteger, nullable=False, comment="from the fact to the record of the answer, summed up"),
    sqlite_with_rowid=False,
)

duty_days = Table(
    "duty_days",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False, comment="the entry that set them"),
    Column("body", LargeBinary, nullable=False, comment="of set_deadline"),
)

vehicle_case = Table(
    "vehicle_case",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False, comment="the entry of the scrapped vehicle"),
    Column("code", String(24), primary_key=True, comment="the pack that should be in it, empty where none is known"),
    Column("found", String(24), nullable=False, comment="the pack that was in it; empty: none"),
    Column("certificate_no", String(60), nullable=False),
    Column("actor", String(40), nullable=False),
    Column("since", String(10), nullable=False),
    Column("answer", BigInteger, nullable=True, comment="the entry that explains it"),
)
_vehicle = vehicle_case.c
_OPEN = _vehicle.answer.is_(None)
Index("vehicle_case_code", _vehicle.code)
partial_index("vehicle_case_open", _vehicle.idx, _vehicle.code, where=_OPEN)
partial_index("vehicle_case_actor", _vehicle.actor, _vehicle.idx, _vehicle.code, where=_OPEN)
