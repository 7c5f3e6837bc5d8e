"""The entries that a passport is composed from, read and opened as far as the reader may see.

As of now they are the few that `passport_source` names. As of an earlier day, or where one of them was declared not to
have happened, all entries of the battery are walked through.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ledger.entry import Entry, format_time, parse_entry
from service.domain.passport.composing import Told
from service.domain.restricted import Audience, find_commitments, restricted_in
from service.domain.words import CorrectionReason, Market
from service.passports.slots import CREATING, SLOTS, Source, fill, load_sources, source_for
from service.private.commitments import commitments_of
from service.private.values import Cabinet, find
from service.work import RegisterReader

CORRECT = "correct"
PUBLIC_KINDS = CREATING | {"place_on_market", "sell", CORRECT}
"""What part 1 needs. The others tell of the individual battery as it lives: part 4."""
_OF_CORRECTIONS = frozenset({"event_id", "reason", "note"})


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the entries of a battery tell for its passport; each None or empty where nothing was told."""

    registered: Told | None = None
    placed: Told | None = None
    sold: Told | None = None
    measured: Sequence[Told] = ()
    charge: Told | None = None
    incidents: Sequence[Told] = ()


def gather(reader: RegisterReader, cabinet: Cabinet, code: str, *, whole: bool, at: datetime | None = None) -> Gathered:
    """What the entries of battery `code` tell, up to those recorded `at`. whole: part 4 too."""
    slots = _slots_at(reader, code, at) if at else load_sources(reader.connection, [code])[code]
    entries = _entries(reader, slots, whole=whole)
    undone = _undone(entries)
    if undone:
        slots = _slots_at(reader, code, at, without=undone)
        entries = _entries(reader, slots, whole=whole)
    told = _told(cabinet, entries, code, whole=whole)
    by_kind: dict[str, list[Told]] = {}
    for index, entry in entries.items():
        by_kind.setdefault(entry.event.type, []).append(told[index])
    return Gathered(
        registered=_one(each for kind in CREATING for each in by_kind.get(kind, ())),
        placed=_market(by_kind.get("place_on_market", ())),
        sold=_one(by_kind.get("sell", ())),
        measured=[*by_kind.get("report_soh", ()), *by_kind.get("test", ()), *_at_swaps(by_kind.get("swap", ()))],
        charge=_one(by_kind.get("swap", ())),
        incidents=by_kind.get("report_incident", []),
    )


def _slots_at(
    reader: RegisterReader, code: str, at: datetime | None, *, without: Collection[str] = ()
) -> dict[str, Source]:
    slots: dict[str, Source] = {}
    indexes = reader.history(code)
    entries = reader.entries_at(indexes)
    for index in indexes:
        entry = parse_entry(entries[index])
        if (at is not None and entry.at > at) or entry.event.id in without:
            continue
        event = entry.event
        if event.type in CREATING and event.subjects[0] != code:
            continue
        source = source_for(code, event.type, index, format_time(event.occurred_at))
        if source is not None:
            fill(slots, source)
    return slots


def _entries(reader: RegisterReader, slots: Mapping[str, Source], *, whole: bool) -> dict[int, Entry]:
    kinds = SLOTS.keys() if whole else PUBLIC_KINDS
    indexes = sorted({each.idx for each in slots.values() if each.kind in kinds})
    return {index: parse_entry(data) for index, data in reader.entries_at(indexes).items()}


def _undone(entries: Mapping[int, Entry]) -> frozenset[str]:
    """The ids of events that a correction says did not occur."""
    bodies = [entry.event.body for entry in entries.values() if entry.event.type == CORRECT]
    return frozenset(body["event_id"] for body in bodies if body["reason"] == CorrectionReason.DID_NOT_OCCUR.value)


def _told(cabinet: Cabinet, entries: Mapping[int, Entry], code: str, *, whole: bool) -> dict[int, Told]:
    """Each entry as it was told, with what was corrected since."""
    values = _values(cabinet, entries, whole=whole)
    changed: dict[str, dict[str, Any]] = {}
    for index, entry in sorted(entries.items()):
        if entry.event.type == CORRECT:
            news = {name: value for name, value in values[index].items() if name not in _OF_CORRECTIONS}
            changed.setdefault(str(entry.event.body["event_id"]), {}).update(news)
    told = {}
    for index, entry in entries.items():
        event = entry.event
        found = values[index] | changed.get(event.id, {})
        if event.type == "swap":
            side = "out" if event.subjects[0] == code else "in"
            ours = {"soc_ppm": f"soc_{side}_ppm", "soce_ppm": f"soce_{side}_ppm"}
            found = {name: found[field] for name, field in ours.items() if field in found}
        told[index] = Told(found, event.occurred_at, event.actor, index)
    return told


def _values(cabinet: Cabinet, entries: Mapping[int, Entry], *, whole: bool) -> dict[int, dict[str, Any]]:
    """The fields of each entry's body: plain ones, and for who may see part 4 the restricted ones that are there."""
    wanted: dict[int, dict[str, bytes]] = {}
    for index, entry in entries.items():
        kind = entry.event.type
        shown = {name for name, row in restricted_in(kind).items() if row.audience is Audience.INTEREST}
        wanted[index] = {n: c for n, c in commitments_of(entry.event).items() if n in shown} if whole else {}
    commitments = [each for named in wanted.values() for each in named.values()]
    known = find(cabinet.connection, cabinet.vault, commitments) if cabinet.vault and commitments else {}
    values = {}
    for index, entry in entries.items():
        event = entry.event
        hidden = {f"{name}_commitment" for name in find_commitments(event.type, event.body)}
        plain = {name: value for name, value in event.body.items() if name not in hidden}
        if not whole:
            plain = {name: value for name, value in plain.items() if name not in restricted_in(event.type)}
        values[index] = plain | {n: known[c].value for n, c in wanted[index].items() if c in known}
    return values


def _one(told: Iterable[Told]) -> Told | None:
    return next(iter(told), None)


def _at_swaps(swaps: Iterable[Told]) -> list[Told]:
    """The health that swaps told. Their charge is a data point of its own."""
    told = [each for each in swaps if "soce_ppm" in each.values]
    return [replace(each, values={"soce_ppm": each.values["soce_ppm"], "method": "swap"}) for each in told]


def _market(placings: Sequence[Told]) -> Told | None:
    """The newest placing on the market of the Union, or else on any."""
    union = [each for each in placings if each.values.get("market") == Market.EU.value]
    return max(union or placings, key=lambda each: (each.at, each.index), default=None)
