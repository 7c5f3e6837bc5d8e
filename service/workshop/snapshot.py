"""The batteries that an organisation has to do with now, for a phone that will be without a network.

Found from what the organisation recorded last and from what was handed over to it, so the cost is bounded; a battery
that it has had for longer than that is looked up when there is a network.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from service.db.epcis_tables import event_facet
from service.domain.states import TERMINAL, BatteryState
from service.domain.wholes import seen_with_its_whole
from service.recording.listings import load_known
from service.recording.registry import Registry
from service.work import RegisterReader
from service.workshop.offers import kinds_now
from service.workshop.own_work import read_entries, walk_back
from service.workshop.verdict import Verdict, judge

MOST = 500
_GIVEN = 1_000
"""Hand-overs of the whole register that are looked at."""
_c = event_facet.c


@dataclass(frozen=True, slots=True)
class Expected:
    """One battery. kinds: what may be recorded about it, the usual one first."""

    state: BatteryState
    verdict: Verdict
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """size, checkpoint: of the register it was read from. complete: whether there are no more than these."""

    size: int
    checkpoint: bytes
    batteries: tuple[Expected, ...]
    complete: bool


def take_snapshot(reader: RegisterReader, registry: Registry, operator: str, now: datetime) -> Snapshot:
    """The newest MOST batteries that `operator` has in hand or that were handed over to it."""
    codes, whole = _codes(reader, operator)
    states = load_known(reader.connection, codes, registry.models)
    wholes = load_known(reader.connection, _parents(states), registry.models)
    mine = [
        seen_with_its_whole(states[code], wholes)
        for code in codes
        if code in states and _is_expected(states[code], operator)
    ]
    batteries = tuple(
        Expected(
            state,
            judge(state, operator),
            kinds_now(state, registry, operator, now),
        )
        for state in mine[:MOST]
    )
    return Snapshot(reader.size(), reader.checkpoint(), batteries, whole and len(mine) <= MOST)


def _codes(reader: RegisterReader, operator: str) -> tuple[list[str], bool]:
    """Candidates, newest first, and whether the walks came to their ends."""
    own = walk_back(reader, operator)
    query = select(_c.idx).where(_c.kind == "hand_over").order_by(_c.occurred.desc(), _c.idx.desc()).limit(_GIVEN)
    given = list(reader.connection.execute(query).scalars())
    handed = [each for each in read_entries(reader.connection, given) if each.body.get("to_operator") == operator]
    found = sorted((*own.done, *handed), key=lambda each: -each.index)
    codes = dict.fromkeys(code for each in found for code in each.codes)
    return list(codes)[: 4 * MOST], own.whole and len(given) < _GIVEN and len(codes) <= 4 * MOST


def _parents(states: dict[str, BatteryState]) -> list[str]:
    return sorted({state.parent for state in states.values() if state.parent is not None})


def _is_expected(state: BatteryState, operator: str) -> bool:
    return state.op_state not in TERMINAL and operator in (state.holder, state.handed_to)
