"""Reading reports: those who made or hold the battery see theirs, the authority sees all, handles and closes them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.entry import format_time, parse_time
from service.db.reported_tables import reported_problem
from service.domain.reported import Reason
from service.errors import ConflictError, Fault, NotFoundError, RefusedError
from service.reported import photos
from service.work import Register

KEPT = timedelta(days=365)
"""How long a report is kept once it is handled."""
FORGET_SECONDS = 3600.0
_c = reported_problem.c


@dataclass(frozen=True, slots=True)
class Report:
    """One report. code: empty where no battery of this register was meant."""

    id: int
    reference: str
    code: str
    told: str
    reason: Reason
    words: str
    has_photo: bool
    maker: str
    holder: str
    reported_at: datetime
    handled_at: datetime | None
    handled_by: str | None
    note: str | None

    def concerns(self, operator: str) -> bool:
        """Whether it is about a battery that `operator` made or held."""
        return operator in (self.maker, self.holder)


def find_open(connection: Connection, *, before: int | None, limit: int) -> list[Report]:
    """Those of all that wait, newest first."""
    query = select(reported_problem).where(_c.handled_at.is_(None), *_older(before))
    return [_read(row) for row in connection.execute(query.order_by(_c.id.desc()).limit(limit))]


def find_all(connection: Connection, *, before: int | None, limit: int) -> list[Report]:
    """All, handled or not, newest first."""
    query = select(reported_problem).where(*_older(before)).order_by(_c.id.desc()).limit(limit)
    return [_read(row) for row in connection.execute(query)]


def find_own(connection: Connection, operator: str, *, before: int | None, limit: int) -> list[Report]:
    """All about batteries that `operator` made or held, newest first. Two searches, each in an index of its own."""
    found: dict[int, Report] = {}
    for column in (_c.maker, _c.holder):
        query = select(reported_problem).where(column == operator, *_older(before)).order_by(_c.id.desc()).limit(limit)
        found |= {row.id: _read(row) for row in connection.execute(query)}
    return sorted(found.values(), key=lambda each: -each.id)[:limit]


def find_report(connection: Connection, reference: str) -> Report:
    """Raises NotFoundError."""
    row = connection.execute(select(reported_problem).where(_c.reference == reference)).one_or_none()
    if row is None:
        raise NotFoundError("there is no report with this reference")
    return _read(row)


def handle(register: Register, reference: str, *, by: str, note: str) -> None:
    """Close it with what was found; its photograph goes.

    Raises NotFoundError, RefusedError, ConflictError where it is closed.
    """
    if "\0" in note:
        raise RefusedError(
            [Fault("/note", "control", "the note holds a character that nobody sees", "文字中含有控制字符")]
        )
    with register.write_beside() as connection:
        found = find_report(connection, reference)
        update = reported_problem.update().where(_c.id == found.id, _c.handled_at.is_(None))
        values = {"handled_at": format_time(register.clock()), "handled_by": by, "note": note, "has_photo": False}
        if connection.execute(update.values(values)).rowcount == 0:
            en, zh = f"{reference} was handled by {found.handled_by}", f"{reference}已由{found.handled_by}处理"
            raise ConflictError(en, [Fault("/note", "closed", en, zh)])
    photos.remove(register.settings, reference)


def forget_old(register: Register) -> None:
    """Delete reports that were handled longer ago than KEPT."""
    with register.write_beside() as connection:
        old = _c.handled_at < format_time(register.clock() - KEPT)
        connection.execute(reported_problem.delete().where(old))


def _older(before: int | None) -> list[Any]:
    return [] if before is None else [_c.id < before]


def _read(row: Row[Any]) -> Report:
    return Report(
        row.id, row.reference, row.code, row.told, Reason(row.reason), row.words, row.has_photo, row.maker, row.holder,
        parse_time(row.reported_at), parse_time(row.handled_at) if row.handled_at else None, row.handled_by, row.note,
    )  # fmt: skip
