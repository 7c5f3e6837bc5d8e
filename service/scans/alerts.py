"""Alerts that a label may have been copied: open until the authority closes them with a note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from ledger.entry import format_time, parse_time
from service.db.scan_tables import copy_alert
from service.domain.copies import CopySign, Suspicion
from service.domain.states import BatteryState
from service.errors import ConflictError, Fault, NotFoundError

MAX_PAGE = 200
LARGEST = 2**31 - 1
"""The number of no alert is larger: what the databases keep as an integer."""
_alert = copy_alert.c


@dataclass(frozen=True, slots=True)
class CopyAlert:
    """One alert. Cells are geohashes of five characters or divisions of six digits; times to the minute."""

    id: int
    code: str
    sign: CopySign
    raised_at: datetime
    first: tuple[datetime, str] | None
    second: tuple[datetime, str]
    times: int
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str | None = None


def raise_alerts(connection: Connection, signs: Sequence[Suspicion], state: BatteryState, now: datetime) -> None:
    """Open an alert for each sign; one that is open already is counted on. state: of the battery that all are about."""
    for each in signs:
        again = copy_alert.update().where(
            _alert.code == each.second.code, _alert.sign == each.sign.value, _alert.closed_at.is_(None)
        )
        if connection.execute(again.values(times=_alert.times + 1)).rowcount:
            continue
        first = each.first
        connection.execute(
            copy_alert.insert().values(
                code=each.second.code,
                sign=each.sign.value,
                maker=state.maker,
                holder=state.holder,
                raised_at=format_time(now),
                first_at=format_time(first.at) if first else None,
                first_cell=first.cell if first else None,
                second_at=format_time(each.second.at),
                second_cell=each.second.cell,
                times=1,
            )
        )


def find_alerts(
    connection: Connection, *, operator: str | None, after: int, limit: int, closed: bool = False
) -> list[CopyAlert]:
    """Alerts by id after `after`: about batteries that `operator` made, or held when it was raised; None: about all."""
    where: list[ColumnElement[bool]] = [_alert.id > after]
    if not closed:
        where.append(_alert.closed_at.is_(None))
    if operator is not None:
        where.append((_alert.maker == operator) | (_alert.holder == operator))
    query = select(copy_alert).where(*where).order_by(_alert.id).limit(limit)
    return [_read(row) for row in connection.execute(query)]


def open_signs(connection: Connection, code: str) -> list[CopySign]:
    """The signs of copies of one label that nobody has closed, each once."""
    query = select(_alert.sign).where(_alert.code == code, _alert.closed_at.is_(None)).order_by(_alert.id)
    return [CopySign(sign) for sign in connection.execute(query).scalars()]


def close_alert(connection: Connection, id_: int, *, by: str, note: str, now: datetime) -> CopyAlert:
    """Close it with what was found. Raises NotFoundError, ConflictError where it is closed."""
    row = connection.execute(select(copy_alert).where(_alert.id == min(id_, LARGEST))).one_or_none()
    if row is None or row.id != id_:
        raise NotFoundError(f"there is no alert {id_}")
    update = copy_alert.update().where(_alert.id == id_, _alert.closed_at.is_(None))
    if connection.execute(update.values(closed_at=format_time(now), closed_by=by, note=note)).rowcount == 0:
        en, zh = f"alert {id_} was closed by {row.closed_by}", f"提醒{id_}已由{row.closed_by}关闭"
        raise ConflictError(en, [Fault("", "alert-closed", en, zh)])
    return _read(connection.execute(select(copy_alert).where(_alert.id == id_)).one())


def _read(row: Row[Any]) -> CopyAlert:
    first = (parse_time(row.first_at), row.first_cell) if row.first_at else None
    return CopyAlert(
        row.id,
        row.code,
        CopySign(row.sign),
        parse_time(row.raised_at),
        first,
        (parse_time(row.second_at), row.second_cell),
        row.times,
        parse_time(row.closed_at) if row.closed_at else None,
        row.closed_by,
        row.note,
    )
