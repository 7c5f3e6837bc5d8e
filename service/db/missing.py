"""Where batteries missing from scrapped vehicles are kept: beside the log, since it takes VINs to tell them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, tuple_

from service.db import bulk
from service.db.duty_tables import vehicle_case
from service.domain.duties.vehicles import MissingBattery

_case = vehicle_case.c


def load_missing(connection: Connection, codes: Sequence[str], indexes: Sequence[int]) -> list[MissingBattery]:
    """The cases about these packs, and those that these entries began."""
    by_code = bulk.select_rows(connection, _case.code, codes)
    by_entry = bulk.select_rows(connection, _case.idx, indexes)
    return [_missing(row) for row in (*by_code, *by_entry)]


def save_missing(connection: Connection, cases: Iterable[MissingBattery]) -> None:
    """Store these cases, new or changed."""
    rows = [(each.index, each.code, each.found, each.certificate_no, each.actor, each.since.isoformat(), each.answer)
            for each in cases]  # fmt: skip
    bulk.writer(connection).upsert(vehicle_case, rows)


def remove_missing(connection: Connection, cases: Iterable[MissingBattery]) -> None:
    """Take away cases of vehicles that were not scrapped after all."""
    for each in cases:
        connection.execute(vehicle_case.delete().where(_case.idx == each.index, _case.code == each.code))


def find_open(connection: Connection, *, actor: str | None, after: tuple[int, str], limit: int) -> list[MissingBattery]:
    """Open cases in the order of their entries, of one dismantler or of all, after (entry, code)."""
    where: list[ColumnElement[bool]] = [_case.answer.is_(None), tuple_(_case.idx, _case.code) > after]
    if actor is not None:
        where.append(_case.actor == actor)
    query = select(vehicle_case).where(*where).order_by(_case.idx, _case.code).limit(limit)
    return [_missing(row) for row in connection.execute(query)]


def _missing(row: Row[Any]) -> MissingBattery:
    since = date.fromisoformat(row.since)
    return MissingBattery(row.idx, row.code, row.found, row.certificate_no, row.actor, since, row.answer)
