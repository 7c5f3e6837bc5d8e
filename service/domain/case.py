"""What a rule gets to look at: the event, what is recorded about its batteries, and what else is known."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from service.domain.accounting import Accounted
from service.domain.bodies import Dismantle, Licence, RegisterPack, Repair, SetStanding
from service.domain.events import Event, Kind
from service.domain.fields import Body
from service.domain.licences import NO_DAYS, LicenceDays
from service.domain.listing import Listing
from service.domain.materials.lots import Limits, Lot
from service.domain.states import BatteryState, Model

B = TypeVar("B", bound=Body)


class Undo(NamedTuple):
    """The state of a battery before its newest reversible event."""

    event_id: str
    before: BatteryState


_NONE: Mapping[str, Any] = MappingProxyType({})


class Facts(NamedTuple):
    """What the caller has looked up.

    roles: of the actor at the time of the event. states: of the event's subjects, those that exist, and of what they
    are built into, and of the packs in a vehicle that another goes into. models: the model the body names and those of
    the states (missing ones count as unknown). operators: ids of the enrolled operators. today: the date at the
    register, the last day a production or sale may have. licences: of the actor, None where none were told. fitted:
    codes of the packs in the vehicle that the event names. corrected: the event that a correction names, with its
    restricted values. undo: by code, what came before the newest reversible event. lots: by key, those that the batch
    takes in, and those that have the number of one it gives. limits: by code, what a battery without a model can hold,
    by what it was made of.
    taken: of the parts that a registration lists, one that is there already, with its state.
    listing: what such a registration lists, where that was worked out before.
    replaying: the event is an entry already, so that `rulebook.LATER` does not judge it.
    standings: by operator, the newest ruling of the authority, where there is one. authority: who runs the register.
    children: by code of a whole that keeps no list of its parts, those listed with it or built into it since; its parts
    are those of them whose state says so.
    licence_days: from when on the authority wants to be told of licences.
    uscc_holder: another operator that has the credit code an enrolment tells anew; None of entries that are replayed.
    """

    roles: frozenset[str]
    states: Mapping[str, BatteryState]
    models: Mapping[str, Model]
    operators: Container[str]
    received_at: datetime
    today: date
    licences: tuple[Licence, ...] | None = None
    fitted: frozenset[str] = frozenset()
    corrected: Event | None = None
    undo: Mapping[str, Undo] = _NONE
    lots: Mapping[str, Lot] = _NONE
    limits: Mapping[str, Limits] = _NONE
    taken: Mapping[str, BatteryState] = _NONE
    listing: Listing | None = None
    replaying: bool = False
    standings: Mapping[str, SetStanding] = _NONE
    authority: str = ""
    uscc_holder: str | None = None
    children: Mapping[str, tuple[str, ...]] = _NONE
    licence_days: LicenceDays = NO_DAYS


class Case(NamedTuple, Generic[B]):
    """parts: what each subject is to the event. states: of the subjects that exist already, in the same order.

    accounted: the parts in runs of the body, each with its state.

    Only the kinds in `effects.CREATORS` name a battery that does not exist yet, as their first subject.
    """

    event: Event
    kind: Kind
    body: B
    facts: Facts
    parts: tuple[str, ...]
    states: tuple[BatteryState, ...]
    accounted: tuple[tuple[Accounted, BatteryState], ...] = ()


def listing_of(case: Case[RegisterPack]) -> Listing:
    """What a registration of a pack lists."""
    event = case.event
    return case.facts.listing or Listing(event.subjects[0], event.actor, event.occurred_at, case.body)


def parts_of(event: Event, kind: Kind) -> tuple[str, ...]:
    """What each subject is to the event; "part" for one of a repair that its body does not name."""
    first, other = kind.parts
    body, others = event.body, event.subjects[1:]
    if type(body) is Repair:
        named = {body.removed: "removed", body.inserted: "inserted"}
        return (first, *(named.get(code, other) for code in others))
    if type(body) is Dismantle:
        return (first, *("missing" if code in body.missing else other for code in others))
    return (first, *(other for _ in others)) if event.subjects else ()
