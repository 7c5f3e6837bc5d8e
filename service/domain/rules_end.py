"""Rules of dismantling. Those of second lives: `rules_second_life`, of recycling: `materials.rules`."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from service.domain.accounting import PARTS_AT_ONCE, count_of, in_few_words
from service.domain.bodies import Dismantle
from service.domain.breaches import breach
from service.domain.case import B, Case
from service.domain.rules_use import MASS_TOLERANCE_PERCENT, is_no_part, stands_alone
from service.domain.states import BatteryState
from service.domain.words import Level, Outcome


def all_stand_alone(case: Case[B]) -> None:
    offset = len(case.event.subjects) - len(case.states)  # an output that does not exist yet has no state
    for at, state in enumerate(case.states, offset):
        stands_alone(state, at)


def none_is_a_part(case: Case[B]) -> None:
    for at, state in enumerate(case.states):
        is_no_part(state, at)


def parts_fit_in_one_event(case: Case[Dismantle]) -> None:
    if (count := count_of(case.body)) > PARTS_AT_ONCE:
        raise breach("parts-too-many", "/body/parts", count=f"{count:,}", limit=f"{PARTS_AT_ONCE:,}")


def parts_are_all_accounted_for(case: Case[Dismantle]) -> None:
    """Each part once, each a part of what is taken apart, and of those that a state lists none left out."""
    named = _named_once(case)
    for at, code in enumerate(case.body.missing):
        if code not in case.event.subjects[1:]:
            raise breach("missing-unlisted", f"/body/missing/{at}", code=code)
    wholes = _taken_apart(case)
    for pointer, state in _parts(case):
        if state.parent not in wholes:
            raise breach("not-a-part", pointer, current=state, code=state.code, parent=case.states[0].code)
    for whole in wholes.values():
        _none_is_left_out(whole, whole.children, named)


def unlisted_parts_are_accounted_for(case: Case[Dismantle]) -> None:
    """So are those of a whole that keeps no list of its parts, because an event could not name them all."""
    named = {state.code: pointer for pointer, state in _parts(case)}
    for code, whole in _taken_apart(case).items():
        states = (case.facts.states.get(part) for part in case.facts.children.get(code, ()))
        _none_is_left_out(whole, [state.code for state in states if state and state.parent == code], named)


def _none_is_left_out(whole: BatteryState, parts: Sequence[str], named: Container[str]) -> None:
    absent = [code for code in parts if code not in named]
    if absent:
        raise breach("parts-missing", "/subjects", current=whole, codes=in_few_words(absent))


def _named_once(case: Case[Dismantle]) -> Container[str]:
    """The parts that the event names or has in a run."""
    named = set(case.event.subjects)
    for each, state in case.accounted:
        if each.code in named:
            raise breach("part-twice", each.pointer, current=state, code=each.code)
        named.add(each.code)
    return named


def _taken_apart(case: Case[Dismantle]) -> dict[str, BatteryState]:
    """By code, the battery that is dismantled and the modules of it that are dismantled too."""
    wholes = {case.states[0].code: case.states[0]}
    for each, state in case.accounted:
        if each.outcome is Outcome.DISMANTLED:
            if state.level is not Level.MODULE:
                raise breach("not-composed", each.pointer, current=state, code=state.code)
            wholes[state.code] = state
    return wholes


def _parts(case: Case[Dismantle]) -> Iterator[tuple[str, BatteryState]]:
    """Every part, and where the event tells of it."""
    for at, state in enumerate(case.states[1:], 1):
        yield f"/subjects/{at}", state
    for each, state in case.accounted:
        yield each.pointer, state


def fractions_weigh_the_battery(case: Case[Dismantle]) -> None:
    """A missing part may have been lost before or after the battery was weighed, so its mass may count or not.

    A module that is taken apart too weighs what its parts do; the rest of it is among the fractions.
    """
    mass, body = case.states[0].mass_g, case.body
    found = body.casing_mass_g + body.residual_mass_g
    missing = 0
    for part, state in zip(case.parts[1:], case.states[1:], strict=True):
        if part == "missing":
            missing += state.mass_g
        else:
            found += state.mass_g
    for each, state in case.accounted:
        if each.outcome is Outcome.MISSING:
            missing += state.mass_g
        elif each.outcome is Outcome.RECOVERED:
            found += state.mass_g
    if not is_within(found, mass, at_least=False) or not is_within(found + missing, mass, at_most=False):
        raise breach("dismantled-mass", "/body/residual_mass_g", sum=found, mass=mass)


def is_within(value: int, target: int, *, at_least: bool = True, at_most: bool = True) -> bool:
    """Whether `value` is within the mass tolerance of `target`, on both sides or on one."""
    above = value * 100 <= target * (100 + MASS_TOLERANCE_PERCENT) or not at_most
    return above and (value * 100 >= target * (100 - MASS_TOLERANCE_PERCENT) or not at_least)
