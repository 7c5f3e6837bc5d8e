"""Restricted values on their way out: beside an entry, for those who may see them, each with its salt.

With value and salt the reader can check the commitment in the entry. Of a value that was erased it is said that it was.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ledger.entry import Event, format_hash, parse_entry
from service.domain.restricted import Audience, restricted_in
from service.history import History
from service.private.commitments import Private, commitments_of
from service.private.values import Cabinet, find, find_rows
from service.work import Register

Shown = Mapping[str, Mapping[str, Any]]
"""By field: value and salt, or `erased`."""


def disclose(register: Register, history: History) -> History:
    """The history with the restricted values, for those who may see all of it."""
    with register.read() as reader:
        cabinet = Cabinet(reader.connection, register.vault)
        [state] = cabinet.open_states({history.now.code: history.now.state}).values()
        shown = show(cabinet, [parse_entry(step.entry).event for step in history.steps])
    steps = tuple(replace(step, private=each) for step, each in zip(history.steps, shown, strict=True))
    return replace(history, now=replace(history.now, state=state), steps=steps)


def private_beside(register: Register, entry: bytes) -> Shown:
    """The restricted values of one entry, for those who may see it."""
    with register.read() as reader:
        return show(Cabinet(reader.connection, register.vault), [parse_entry(entry).event])[0]


def show(cabinet: Cabinet, events: list[Event]) -> list[Shown]:
    """The restricted values of each of these events, for those who may see them: two look-ups for all."""
    named = [
        {n: c for n, c in commitments_of(e).items() if restricted_in(e.type)[n].audience is Audience.INTEREST}
        for e in events
    ]
    wanted = [commitment for each in named for commitment in each.values()]
    found = find(cabinet.connection, cabinet.vault, wanted) if cabinet.vault else {}
    erased = {bytes(row.commitment) for row in find_rows(cabinet.connection, wanted) if row.sealed is None}
    return [{n: _row(found.get(c)) for n, c in each.items() if c in found or c in erased} for each in named]


def _row(private: Private | None) -> Mapping[str, Any]:
    if private is None:
        return {"erased": True}
    return {"value": private.value, "salt": format_hash(private.salt)}
