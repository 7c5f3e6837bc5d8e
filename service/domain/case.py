"""What a rule gets to look at: the event, what is recorded about its batteries, and what else is known."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar

from service.domain.bodies import Dismantle, Repair
from service.domain.events import Event, Kind
from service.domain.fields import Body
from service.domain.states import BatteryState, Model

B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the caller has looked up.

    roles: of the actor at the time of the event. states: of the event's subjects, those that exist. models: the model
    the body names and those of the states (missing ones count as unknown). operators: ids of the enrolled operators.
    today: the date at the register, the last day a production or sale may have.
    """

    roles: frozenset[str]
    states: Mapping[str, BatteryState]
    models: Mapping[str, Model]
    operators: Container[str]
    received_at: datetime
    today: date


class Case(NamedTuple, Generic[B]):
    """parts: what each subject is to the event. states: of the subjects that exist already, in the same order.

    Only `register` (its one subject) and `repurpose` (its first) name a battery that does not exist yet.
    """

    event: Event
    kind: Kind
    body: B
    facts: Facts
    parts: tuple[str, ...]
    states: tuple[BatteryState, ...]


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
