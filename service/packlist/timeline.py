"""What happened to a battery, newest first, a page at a time: for those who may see it whole with what was told.

Everybody else sees that an event of a public kind happened, as on the battery's own page. No proofs are made here: they
stand on the proof page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ledger.entry import Entry, parse_entry
from service.access import Caller
from service.accounted import entries_about
from service.db.listings import find_listings
from service.domain.events import KINDS
from service.domain.restricted import SUFFIX
from service.parties import PartyBook
from service.private.shown import show
from service.private.values import Cabinet
from service.work import Register, RegisterReader

PAGE = 30


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry. others: the batteries that it names beside this one. private: by field, with `value` or `erased`.

    others, body and private are empty for those who may not see it whole.
    """

    index: int
    kind: str
    actor: str
    occurred_at: datetime
    received_at: datetime
    others: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timeline:
    """count: of all entries that name the battery or list it. older: the index before which the next page begins.

    hidden: entries among those looked at whose kind is not public.
    """

    steps: tuple[Happened, ...]
    count: int
    older: int | None
    hidden: int
    last: int


def may_see_whole(register: Register, caller: Caller, code: str) -> bool:
    """Whether the caller sees the battery's events whole: see `service.parties`."""
    if "read" not in caller.scopes:
        return False
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        if registry.is_supervisor(caller.operator):
            return True
        return PartyBook(reader, registry).of(code).took_part(caller.operator)


def read_timeline(register: Register, code: str, *, whole: bool, before: int | None = None) -> Timeline:
    """A page of the life of the battery `code`, which is in the register."""
    with register.read() as reader:
        listed = find_listings(reader.connection, [code]).values()
        indexes = sorted({*listed, *entries_about(reader, code)})
        until = [index for index in indexes if before is None or index < before]
        page = until[-PAGE:][::-1]
        stored = reader.entries_at(page)
        entries = {index: parse_entry(stored[index]) for index in page}
        private = _private(register, reader, entries) if whole else {}
    steps = [_happened(index, entry, code, whole=whole) for index, entry in entries.items()]
    shown = [each for each in steps if whole or _is_public(each.kind)]
    return Timeline(
        steps=tuple(replace(each, private=private.get(each.index, {})) for each in shown),
        count=len(indexes),
        older=page[-1] if len(until) > PAGE else None,
        hidden=len(steps) - len(shown),
        last=indexes[-1] if indexes else -1,
    )


def _private(
    register: Register, reader: RegisterReader, entries: Mapping[int, Entry]
) -> dict[int, Mapping[str, Mapping[str, Any]]]:
    cabinet = Cabinet(reader.connection, register.vault)
    shown = show(cabinet, [entry.event for entry in entries.values()])
    return dict(zip(entries, shown, strict=True))


def _happened(index: int, entry: Entry, code: str, *, whole: bool) -> Happened:
    event = entry.event
    step = Happened(index, event.type, event.actor, event.occurred_at, entry.at)
    if not whole:
        return step
    body = {name: value for name, value in event.body.items() if not name.endswith(SUFFIX)}
    return replace(step, others=tuple(each for each in event.subjects if each != code), body=body)


def _is_public(kind: str) -> bool:
    known = KINDS.get(kind)
    return known is not None and known.public
