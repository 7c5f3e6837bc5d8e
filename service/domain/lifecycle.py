"""What an event does to the batteries it names: the lifecycle as a table, and `decide`, which reads it.

A battery moves from one `op_state` to the next only along a row of TRANSITIONS. A row without from-states creates the
battery. A later kind of event adds rows here, rules to `rulebook.RULEBOOK` and effects to `effects.EFFECTS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from service.domain.accounting import STEPS, Accounted, accounted_for
from service.domain.breaches import breach
from service.domain.case import Case, Facts, parts_of
from service.domain.effects import CREATORS, EFFECTS, committed_after
from service.domain.events import KINDS, Event, Kind
from service.domain.licences import NEEDED, refusing
from service.domain.roles import Role
from service.domain.rulebook import LATER, RULEBOOK
from service.domain.rules_time import (
    CLOCK_SKEW,
    is_before_last_change,
    not_before_production,
    not_in_the_future,
    order_is_kept,
)
from service.domain.rules_use import date_in_china
from service.domain.states import TERMINAL, BatteryState, LifeStatus, OpState, PassportStatus
from service.domain.wholes import ended_whole

__all__ = ["AFTERLIFE", "CLOCK_SKEW", "TRANSITIONS", "Transition", "decide"]

AFTERLIFE = frozenset({"correct", "erase_values", "void_label"})
"""Kinds of events that may follow the end of a life: what was told wrong is corrected, the duty to erase stays, and a
label that outlives its battery is best destroyed."""


UNTIMED = frozenset({"correct", "print_label", "void_label"})
"""Kinds that tell of another event, or of paper, and so do not count as the newest thing that happened to a battery."""
ON_PAPER = frozenset({"publish_passport", "transfer_ownership", "issue_notice", "lift_notice", "erase_values"})
"""Kinds that are possible of a battery that nobody has seen: they do not stand in the way of an end told late."""
LICENSED_KINDS = frozenset(kind for need in NEEDED for kind in need.kinds)


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
_EU_MARKET = "Regulation (EU) 2023/1542, Art. 77(1) and (3)"
_SECOND = "Regulation (EU) 2023/1542, Art. 73 and 77(7)"
_SERVING = frozenset({_S.INSTALLED, _S.IN_USE, _S.IN_SWAP_POOL})
_FREE = frozenset({_S.REGISTERED, _S.ASSEMBLED, _S.IN_SWAP_POOL, _S.REMOVED})
_STILL = _SERVING | _FREE
_LIVE = _STILL | {_S.UNDER_SERVICE}
_WASTE = frozenset({_S.RETIRED, _S.COLLECTED, _S.TESTED})
_NOT_ENDED = frozenset(_S) - TERMINAL
_INPUTS = frozenset({_S.TESTED, _S.REGISTERED})

TRANSITIONS: tuple[Transition, ...] = (
    Transition("register", "subject", frozenset(), _S.REGISTERED, _CN, LifeStatus.ORIGINAL, PassportStatus.DRAFT),
    Transition("register_pack", "subject", frozenset(), _S.ASSEMBLED, _CN, LifeStatus.ORIGINAL, PassportStatus.DRAFT),
    Transition("assemble", "parent", frozenset({_S.REGISTERED}), _S.ASSEMBLED, "GB/T 34014-2017, 4.1"),
    Transition("assemble", "child", frozenset({_S.REGISTERED, _S.ASSEMBLED}), _S.ASSEMBLED, "GB/T 34014-2017, 4.1"),
    Transition(
        "place_on_market",
        "subject",
        frozenset({_S.REGISTERED, _S.ASSEMBLED, _S.INSTALLED, _S.EXPORTED}),
        None,
        _EU_MARKET,
        passport=PassportStatus.ACTIVE,
        holds=False,
    ),
    Transition(
        "publish_passport",
        "subject",
        frozenset(_S) - TERMINAL,
        None,
        "Regulation (EU) 2023/1542, Art. 77(4)",
        holds=False,
    ),
    Transition("void", "subject", frozenset({_S.REGISTERED}), None, "Conservation rule 1", holds=False),
    Transition("approve_void", "subject", frozenset({_S.REGISTERED}), _S.VOIDED, "Conservation rule 1", holds=False),
    Transition("install", "subject", _FREE, _S.INSTALLED, _CN),
    Transition("sell", "subject", frozenset({_S.INSTALLED}), _S.IN_USE, _CN),
    Transition("transfer_ownership", "subject", _SERVING | {_S.UNDER_SERVICE}, None, "source needed", holds=False),
    Transition("report_soh", "subject", _LIVE, None, "Regulation (EU) 2023/1542, Art. 14", holds=False),
    Transition(
        "report_incident",
        "subject",
        _NOT_ENDED,
        None,
        "Regulation (EU) 2023/1542, Annex XIII, part 4(d)",
        holds=False,
    ),
    Transition(
        "load_bms_software", "subject", _LIVE | _WASTE, None, "Regulation (EU) 2023/1542, Art. 14(3)", holds=False
    ),
    Transition("begin_service", "subject", _SERVING, _S.UNDER_SERVICE, _CN),
    Transition("repair", "subject", _SERVING | {_S.UNDER_SERVICE}, None, _CN),
    Transition("repair", "removed", frozenset({_S.ASSEMBLED}), _S.REMOVED, _CN),
    Transition("repair", "inserted", frozenset({_S.REGISTERED, _S.ASSEMBLED, _S.REMOVED}), _S.ASSEMBLED, _CN),
    Transition("replace_pack", "old", frozenset({_S.INSTALLED, _S.IN_USE, _S.UNDER_SERVICE}), _S.REMOVED, _CN),
    Transition("replace_pack", "new", _FREE, _S.INSTALLED, _CN),
    Transition("swap", "out", frozenset({_S.INSTALLED, _S.IN_USE}), _S.IN_SWAP_POOL, _CN),
    Transition("swap", "in", _FREE, _S.IN_USE, _CN),
    Transition("issue_notice", "subject", _NOT_ENDED, None, "source needed", holds=False),
    Transition("lift_notice", "subject", _NOT_ENDED, None, "source needed", holds=False),
    Transition("export", "subject", _STILL, _S.EXPORTED, "source needed"),
    Transition("import_back", "subject", frozenset({_S.EXPORTED}), None, "source needed"),
    Transition("retire", "subject", _LIVE, _S.RETIRED, _CN),
    Transition(
        "scrap_vehicle", "subject", _LIVE | {_S.RETIRED}, _S.RETIRED, "MIIT Order 73, 车电一体报废", LifeStatus.WASTE
    ),
    Transition("hand_over", "subject", _FREE | _WASTE, None, "Conservation rule 11", holds=False),
    Transition("receive", "subject", _FREE | _WASTE, None, "Conservation rule 11"),
    Transition("collect", "subject", frozenset({_S.RETIRED}), _S.COLLECTED, "MIIT Order 73, Art. 24", LifeStatus.WASTE),
    Transition("test", "subject", _WASTE, _S.TESTED, "GB/T 34015-2017"),
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
    Transition(
        "dismantle", "missing", frozenset({_S.ASSEMBLED}), _S.LOST, "Conservation rule 3", LifeStatus.WASTE, holds=False
    ),
    Transition("report_found", "subject", frozenset({_S.LOST}), _S.RETIRED, "Conservation rule 3", LifeStatus.WASTE),
    Transition("prepare_reuse", "output", frozenset(), _S.REGISTERED, _SECOND),
    Transition("prepare_reuse", "input", _INPUTS, _S.CONSUMED, _SECOND, passport=PassportStatus.ARCHIVED),
    Transition("repurpose", "output", frozenset(), _S.REGISTERED, _SECOND),
    Transition("repurpose", "input", _INPUTS, _S.CONSUMED, _SECOND, passport=PassportStatus.ARCHIVED),
    Transition("remanufacture", "output", frozenset(), _S.REGISTERED, _SECOND),
    Transition("remanufacture", "input", _INPUTS, _S.CONSUMED, _SECOND, passport=PassportStatus.ARCHIVED),
    Transition(
        "recycle",
        "input",
        frozenset({_S.COLLECTED, _S.TESTED}),
        _S.RECYCLED,
        "Regulation (EU) 2023/1542, Art. 71 and 77(8)",
        LifeStatus.WASTE,
        PassportStatus.CEASED,
    ),
    Transition("print_label", "subject", _NOT_ENDED, None, "GB/T 34014-2017, 6 (carrier)", holds=False),
    Transition("void_label", "subject", frozenset(_S), None, "source needed", holds=False),
    Transition("correct", "subject", frozenset(_S), None, "EPCIS 2.0, error declaration", holds=False),
    Transition("erase_values", "subject", frozenset(_S), None, "Regulation (EU) 2016/679, Art. 17", holds=False),
)

AWAY = {_S.UNDER_SERVICE: _S.IN_USE, _S.EXPORTED: _S.ASSEMBLED}
"""Where a battery is for a while: it goes back to where it was before, or else there."""
BACK = frozenset({"repair", "place_on_market", "import_back"})
"""Kinds that bring a battery back from there."""

_TABLE: dict[tuple[str, str], Transition] = {(row.kind, row.part): row for row in TRANSITIONS}


def decide(event: Event, facts: Facts) -> dict[str, BatteryState]:
    """The new state of every subject, in the order of the event, and after them of the parts in runs of its body.

    `event.body` is of the class its kind names. RuleBreach, or InvalidCode for the id of a battery to be created, where
    the register must refuse the event. Cost grows with the number of both only.
    """
    kind = KINDS[event.kind]
    _check_event(event, kind, facts)
    parts = parts_of(event, kind)
    known, accounted = tuple(_known_states(event, parts, facts)), tuple(_accounted_states(event, facts))
    case: Case[Any] = Case(event, kind, event.body, facts, parts, known, accounted)
    if case.states and len(case.states) == len(parts) and case.states[0].level not in kind.subjects.levels:
        first = case.states[0]
        raise breach("level", "/subjects/0", code=first.code, level=first.level.en, level_zh=first.level.zh)
    for rule in RULEBOOK.get(event.kind, ()):
        if not (facts.replaying and rule in LATER):
            rule(case)
    after = dict(zip(event.subjects, _next_states(case), strict=True))
    for each, state in case.accounted:
        after[each.code] = _moved_by_steps(case, each, state)
    return after


def _check_event(event: Event, kind: Kind, facts: Facts) -> None:
    acting = kind.roles & facts.roles
    if not acting:
        raise breach("role", "/actor", actor=event.actor, roles=", ".join(sorted(kind.roles)))
    _check_licences(event, acting, facts)
    count = len(event.subjects)
    if not kind.subjects.minimum <= count <= kind.subjects.maximum:
        minimum, maximum, _ = kind.subjects
        raise breach("subject-count", "/subjects", minimum=minimum, maximum=maximum, count=count)
    if count > 1 and len(set(event.subjects)) != count:
        at = next(at for at, code in enumerate(event.subjects) if code in event.subjects[:at])
        raise breach("subject-repeated", f"/subjects/{at}", code=event.subjects[at])
    not_in_the_future(event.occurred_at, facts.received_at)


def _check_licences(event: Event, acting: Iterable[str], facts: Facts) -> None:
    """One role in which the actor may act and whose licences are valid is enough."""
    if event.kind not in LICENSED_KINDS:
        return
    day = date_in_china(event.occurred_at)
    lapses = [refusing(event.kind, Role(role), day, facts.licences, days=facts.licence_days) for role in sorted(acting)]
    if all(lapses):
        lapse = next(each for each in lapses if each is not None)
        licence, until = lapse.need.licence, lapse.last_day or "-"
        raise breach("licence", "/actor", actor=event.actor, licence=licence.en, licence_zh=licence.zh, until=until)


def _known_states(event: Event, parts: tuple[str, ...], facts: Facts) -> Iterator[BatteryState]:
    """States of the subjects that must exist, in order; those to be created must not."""
    for at, (code, part) in enumerate(zip(event.subjects, parts, strict=True)):
        state = facts.states.get(code)
        if (event.kind, part) in CREATORS:
            if state is not None:
                raise breach("already-registered", f"/subjects/{at}", current=state, code=code, maker=state.maker)
            continue
        if state is None:
            raise breach("subject-unknown", f"/subjects/{at}", code=code)
        if event.kind not in AFTERLIFE:
            _check_alive(event, part, state, facts, f"/subjects/{at}")
        not_before_production(event, state)
        yield state


def _accounted_states(event: Event, facts: Facts) -> Iterator[tuple[Accounted, BatteryState]]:
    """The parts in runs of the body, each with its state: they are there, and something can still happen to them."""
    for each in accounted_for(event.body):
        state = facts.states.get(each.code)
        if state is None:
            raise breach("subject-unknown", each.pointer, code=each.code)
        _check_alive(event, STEPS[each.outcome][0], state, facts, each.pointer)
        not_before_production(event, state)
        yield each, state


def _check_alive(event: Event, part: str, state: BatteryState, facts: Facts, where: str) -> None:
    """Something can still happen to the battery, and this now. A part without a row is refused by the rules."""
    if state.op_state in TERMINAL:
        raise breach("life-ended", where, current=state, code=state.code, state=state.op_state.value)
    whole = ended_whole(state, facts.states) if state.parent is not None else None
    if whole is not None:
        details = {"code": state.code, "whole": whole.code, "state": whole.op_state.value}
        raise breach("ended-with-whole", where, current=state, **details)
    row = _TABLE.get((event.kind, part))
    if event.kind not in UNTIMED:
        order_is_kept(event, state, moves=_moves(row, state), ends=row is not None and row.after in TERMINAL)


def _moves(row: Transition | None, state: BatteryState) -> bool:
    """Whether the step changes who has the battery or where it is in its life."""
    if row is None:
        return False
    return row.holds or row.after is not None or (state.op_state in AWAY and row.kind in BACK)


def _next_states(case: Case[Any]) -> Iterator[BatteryState]:
    kind, states = case.event.kind, iter(case.states)
    for at, (code, part) in enumerate(zip(case.event.subjects, case.parts, strict=True)):
        create = CREATORS.get((kind, part))
        if create is not None:
            yield create(case, code)
        else:
            yield _moved(case, part, next(states), f"/subjects/{at}")


def _moved_by_steps(case: Case[Any], each: Accounted, state: BatteryState) -> BatteryState:
    """A part in a run after the event, which counts once however many steps the part takes."""
    after = state
    for part in STEPS[each.outcome]:
        after = _moved(case, part, after, each.pointer)
    return after.changed({"count": state.count + 1})


def _moved(case: Case[Any], part: str, state: BatteryState, where: str) -> BatteryState:
    event = case.event
    row = _TABLE[event.kind, part]
    if state.op_state not in row.before and not _was_elsewhere(event, row, state):
        allowed = ", ".join(sorted(row.before))
        raise breach("state", where, current=state, code=state.code, state=state.op_state.value, allowed=allowed)
    changes: dict[str, Any] = {"op_state": _next_op_state(row, state), "count": state.count + 1}
    if changes["op_state"] is not state.op_state:
        changes["resumes"] = state.op_state if changes["op_state"] in AWAY else None
    if row.holds:
        changes["holder"] = event.actor
        if event.actor != state.holder:  # who has it now was given it
            changes |= {"handed_to": None, "taken_from": None}
    if row.life is not None:
        changes["life_status"] = row.life
    if row.passport is not None:
        changes["passport"] = row.passport
    effect = EFFECTS.get((event.kind, part))
    if effect is not None:
        changes.update(effect(case, state))
        changes.setdefault("committed", committed_after(case, state, changes))
    if event.kind not in UNTIMED:
        changes.update(_times(event, state, moves=row.holds or changes["op_state"] is not state.op_state))
    return state.changed(changes)


def _was_elsewhere(event: Event, row: Transition, state: BatteryState) -> bool:
    """Whether an event that moves nothing is told of a time before the last move: nobody knows the op_state of then."""
    return event.kind not in UNTIMED and not _moves(row, state) and is_before_last_change(event, state)


def _next_op_state(row: Transition, state: BatteryState) -> OpState:
    if state.op_state in AWAY and row.kind in BACK:
        return state.resumes or AWAY[state.op_state]
    return row.after or state.op_state


def _times(event: Event, state: BatteryState, *, moves: bool) -> dict[str, Any]:
    """The newest event, and when the battery last moved where that was before it."""
    last = max(state.last_occurred_at, event.occurred_at)
    moved_at = event.occurred_at if moves else state.since
    seen_at = state.seen if event.kind in ON_PAPER else max(state.seen, event.occurred_at)
    return {
        "last_occurred_at": last,
        "moved_at": None if moved_at == last else moved_at,
        "seen_at": None if seen_at == last else seen_at,
    }
