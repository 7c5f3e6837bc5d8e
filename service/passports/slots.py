"""From which entries of a battery its passport takes values: kept as entries come, so that a passport is read from few.

Of most kinds only the newest or the first counts, by the time it happened, so that what is told late turns nothing
back. Of some each one counts. The table follows from the entries and is rebuilt with the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.entry import format_time
from service.db import bulk
from service.db.passport_tables import passport_source
from service.domain.events import Event


class Keep(Enum):
    NEWEST = "newest"
    FIRST = "first"
    EACH = "each"


SLOTS: Mapping[str, Keep] = {
    "register": Keep.FIRST,
    "register_pack": Keep.FIRST,
    "prepare_reuse": Keep.FIRST,
    "repurpose": Keep.FIRST,
    "remanufacture": Keep.FIRST,
    "place_on_market": Keep.EACH,
    "sell": Keep.FIRST,
    "report_soh": Keep.NEWEST,
    "test": Keep.NEWEST,
    "swap": Keep.NEWEST,
    "report_incident": Keep.EACH,
    "correct": Keep.EACH,
    "recycle": Keep.NEWEST,
}
"""By kind of event: which of several counts."""
CREATING = frozenset({"register", "register_pack", "prepare_reuse", "repurpose", "remanufacture"})
"""Bring the first battery that they name into being."""
CELL = "C"


class Source(NamedTuple):
    """One row: `slot` of battery `code` is filled by entry `idx`, which tells what happened `at`."""

    code: str
    slot: str
    idx: int
    at: str

    @property
    def kind(self) -> str:
        return self.slot.partition(":")[0]


def source_of(code: str, event: Event, index: int) -> Source | None:
    """The row that an event makes for one of its batteries; None where a passport takes nothing from it."""
    if event.kind in CREATING and event.subjects[0] != code:
        return None
    return source_for(code, event.kind, index, format_time(event.occurred_at))


def source_for(code: str, kind: str, index: int, at: str) -> Source | None:
    """The row of an entry of this `kind`, which happened `at`. A single cell has no passport."""
    keep = SLOTS.get(kind)
    if keep is None or code[3] == CELL:
        return None
    return Source(code, f"{kind}:{index}" if keep is Keep.EACH else kind, index, at)


def fill(slots: dict[str, Source], source: Source) -> None:
    """Take a row in, if it is to take the place of the one there."""
    there = slots.get(source.slot)
    keep = SLOTS[source.kind]
    if there is not None and keep is Keep.NEWEST and source.at < there.at:
        return
    if there is not None and keep is Keep.FIRST and source.at >= there.at:
        return
    slots[source.slot] = source


def load_sources(connection: Connection, codes: Sequence[str]) -> dict[str, dict[str, Source]]:
    """The rows of these batteries, by code and slot."""
    found: dict[str, dict[str, Source]] = {code: {} for code in codes}
    for row in bulk.select_rows(connection, passport_source.c.code, list(codes)):
        found[row.code][row.slot] = Source(row.code, row.slot, row.idx, row.at)
    return found


def save_sources(connection: Connection, sources: Iterable[Source], *, created: frozenset[str]) -> None:
    """Store the rows of a commit, in the order of its entries. `created`: batteries that had none before."""
    given = list(sources)
    if not given:
        return
    before = load_sources(connection, sorted({each.code for each in given} - created))
    after = {code: dict(slots) for code, slots in before.items()}
    for source in given:
        fill(after.setdefault(source.code, {}), source)
    rows = [
        tuple(source)
        for code, slots in after.items()
        for slot, source in slots.items()
        if before.get(code, {}).get(slot) != source
    ]
    bulk.writer(connection).upsert(passport_source, rows)
