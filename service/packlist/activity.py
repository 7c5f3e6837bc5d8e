"""The newest entries of an operator, as far as they are folded."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ledger.entry import parse_entry
from service.db.packlist_tables import recent_entry
from service.work import RegisterReader

SHOWN = 10
_recent = recent_entry.c


@dataclass(frozen=True, slots=True)
class Act:
    """One entry that the operator signed, about `codes`."""

    index: int
    kind: str
    at: datetime
    codes: tuple[str, ...]


def newest_acts(reader: RegisterReader, operator: str) -> list[Act]:
    """Newest first, at most SHOWN."""
    query = select(_recent.idx).where(_recent.operator == operator).order_by(_recent.idx.desc()).limit(SHOWN)
    indexes = list(reader.connection.execute(query).scalars())
    entries = {index: parse_entry(data) for index, data in reader.entries_at(indexes).items()}
    return [
        Act(index, entry.event.type, entry.at, tuple(entry.event.subjects))
        for index in indexes
        if (entry := entries.get(index))
    ]
