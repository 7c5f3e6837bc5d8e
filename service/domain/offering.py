"""What may be recorded about a battery now, before anything is told: the rules are asked with a body that says nothing.

A rule that looks only at the battery, at who acts or at the time gives its answer. One that wants to read what will be
told cannot be asked yet, and stands in nobody's way; it is asked when the event is recorded. So there is one set of
rules, and no list here of what each of them needs.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn

from service.domain.breaches import breach
from service.domain.case import Case, Facts
from service.domain.effects import CREATORS
from service.domain.errors import DomainError, RuleBreach
from service.domain.events import KINDS, Event
from service.domain.fields import Body
from service.domain.lifecycle import TRANSITIONS, Transition, decide
from service.domain.rulebook import RULEBOOK
from service.domain.states import UNKNOWN_VEHICLE, BatteryState

SOMEBODY = ""
"""An operator that has nothing to do with the battery."""
_TABLE: dict[tuple[str, str], Transition] = {(row.kind, row.part): row for row in TRANSITIONS}


class _UntoldError(Exception):
    """Somebody read what is not told yet."""


def hindrance(kind: str, place: int, state: BatteryState, facts: Facts, actor: str) -> RuleBreach | None:
    """Why `actor` cannot record such an event about this battery now, whatever else it says; None where it may try.

    place: 0 where the battery is the first that the event names, 1 where it is one of the others.
    """
    row = _TABLE.get((kind, KINDS[kind].parts[place]))
    event = Event("", kind, actor, facts.received_at, _subjects(kind, place, state), _untold(kind), UNKNOWN_VEHICLE)
    found = _asked(lambda: decide(event, facts), place)
    if found is None and (row is None or state.op_state not in row.before):
        allowed = ", ".join(sorted(row.before)) if row else "-"
        words = {"code": state.code, "state": state.op_state.value, "allowed": allowed}
        return breach("state", f"/subjects/{place}", current=state, **words)
    return found or _first_breach(event, state, facts, place)


def roles_that_could(kind: str, place: int, state: BatteryState, facts: Facts) -> frozenset[str]:
    """The roles of which one at least is needed for it, where the battery itself is fit for it; else none."""
    roles = KINDS[kind].roles
    open_to_all = facts._replace(roles=roles, licences=None)
    could = any(hindrance(kind, place, state, open_to_all, actor) is None for actor in (state.holder, SOMEBODY))
    return frozenset(roles) if could else frozenset()


def before_states(kind: str, place: int) -> frozenset[str]:
    """The states from which the battery can take this part in such an event."""
    row = _TABLE.get((kind, KINDS[kind].parts[place]))
    return frozenset(row.before) if row else frozenset()


def moves(kind: str, place: int, state: BatteryState) -> bool:
    """Whether the battery would change its state by it."""
    row = _TABLE.get((kind, KINDS[kind].parts[place]))
    return row is not None and row.after not in (None, state.op_state)


def _subjects(kind: str, place: int, state: BatteryState) -> tuple[str, ...]:
    """The battery in its place; nothing where another one is needed that nobody has named yet."""
    if place:
        return ("", state.code)
    return (state.code,) if KINDS[kind].subjects.minimum < 2 else (state.code, "")


def _first_breach(event: Event, state: BatteryState, facts: Facts, place: int) -> RuleBreach | None:
    kind = KINDS[event.kind]
    parts = (kind.parts[0], *(kind.parts[1] for _ in event.subjects[1:]))
    creates = (event.kind, kind.parts[0]) in CREATORS
    states = (state,) if creates else (state,) * len(event.subjects)  # it stands in for the other, of which none speaks
    case: Case[Any] = Case(event, kind, event.body, facts, parts, states)
    for rule in RULEBOOK.get(event.kind, ()):
        found = _asked(lambda rule=rule: rule(case), place)
        if found is not None:
            return found
    return None


def _asked(ask: Any, place: int) -> RuleBreach | None:
    """What a rule objects to in the battery or the actor; its other objections are to what is not there yet."""
    try:
        ask()
    except RuleBreach as found:
        return found if found.pointer in ("/actor", f"/subjects/{place}") else None
    except (_UntoldError, DomainError):
        pass
    return None


@cache
def _untold(kind: str) -> Body:
    """A body of this kind that nobody has filled in."""

    def refuse(_self: Body, _name: str) -> NoReturn:
        raise _UntoldError

    of = KINDS[kind].body
    assert of is not None
    made = type("Untold", (of,), {"__slots__": (), "__getattribute__": refuse})
    return object.__new__(made)
