"""Conservation rule 4: no mass comes from nowhere. Elements and batches: `materials`."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from tests.service.domain.scenes import Scene, scene
from tests.service.domain.story import MODULES, PACK

masses = st.integers(1, 200_000)
TOLERANCE = Fraction(2, 100)


def refusal(happening: Scene) -> str | None:
    try:
        happening.world.decide(happening.event)
    except RuleBreach as breach:
        return breach.rule
    return None


@given(st.tuples(masses, masses, masses), masses)
def test_parts_are_never_heavier_than_the_whole(parts: tuple[int, int, int], whole: int) -> None:
    happening = scene("assemble", mass_g=whole)
    for code, mass in zip(MODULES, parts, strict=True):
        happening.world.put(code, mass_g=mass)
    possible = sum(parts) <= whole * (1 + TOLERANCE)
    assert refusal(happening) == (None if possible else "parts-mass")


@given(st.tuples(masses, masses, masses), masses, st.integers(0, 100_000), st.integers(0, 100_000))
def test_a_dismantled_battery_is_all_there(parts: tuple[int, int, int], whole: int, casing: int, residual: int) -> None:
    happening = scene("dismantle", casing_mass_g=casing, residual_mass_g=residual)
    happening.world.put(PACK, mass_g=whole)
    for code, mass in zip(MODULES, parts, strict=True):
        happening.world.put(code, mass_g=mass)
    found = parts[0] + parts[1] + casing + residual  # the third module is missing
    possible = found <= whole * (1 + TOLERANCE) and found + parts[2] >= whole * (1 - TOLERANCE)
    assert refusal(happening) == (None if possible else "dismantled-mass")


@given(masses, masses)
def test_a_replaced_part_changes_the_mass_of_its_whole_by_the_difference(out: int, put_in: int) -> None:
    world, event = scene("repair")
    world.put(MODULES[2], mass_g=out)
    world.put(event.subjects[2], mass_g=put_in)
    before = world.states[PACK].mass_g
    assert world.decide(event)[PACK].mass_g == max(1, before - out + put_in)
