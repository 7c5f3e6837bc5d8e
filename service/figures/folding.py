"""Folding a stretch of entries: what it makes of the batteries it names, of the sums and of the lists.

All that has to be known is read first, in a few queries for the whole stretch; then the entries are taken in order, in
memory. What comes of a stretch depends on the entries up to its end alone: where stretches begin makes no difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row

from ledger.entry import format_time
from service.db import bulk
from service.db.figure_tables import figure_battery
from service.db.store import SqlReader
from service.domain.corrections import REVERSIBLE
from service.domain.events import KINDS
from service.domain.licences import NEEDED
from service.domain.listing import first_state
from service.domain.states import BatteryState, Model
from service.domain.words import CorrectionReason
from service.figures.lives import Life, Told, begin, borders_of, corrected, is_made, moved, parts_of, steps_of
from service.figures.measuring import MEASURING, Measurement, is_told_anew, measured
from service.figures.noticing import REMEASURED, Item, ItemBook, batch_of, lots_of, shortfall_of
from service.figures.resembling import Lookalikes
from service.figures.tally import Tally, add, day_of
from service.recording.listings import find_listed

CORRECT = "correct"
TAKING_IN = frozenset({"collect", "receive"})
COUNTED = frozenset(kind for need in NEEDED for kind in need.kinds) | TAKING_IN
"""Kinds whose events are counted by day and actor: they need a licence, or show that an outlet is active."""
_WAS = ("state", "resumes", "holder", "mass_g", "energy_wh", "last_at", "waste")


@dataclass(slots=True)
class Folded:
    """What a stretch comes to. lives: those that changed, as they are now. at: when its last entry was recorded."""

    size: int
    at: str = ""
    lives: dict[str, Life] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    added: dict[tuple[str, int, str], Item] = field(default_factory=dict)
    removed: dict[tuple[str, int, str], Item] = field(default_factory=dict)
    prefixes: set[str] = field(default_factory=set)
    measurements: list[Measurement] = field(default_factory=list)


class Source(NamedTuple):
    """Where a stretch is read: the entries, and what is folded of those before. models: all that are published."""

    entries: SqlReader
    folded: Connection
    models: Mapping[str, Model]
    lookalikes: Lookalikes


def fold(source: Source, first: int, entries: Sequence[bytes]) -> Folded:
    """Fold `entries`, the first of which is entry `first`. Everything before is folded in `source`."""
    parsed = [_parse(first + n, data) for n, data in enumerate(entries)]
    work = _Work(source, Folded(first + len(entries)), parsed)
    for told in parsed:
        if told.kind == CORRECT:
            work.correct(told)
        else:
            work.take_in(told)
    work.settle()
    if entries:
        work.done.at = orjson.loads(entries[-1])["log"]["at"]
    return work.done


def _parse(index: int, data: bytes) -> Told:
    event = orjson.loads(data)["event"]
    kind, subjects, body = event["type"], event["subjects"], event["body"]
    return Told(event["id"], index, kind, event["actor"], event["occurred_at"], subjects,
                parts_of(kind, subjects, body), body)  # fmt: skip


class _Work:
    """One stretch at work."""

    def __init__(self, source: Source, done: Folded, parsed: Sequence[Told]) -> None:
        self._source, self.done = source, done
        self._corrected = _find_corrected(source.entries, parsed)
        made = [told for told in parsed if told.subjects and is_made(told.kind, told.parts[0])]
        source.lookalikes.learn(told.subjects[0] for told in made)
        done.prefixes = source.lookalikes.take_new()
        named = {code for told in parsed for code, _ in steps_of(told)}
        alike = {code for told in made for code in source.lookalikes.of(told.subjects[0])}
        self._lives = self._before = load_lives(source.folded, sorted(named | alike))
        self._lives = dict(self._before)
        self._items = ItemBook(source.folded, done.added, done.removed)
        self._begin_listed(named - self._before.keys() - {told.subjects[0] for told in made})

    def take_in(self, told: Told) -> None:
        """Fold an entry that is no correction."""
        tally, kind = self.done.tally, told.kind
        if kind in COUNTED:
            add(tally.act, (told.actor, kind, day_of(told.at)), (1,))
        if kind == "recycle":
            lots_of(told, tally)
            self._items.add(batch_of(told))
        if not told.subjects:
            return
        lives = self._lives
        month = day_of(told.at)[:7]
        others = {code: lives[code] for code in told.subjects if code in lives}
        if kind in TAKING_IN and (item := shortfall_of(told, others)):
            self._items.add(item)
        if crossed := borders_of(told):
            for code in told.subjects:
                tally.ship(lives[code], crossed, month, told.actor)
        for code, part in steps_of(told):
            if is_made(kind, part):
                life = lives[code] = begin(told)
                tally.step(None, life, month, told.actor)
                self._compare(told, life)
            elif (life := lives[code]) and (after := moved(told, part, life, others)) != life:
                tally.step(life, after, month, told.actor)
                lives[code] = after
            if kind in REVERSIBLE:
                lives[code] = lives[code]._replace(undo=_undo(told, others[code]))
        if kind in MEASURING:
            self.done.measurements += measured(told, told.body, lives[told.subjects[0]])
        elif kind == "approve_void":
            self._items.forget_near(told.subjects[0], lives[told.subjects[0]].maker)

    def correct(self, told: Told) -> None:
        """Fold a correction: what did not occur is taken back, a value that was told anew is exchanged."""
        wrong = self._corrected.get(told.body["event_id"])
        if wrong is None:
            return
        if told.body["reason"] == CorrectionReason.DID_NOT_OCCUR:
            self._take_back(wrong)
            return
        if not wrong.subjects:
            return
        code = wrong.subjects[0]
        life = self._lives[code]
        after = corrected(wrong, told.body, life)
        if after != life:
            self.done.tally.step(life, after, day_of(wrong.at)[:7], wrong.actor)
            self._lives[code] = after
        if wrong.kind in TAKING_IN and "mass_g" in told.body:
            self._items.weigh_again(wrong, told.body["mass_g"], _weight_before(wrong, life))
        if wrong.kind in MEASURING and is_told_anew(wrong.kind, told.body):
            self.done.measurements += measured(wrong, self._last_told(wrong), life, sign=-1)
            self.done.measurements += measured(wrong, told.body, life)
            self._items.add(Item(REMEASURED, wrong.index, code, wrong.actor, "", "", told.index, 0))

    def settle(self) -> None:
        """Work out the stock, and which batteries changed."""
        for code, life in self._lives.items():
            before = self._before.get(code)
            if life is not before and life != before:
                self.done.lives[code] = life
                self.done.tally.settle(before, life)

    def _take_back(self, wrong: Told) -> None:
        if wrong.kind in COUNTED:
            add(self.done.tally.act, (wrong.actor, wrong.kind, day_of(wrong.at)), (-1,))
        if wrong.kind in TAKING_IN:
            self._items.forget("shortfall", wrong.index, wrong.subjects[0])
        month = day_of(wrong.at)[:7]
        if wrong.kind in MEASURING:
            life = self._lives[wrong.subjects[0]]
            self.done.measurements += measured(wrong, self._last_told(wrong), life, sign=-1)
        for code in wrong.subjects:
            life = self._lives[code]
            undo = orjson.loads(life.undo) if life.undo else {}
            if undo.get("id") == wrong.id:
                before = life._replace(undo=None, **undo["was"])
                self.done.tally.step(before, life, month, wrong.actor, -1)
                if crossed := borders_of(wrong):
                    self.done.tally.ship(before, crossed, month, wrong.actor, -1)
                self._lives[code] = before

    def _last_told(self, wrong: Told) -> Mapping[str, Any]:
        """The body that told the newest value of a measurement: of the event, or of its last correction."""
        item = self._items.forget(REMEASURED, wrong.index, wrong.subjects[0])
        if item is None:
            return wrong.body
        [data] = self._source.entries.entries_at([item.amount_g]).values()
        return _parse(item.amount_g, data).body

    def _begin_listed(self, codes: set[str]) -> None:
        """A part that the registration of a pack lists is a battery of its own from the first event that names it."""
        for code, listed in find_listed(self._source.entries.connection, sorted(codes)).items():
            life = _life_of(first_state(listed.listing, code, self._source.models))
            self._lives[code] = life
            self.done.tally.step(None, life, day_of(life.last_at)[:7], life.maker)

    def _compare(self, told: Told, life: Life) -> None:
        for code in self._source.lookalikes.of(life.code):
            other = self._lives.get(code)
            if other is not None and other.model == life.model and other.state != "VOIDED":
                month = day_of(told.at)[:7]
                self._items.add(Item("near", told.index, life.code, life.maker, code, month, 0, 0))


def load_lives(connection: Connection, codes: Sequence[str]) -> dict[str, Life]:
    """The batteries of these codes that are folded, by code."""
    return {row.code: _life(row) for row in bulk.select_rows(connection, figure_battery.c.code, codes)}


def _life(row: Row[Any]) -> Life:
    life = Life(*tuple(row))
    return life if life.undo is None else life._replace(undo=bytes(life.undo))


def _life_of(state: BatteryState) -> Life:
    return Life(
        state.code, state.op_state.value, "", state.holder, state.maker, state.model_id or "", state.mass_g,
        state.energy_wh, state.made_on.isoformat(), format_time(state.last_occurred_at),
    )  # fmt: skip


def _undo(told: Told, before: Life) -> bytes:
    was = {name: getattr(before, name) for name in _WAS}
    return orjson.dumps({"id": told.id, "was": was})


def _weight_before(wrong: Told, life: Life) -> int | None:
    """What a battery was taken to weigh before the event, where that is still known."""
    undo = orjson.loads(life.undo) if life.undo else {}
    return undo["was"]["mass_g"] if undo.get("id") == wrong.id and len(wrong.subjects) == 1 else None


def _find_corrected(reader: SqlReader, parsed: Sequence[Told]) -> dict[str, Told]:
    """By id, the events that corrections of this stretch name."""
    ids = {told.body["event_id"] for told in parsed if told.kind == CORRECT}
    if not ids:
        return {}
    places = reader.find(sorted(ids))
    told = [_parse(index, data) for index, data in reader.entries_at(sorted(places.values())).items()]
    return {each.id: each for each in told if each.kind in KINDS}
