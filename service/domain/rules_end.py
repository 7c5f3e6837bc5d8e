"""Rules of dismantling. Those of second lives: `rules_second_life`, of recycling: `materials.rules`."""

from __future__ import annotations

from service.domain.bodies import Dismantle
from service.domain.breaches import breach
from service.domain.case import B, Case
from service.domain.rules_use import MASS_TOLERANCE_PERCENT, is_no_part, stands_alone


def all_stand_alone(case: Case[B]) -> None:
    offset = len(case.event.subjects) - len(case.states)  # an output that does not exist yet has no state
    for at, state in enumerate(case.states, offset):
        stands_alone(state, at)


def none_is_a_part(case: Case[B]) -> None:
    for at, state in enumerate(case.states):
        is_no_part(state, at)


def parts_are_all_accounted_for(case: Case[Dismantle]) -> None:
    parent, named = case.states[0], set(case.event.subjects[1:])
    for at, code in enumerate(case.body.missing):
        if code not in named:
            raise breach("missing-unlisted", f"/body/missing/{at}", code=code)
    for at, state in enumerate(case.states[1:], 1):
        if state.parent != parent.code:
            raise breach("not-a-part", f"/subjects/{at}", current=state, code=state.code, parent=parent.code)
    absent = [code for code in parent.children if code not in named]
    if absent:
        raise breach("parts-missing", "/subjects", current=parent, codes=", ".join(absent))


def fractions_weigh_the_battery(case: Case[Dismantle]) -> None:
    """A missing part may have been lost before or after the battery was weighed, so its mass may count or not."""
    mass, body = case.states[0].mass_g, case.body
    found = body.casing_mass_g + body.residual_mass_g
    missing = 0
    for part, state in zip(case.parts[1:], case.states[1:], strict=True):
        if part == "missing":
            missing += state.mass_g
        else:
            found += state.mass_g
    if not is_within(found, mass, at_least=False) or not is_within(found + missing, mass, at_most=False):
        raise breach("dismantled-mass", "/body/residual_mass_g", sum=found, mass=mass)


def is_within(value: int, target: int, *, at_least: bool = True, at_most: bool = True) -> bool:
    """Whether `value` is within the mass tolerance of `target`, on both sides or on one."""
    above = value * 100 <= target * (100 + MASS_TOLERANCE_PERCENT) or not at_most
    return above and (value * 100 >= target * (100 - MASS_TOLERANCE_PERCENT) or not at_least)
