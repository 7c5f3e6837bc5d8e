"""The entries that fit a filter, newest first: by kind, organisation, battery, time of receipt and range of indexes.

What an answer costs does not grow with the register, because each looks at a bounded part of it:

- a battery: its own chain of entries;
- a kind of which there are few: the index of kinds;
- anything else: the newest SCAN entries of the range, by index. Where these hold less than a page, the answer says how
  far it came and goes on from there when it is asked to.

A time is turned into an index by halving: entries lie in the order in which they were received. What no index holds
cannot be asked: what an event says, and when it happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import select

from ledger.entry import parse_entry, parse_time
from service.db import bulk
from service.db.epcis_tables import event_facet
from service.domain.events import KINDS
from service.explorer import PAGE, Line
from service.verification.kept import time_of
from service.work import Register, RegisterReader

SCAN = 20_000
"""Entries that one answer looks at where no index leads to those that are asked for."""
FEW = 2_000
"""Entries of one kind that are looked at all together."""
CHUNK = 2_000
"""Entries that are looked at in one go."""
_c = event_facet.c


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for; empty: any. since, until: received from the one on and before the other. first, last: indexes,
    both included."""

    kind: str = ""
    actor: str = ""
    battery: str = ""
    since: datetime | None = None
    until: datetime | None = None
    first: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Leafed:
    """One page. low, high: the indexes looked at, `high` left out. older: where the next page begins (`before`)."""

    lines: tuple[Line, ...]
    low: int
    high: int
    older: int | None


def leaf_through(register: Register, sought: Sought, *, before: int | None = None) -> Leafed:
    """The newest entries that fit, or the newest of those before an index."""
    with register.read() as reader:
        low, high = _range(reader, sought)
        high = high if before is None else min(high, before)
        if low >= high:
            return Leafed((), low, low, None)
        known = _known(reader, sought)
        start = low if known is not None else max(low, high - SCAN)
        among = range(high - 1, start - 1, -1) if known is None else _among(known, low, high)
        fit = list(islice(_fitting(reader, sought, among), PAGE + 1))
        page = fit[:PAGE]
        stored = reader.entries_at(page)
    lines = tuple(Line(index, parse_entry(stored[index])) for index in page)
    if len(fit) > PAGE:
        return Leafed(lines, page[-1], high, page[-1])
    return Leafed(lines, start, high, start if start > low else None)


def first_received(reader: RegisterReader, moment: datetime, size: int) -> int:
    """The index of the first entry that was received at `moment` or later; `size` where there is none."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        entry = reader.entry(middle)
        if entry is not None and parse_time(time_of(entry)) < moment:
            low = middle + 1
        else:
            high = middle
    return low


def _range(reader: RegisterReader, sought: Sought) -> tuple[int, int]:
    """The indexes that can fit, the second left out."""
    size = reader.size()
    low, high = sought.first, size if sought.last is None else min(size, sought.last + 1)
    if sought.since is not None:
        low = max(low, first_received(reader, sought.since, size))
    if sought.until is not None:
        high = min(high, first_received(reader, sought.until, size))
    return low, high


def _known(reader: RegisterReader, sought: Sought) -> list[int] | None:
    """The entries that alone can fit, where an index leads to them; None where none does."""
    if sought.battery:
        return reader.history(sought.battery)
    if sought.kind in KINDS and KINDS[sought.kind].body is not None:
        query = select(_c.idx).where(_c.kind == sought.kind).limit(FEW + 1)
        found = list(reader.connection.execute(query).scalars())
        return found if len(found) <= FEW else None
    return None


def _among(known: Sequence[int], low: int, high: int) -> list[int]:
    return sorted((index for index in known if low <= index < high), reverse=True)


def _fitting(reader: RegisterReader, sought: Sought, among: Sequence[int]) -> Iterator[int]:
    """Those of the indexes, in their order, whose entries are of the kind and the organisation."""
    if not sought.kind and not sought.actor:
        yield from among
        return
    for start in range(0, len(among), CHUNK):
        some = among[start : start + CHUNK]
        told = _kinds_and_actors(reader, some)
        for index in some:
            kind, actor = told[index]
            if sought.kind in ("", kind) and sought.actor in ("", actor):
                yield index


def _kinds_and_actors(reader: RegisterReader, indexes: Sequence[int]) -> dict[int, tuple[str, str]]:
    """By index. Only events about batteries stand in the table of facets; the other entries are read."""
    if isinstance(indexes, range):
        query = select(_c.idx, _c.kind, _c.actor).where(_c.idx >= indexes[-1], _c.idx <= indexes[0])
        found = {row.idx: (row.kind, row.actor) for row in reader.connection.execute(query)}
    else:
        rows = bulk.select_rows(reader.connection, _c.idx, indexes)
        found = {row.idx: (row.kind, row.actor) for row in rows}
    for index, data in reader.entries_at([index for index in indexes if index not in found]).items():
        told = parse_entry(data).event
        found[index] = told.type, told.actor
    return found
