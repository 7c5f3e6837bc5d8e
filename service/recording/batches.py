"""Recycling batches of a commit: the lots they take and give, and what they add to the sums of recovery."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from service.db import batches as stored
from service.db.views import load_states
from service.domain.bodies import Recycle
from service.domain.case import Facts
from service.domain.events import Event
from service.domain.materials.batch import Maker, key_of, limits_of, settle
from service.domain.materials.lots import NO_LIMITS, Limits, Lot, lot_key
from service.domain.recovery.sums import Key, Sum, sums_of
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState, Model

MOST_ORIGINS = 4096
"""So many origins are looked at for one batch."""
Sums = dict[tuple[str, str], dict[Key, Sum]]


@dataclass(frozen=True, slots=True)
class BatchMark:
    """A point to go back to."""

    lots: dict[str, Lot]
    changed: frozenset[str]
    sums: Sums


class BatchBook:
    """What the batches of a commit change, from event to event."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lots: dict[str, Lot] = {}
        self._asked: set[str] = set()
        self._changed: set[str] = set()
        self._sums: Sums = {}

    @property
    def lots(self) -> Mapping[str, Lot]:
        """By key, those of the lots looked up that are there."""
        return self._lots

    def look_up(self, events: Iterable[Event]) -> None:
        """Learn which of the lots that these events name are there; each is asked for once."""
        keys = {key for event in events if type(event.body) is Recycle for key in _keys(event.actor, event.body)}
        new = sorted(keys - self._asked)
        if new:
            self._lots.update(stored.load_lots(self._connection, new))
            self._asked.update(new)

    def limits(
        self, event: Event, states: Mapping[str, BatteryState], models: Mapping[str, Model]
    ) -> Mapping[str, Limits]:
        """By code, what the batteries of a batch that have no model can hold, by what they were made of, life by life.

        One query for each life before. Nothing is asked for an event that recycles none of these.
        """
        if type(event.body) is not Recycle:
            return NO_LIMITS
        made = [state for code in event.subjects if (state := states.get(code)) and _is_made_of_others(state)]
        known = {state.code: state for state in made}
        wanted = {code for state in made for code in state.derived_from}
        while wanted and len(known) < MOST_ORIGINS:
            found = {code: states[code] for code in wanted if code in states}
            found |= load_states(self._connection, sorted(wanted - found.keys()))
            known |= found
            wanted = {code for state in found.values() if _is_made_of_others(state) for code in state.derived_from}
            wanted -= known.keys()
        return {state.code: _limits(state, known, models) for state in made}

    def file(self, event: Event, facts: Facts, index: int) -> None:
        """Take in an accepted event, judged by `facts`, as entry `index`. What is no batch changes nothing."""
        body = event.body
        if type(body) is not Recycle:
            return
        states = [facts.states[code] for code in event.subjects]
        batteries = [(state, facts.models.get(state.model_id) if state.model_id else None) for state in states]
        settled = settle(Maker(event.actor, event.occurred_at, index), body, batteries, self._lots, facts.limits)
        self._lots.update((lot.key, lot) for lot in settled.lots)
        self._changed.update(lot.key for lot in settled.lots)
        month = f"{body.done_on or date_in_china(event.occurred_at):%Y-%m}"
        sums = self._sums.setdefault((event.actor, month), {})
        for key, amount in sums_of(event.actor, body, settled.inputs, settled.yields).items():
            sums[key] = sums.get(key, Sum()).plus(amount)

    def save(self, connection: Connection) -> None:
        """Store what the accepted batches changed."""
        if self._changed:
            stored.save_lots(connection, (self._lots[key] for key in sorted(self._changed)))
            stored.add_sums(connection, self._sums)

    def mark(self) -> BatchMark:
        """Remember the present point."""
        return BatchMark(dict(self._lots), frozenset(self._changed), _copied(self._sums))

    def back_to(self, mark: BatchMark) -> None:
        """Forget what was filed since."""
        self._lots, self._changed, self._sums = dict(mark.lots), set(mark.changed), _copied(mark.sums)


def _is_made_of_others(state: BatteryState) -> bool:
    return state.model_id is None and bool(state.derived_from)


def _limits(state: BatteryState, known: Mapping[str, BatteryState], models: Mapping[str, Model]) -> Limits:
    """Origins that were not looked up, because there are too many, leave the mass as the limit."""
    model = models.get(state.model_id) if state.model_id else None
    if not _is_made_of_others(state) or any(code not in known for code in state.derived_from):
        return limits_of(state, model)
    return limits_of(state, model, [_limits(known[code], known, models) for code in state.derived_from])


def _copied(sums: Sums) -> Sums:
    return {where: dict(amounts) for where, amounts in sums.items()}


def _keys(actor: str, body: Recycle) -> Iterable[str]:
    """The lots that a batch takes in, and those it gives, which may be there already."""
    yield from map(key_of, body.input_lots or ())
    yield from (lot_key(actor, output.material, output.lot) for output in body.outputs)
