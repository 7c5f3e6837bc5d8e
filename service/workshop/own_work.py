"""What an organisation recorded itself, newest first: its day, the values it told last, the batteries it works on.

Entries are walked from the newest back, so the cost is bounded however large the register is; how far a walk came is
told with what it found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from ledger.entry import parse_time
from service.db import bulk, tables
from service.db.epcis_tables import event_facet
from service.domain.events import KINDS, fields_of
from service.domain.rules_use import CODE_ZONE
from service.work import RegisterReader

WALK = 20_000
"""Entries of the register that one walk looks at."""
MOST = 2_000
"""Own entries that one walk gives."""
_RECENT, _SUGGESTED = 300, 5
_c = event_facet.c


@dataclass(frozen=True, slots=True)
class Done:
    """One entry of the organisation. at: when the register received it."""

    index: int
    kind: str
    actor: str
    id: str
    codes: tuple[str, ...]
    occurred_at: datetime
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Walk:
    """done: newest first. reached: the oldest index that was looked at; whole: whether that is as far as was asked."""

    done: tuple[Done, ...]
    reached: int
    whole: bool


def day_of(reader: RegisterReader, operator: str, now: datetime) -> Walk:
    """What `operator` recorded since the day began in China."""
    morning = now.astimezone(CODE_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return walk_back(reader, operator, since=morning)


def walk_back(reader: RegisterReader, operator: str, *, since: datetime | None = None, most: int = MOST) -> Walk:
    """The newest entries of `operator`, those received before `since` left out."""
    size = reader.size()
    end = max(0, size - WALK)
    query = select(_c.idx).where(_c.idx >= end, _c.idx < size, _c.actor == operator).order_by(_c.idx.desc()).limit(most)
    indexes = list(reader.connection.execute(query).scalars())
    done = list(read_entries(reader.connection, indexes))
    kept = [each for each in done if since is None or each.at >= since]
    came_to_its_end = len(kept) < len(done) or end == 0 or _received(reader.connection, end, since)
    full = len(indexes) == most and len(kept) == len(done)
    return Walk(tuple(kept), indexes[-1] if full else end, came_to_its_end and not full)


def recent_values(reader: RegisterReader, operator: str, kind: str) -> dict[str, tuple[str, ...]]:
    """What `operator` told last in events of this kind, by text field, newest first; nothing that is restricted."""
    query = select(_c.idx, _c.actor).where(_c.kind == kind).order_by(_c.occurred.desc(), _c.idx.desc()).limit(_RECENT)
    rows = reader.connection.execute(query).all()
    indexes = [row.idx for row in rows if row.actor == operator][:_SUGGESTED]
    body = KINDS[kind].body
    names = [spec.name for spec in fields_of(body) if spec.kind in ("text", "operator", "region")] if body else []
    found: dict[str, dict[str, None]] = {name: {} for name in names}
    for done in read_entries(reader.connection, indexes):
        for name in names:
            if isinstance(value := done.body.get(name), str):
                found[name][value] = None
    return {name: tuple(values) for name, values in found.items() if values}


def read_entries(connection: Connection, indexes: Sequence[int]) -> Iterator[Done]:
    """These entries, in this order."""
    stored = {row.idx: row.data for row in bulk.select_rows(connection, tables.entry.c.idx, indexes)}
    for index in indexes:
        members = orjson.loads(stored[index])
        event = members["event"]
        times = parse_time(event["occurred_at"]), parse_time(members["log"]["at"])
        yield Done(index, event["type"], event["actor"], event["id"], tuple(event["subjects"]), *times, event["body"])


def _received(connection: Connection, index: int, since: datetime | None) -> bool:
    """Whether the register received entry `index` before `since`."""
    if since is None:
        return False
    row = connection.execute(select(tables.entry.c.data).where(tables.entry.c.idx == index)).one_or_none()
    return row is not None and parse_time(orjson.loads(row.data)["log"]["at"]) < since
