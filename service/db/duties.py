"""Where duties are kept: cases by battery and by operator, sums by month, the days that the authority set."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row

from service.db import bulk
from service.db.duty_tables import duty_case, duty_sum
from service.db.figure_tables import RECOUNT
from service.domain.duties.cases import DutyCase

Sum = tuple[int, int, int, int]
"""Cases, of these answered, of these late, and the days these took, summed up."""
SumKey = tuple[str, str, str]
"""Operator, duty, month."""


def load_cases(connection: Connection, codes: Sequence[str]) -> list[DutyCase]:
    """All cases of these batteries."""
    return [case_of(row) for row in bulk.select_rows(connection, duty_case.c.code, codes)]


def load_begun(connection: Connection, indexes: Sequence[int]) -> list[DutyCase]:
    """All cases that these entries began."""
    return [case_of(row) for row in bulk.select_rows(connection, duty_case.c.idx, indexes)]


def save_cases(connection: Connection, cases: Iterable[DutyCase]) -> None:
    """Store these cases, new or changed."""
    bulk.writer(connection).upsert(duty_case, [_row(case) for case in cases])


def remove_cases(connection: Connection, cases: Iterable[DutyCase]) -> None:
    """Take away cases that an event began which did not occur."""
    c = duty_case.c
    for case in cases:
        same = (c.idx == case.index, c.code == case.code, c.duty == case.duty)
        connection.execute(duty_case.delete().where(*same))


def add_to_sums(connection: Connection, sums: Mapping[SumKey, Sum]) -> None:
    """Add to the sums of each operator, duty and month."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    for key, values in sums.items():
        connection.exec_driver_sql(_add(mark), (*key, *values))
        if values[0] < 0:
            connection.exec_driver_sql(_clear(mark), key)


def recount(connection: Connection, keys: Iterable[SumKey]) -> None:
    """Have the delays of these counted anew: days have moved, perhaps without a change of the sums."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    statement = f"UPDATE figure_delay SET days = {RECOUNT} WHERE actor = {mark} AND duty = {mark} AND month = {mark}"
    for key in sorted(keys):
        connection.exec_driver_sql(statement, key)


def case_of(row: Row[Any]) -> DutyCase:
    """The case that a row of `duty_case` holds."""
    return DutyCase(
        row.idx, row.code, row.duty, row.actor, date.fromisoformat(row.since), _day(row.due_on), row.answer,
        _day(row.answered_on),
    )  # fmt: skip


def _row(case: DutyCase) -> tuple[Any, ...]:
    due_on = "" if case.due_on is None else case.due_on.isoformat()
    answered_on = None if case.answered_on is None else case.answered_on.isoformat()
    return (
        case.index, case.code, case.duty, case.actor, case.since.isoformat(), due_on, case.answer, answered_on,
        int(case.is_late),
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=2)
def _clear(mark: str) -> str:
    """Of no case no row is left."""
    return f"DELETE FROM duty_sum WHERE actor = {mark} AND duty = {mark} AND month = {mark} AND cases = 0"


@lru_cache(maxsize=2)
def _add(mark: str) -> str:
    values = duty_sum.columns.keys()[3:]
    marks = ", ".join([mark] * 7)
    added = ", ".join(f"{name} = duty_sum.{name} + excluded.{name}" for name in values)
    return f"INSERT INTO duty_sum VALUES ({marks}) ON CONFLICT (actor, duty, month) DO UPDATE SET {added}"
