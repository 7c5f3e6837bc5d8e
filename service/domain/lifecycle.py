"""What an event does to the batteries it names: the lifecycle as a table, and `decide`, which reads it.

A battery moves from one `op_state` to the next only along a row of TRANSITIONS. A row without from-states creates the
battery. A later kind of event adds rows here, rules to `rulebook.RULEBOOK` and effects to `effects.EFFECTS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from service.domain.breaches import breach
from service.domain.case import Case, Facts, parts_of
from service.domain.effects import CREATORS, EFFECTS, committed_after
from service.domain.events import KINDS, Event, Kind
from service.domain.rulebook import RULEBOOK
from service.domain.rules_use import date_in_china
from service.domain.states import TERMINAL, BatteryState, LifeStatus, OpState, PassportStatus

CLOCK_SKEW = timedelta(minutes=5)  # Conservation rule 6: event time <= record time + skew


AFTERLIFE = frozenset({"erase_values"})
"""Kinds of events that may follow the end of a life: the duty to erase does not end with it."""


class Transition(NamedTuple):
    """One row: a `part` of a `kind` event goes from one of `before` to `after` (None: stays as it is).

    before: empty where the event creates the battery. life, passport: new values, None: unchanged.
    holds: whether the actor has the battery in hand afterwards.
    """

    kind: str
    part: str
    before: frozenset[OpState]
    after: OpState | None
    source: str
    life: LifeStatus | None = None
    passport: PassportStatus | None = None
    holds: bool = True


_S = OpState
_CN = "MIIT Order 73, Art. 12"
_SERVING = frozenset({_S.INSTALLED, _S.IN_USE, _S.IN_SWAP_POOL})
_FREE = frozenset({_S.REGISTERED, _S.ASSEMBLED, _S.IN_SWAP_POOL, _S.REMOVED})
_LIVE = _SERVING | _FREE

TRANSITIONS: tuple[Transition, ...] = (
    Transition("register", "subject", frozenset(), _S.REGISTERED, _CN, LifeStatus.ORIGINAL, PassportStatus.DRAFT),
    Transition("assemble", "parent", frozenset({_S.REGISTERED}), _S.ASSEMBLED, "GB/T 34014-2017, 4.1"),
    Transition("assemble", "child", frozenset({_S.REGISTERED, _S.ASSEMBLED}), _S.ASSEMBLED, "GB/T 34014-2017, 4.1"),
    Transition("install", "subject", _FREE, _S.INSTALLED, _CN),
    Transition("sell", "subject", frozenset({_S.INSTALLED}), _S.IN_USE, _CN),
    Transition("report_soh", "subject", _LIVE, None, "Regulation (EU) 2023/1542, Art. 14", holds=False),
    Transition("repair", "subject", _SERVING, None, _CN),
    Transition("repair", "removed", frozenset({_S.ASSEMBLED}), _S.REMOVED, _CN),
    Transition("repair", "inserted", frozenset({_S.REGISTERED, _S.ASSEMBLED, _S.REMOVED}), _S.ASSEMBLED, _CN),
    Transition("swap", "out", frozenset({_S.INSTALLED, _S.IN_USE}), _S.IN_SWAP_POOL, _CN),
    Transition("swap", "in", _FREE, _S.IN_USE, _CN),
    Transition("retire", "subject", _LIVE, _S.RETIRED, _CN),
    Transition("collect", "subject", frozenset({_S.RETIRED}), _S.COLLECTED, "MIIT Order 73, Art. 24", LifeStatus.WASTE),
    Transition("test", "subject", frozenset({_S.RETIRED, _S.COLLECTED, _S.TESTED}), _S.TESTED, "GB/T 34015-2017"),
    Transition(
        "dismantle",
        "subject",
        frozenset({_S.COLLECTED, _S.TESTED}),
        _S.DISMANTLED,
        "GB/T 33598-2017",
        LifeStatus.WASTE,
        PassportStatus.ARCHIVED,
    ),
    Transition("dismantle", "module", frozenset({_S.ASSEMBLED}), _S.COLLECTED, "GB/T 33598-2017", LifeStatus.WASTE),
    Transition("dismantle", "missing", frozenset({_S.ASSEMBLED}), _S.LOST, "Conservation rule 3", holds=False),
    Transition("repurpose", "output", frozenset(), _S.REGISTERED, "Regulation (EU) 2023/1542, Art. 73"),
    Transition(
        "repurpose",
        "input",
        frozenset({_S.TESTED, _S.REGISTERED}),
        _S.CONSUMED,
        "Regulation (EU) 2023/1542, Art. 73",
        passport=PassportStatus.ARCHIVED,
    ),
    Transition(
        "recycle",
        "input",
        frozenset({_S.COLLECTED, _S.TESTED}),
        _S.RECYCLED,
        "Regulation (EU) 2023/1542, Art. 71 and 77(8)",
        LifeStatus.WASTE,
        PassportStatus.CEASED,
    ),
    Transition("erase_values", "subject", frozenset(_S), None, "Regulation (EU) 2016/679, Art. 17", holds=False),
)

_TABLE: dict[tuple[str, str], Transition] = {(row.kind, row.part): row for row in TRANSITIONS}


def decide(event: Event, facts: Facts) -> dict[str, BatteryState]:
    """The new state of every subject, in the order of the event.

    `event.body` is of the class its kind names. RuleBreach, or InvalidCode for the id of a battery to be created, where
    the register must refuse the event. Cost grows with the number of subjects only.
    """
    kind = KINDS[event.kind]
    _check_event(event, kind, facts)
    parts = parts_of(event, kind)
    case: Case[Any] = Case(event, kind, event.body, facts, parts, tuple(_known_states(event, parts, facts)))
    if case.states and len(case.states) == len(parts) and case.states[0].level not in kind.subjects.levels:
        first = case.states[0]
        raise breach("level", "/subjects/0", code=first.code, level=first.level.en, level_zh=first.level.zh)
    for rule in RULEBOOK[event.kind]:
        rule(case)
    return dict(zip(event.subjects, _next_states(case), strict=True))


def _check_event(event: Event, kind: Kind, facts: Facts) -> None:
    if kind.roles.isdisjoint(facts.roles):
        roles = ", ".join(sorted(kind.roles))
        raise breach("role", "/actor", actor=event.actor, roles=roles)
    count = len(event.subjects)
    if not kind.subjects.minimum <= count <= kind.subjects.maximum:
        minimum, maximum, _ = kind.subjects
        raise breach("subject-count", "/subjects", minimum=minimum, maximum=maximum, count=count)
    if count > 1 and len(set(event.subjects)) != count:
        at = next(at for at, code in enumerate(event.subjects) if code in event.subjects[:at])
        raise breach("subject-repeated", f"/subjects/{at}", code=event.subjects[at])
    if event.occurred_at > facts.received_at + CLOCK_SKEW:
        raise breach("in-the-future", "/occurred_at")


def _known_states(event: Event, parts: tuple[str, ...], facts: Facts) -> Iterator[BatteryState]:
    """States of the subjects that must exist, in order; those to be created must not."""
    day = date_in_china(event.occurred_at)
    for at, (code, part) in enumerate(zip(event.subjects, parts, strict=True)):
        state = facts.states.get(code)
        if (event.kind, part) in CREATORS:
            if state is not None:
                raise breach("already-registered", f"/subjects/{at}", current=state, code=code, maker=state.maker)
            continue
        if state is None:
            raise breach("subject-unknown", f"/subjects/{at}", code=code)
        if state.op_state in TERMINAL and event.kind not in AFTERLIFE:
            raise breach("life-ended", f"/subjects/{at}", current=state, code=code, state=state.op_state.value)
        if day < state.made_on:
            raise breach("before-production", "/occurred_at", code=code, made_on=state.made_on)
        yield state


def _next_states(case: Case[Any]) -> Iterator[BatteryState]:
    kind, states = case.event.kind, iter(case.states)
    for at, (code, part) in enumerate(zip(case.event.subjects, case.parts, strict=True)):
        create = CREATORS.get((kind, part))
        if create is not None:
            yield create(case, code)
        else:
            yield _moved(case, part, next(states), at)


def _moved(case: Case[Any], part: str, state: BatteryState, at: int) -> BatteryState:
    event = case.event
    row = _TABLE[event.kind, part]
    if state.op_state not in row.before:
        allowed = ", ".join(sorted(row.before))
        raise breach(
            "state", f"/subjects/{at}", current=state, code=state.code, state=state.op_state.value, allowed=allowed
        )
    changes: dict[str, Any] = {
        "op_state": row.after or state.op_state,
        "count": state.count + 1,
        "last_occurred_at": max(state.last_occurred_at, event.occurred_at),
    }
    if row.holds:
        changes["holder"] = event.actor
    if row.life is not None:
        changes["life_status"] = row.life
    if row.passport is not None:
        changes["passport"] = row.passport
    effect = EFFECTS.get((event.kind, part))
    if effect is not None:
        changes.update(effect(case, state))
        changes["committed"] = committed_after(case, state, changes)
    return state.changed(changes)
