"""Notes on cases: who looked into one and found what, when. A note is never changed; a mistake gets another note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from ledger.entry import format_time, parse_time
from service.db.frozen_tables import case_note
from service.errors import Fault, RefusedError

LONGEST = 2_000
MOST = 200
"""Notes of one case."""
_note = case_note.c


@dataclass(frozen=True, slots=True)
class Note:
    """One note."""

    at: datetime
    operator: str
    text: str


def add_note(connection: Connection, case: str, text: str, *, by: str, now: datetime) -> None:
    """Add a note to a case. Raises RefusedError where it is empty, too long, or one too many."""
    if not 1 <= len(text) <= LONGEST or "\0" in text:
        raise RefusedError(
            [
                Fault(
                    "/note",
                    "length",
                    f"write 1 to {LONGEST} letters; nothing was kept",
                    f"请填写1至{LONGEST}字，本次未保存",
                )
            ]
        )
    count = connection.execute(select(func.count()).where(_note.case_key == case)).scalar_one()
    if count >= MOST:
        raise RefusedError(
            [
                Fault(
                    "/note",
                    "full",
                    f"this case has {MOST} notes; nothing was kept",
                    f"该事项已有{MOST}条备注，本次未保存",
                )
            ]
        )
    connection.execute(case_note.insert().values(case_key=case, at=format_time(now), operator=by, text=text))


def notes_of(connection: Connection, case: str) -> list[Note]:
    """The notes of a case, oldest first."""
    query = select(case_note).where(_note.case_key == case).order_by(_note.id)
    return [Note(parse_time(row.at), row.operator, row.text) for row in connection.execute(query)]


def count_notes(connection: Connection, cases: Sequence[str]) -> dict[str, int]:
    """How many notes each of these cases has; those without are left out."""
    query = select(_note.case_key, func.count()).where(_note.case_key.in_(list(cases))).group_by(_note.case_key)
    return {row[0]: row[1] for row in connection.execute(query)}
