"""Conservation rule 10: a second life holds no more energy and no more capacity than was tested."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from service.domain.materials.products import PPM
from tests.service.domain.scenes import scene
from tests.service.domain.story import MODULES, SECOND_LIFE

KINDS = st.sampled_from(["prepare_reuse", "repurpose", "remanufacture"])


@given(
    KINDS,
    st.tuples(st.integers(0, 1_100_000), st.integers(0, 1_100_000)),
    st.tuples(st.integers(1, 60_000), st.integers(1, 60_000)),
    st.integers(1, 120_000),
)
def test_a_second_life_holds_no_more_energy_than_was_tested(
    kind: str, health: tuple[int, int], rated: tuple[int, int], energy: int
) -> None:
    world, event = scene(kind, energy_wh=energy)
    for code, soce, wh in zip(MODULES, health, rated, strict=False):
        world.put(code, soce_ppm=soce, rated_energy_wh=wh)
    tested = sum(Fraction(soce * wh, PPM) for soce, wh in zip(health, rated, strict=True))
    try:
        world.decide(event)
    except RuleBreach as breach:
        assert breach.rule == "output-energy"
        assert energy > tested
    else:
        assert energy <= tested


@given(KINDS, st.tuples(st.integers(0, 150_000), st.integers(0, 150_000)), st.integers(135_000, 320_000))
def test_a_second_life_has_no_more_capacity_than_was_tested(kind: str, tested: tuple[int, int], capacity: int) -> None:
    world, event = scene(kind, capacity_mah=capacity, energy_wh=1)
    for code, value in zip(MODULES, tested, strict=False):
        world.put(code, remaining_capacity_mah=value)
    try:
        after = world.decide(event)
    except RuleBreach as breach:
        assert breach.rule == "output-capacity"
        assert capacity > sum(tested)
    else:
        assert capacity <= sum(tested)
        assert after[SECOND_LIFE].responsible == after[SECOND_LIFE].maker == "cq-recycle"
        assert after[SECOND_LIFE].derived_from == tuple(MODULES[:2])
