"""Conservation rule 10: a second life holds no more energy and no more capacity than was tested."""

from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from service.domain.materials.products import PPM
from service.domain.states import BatteryState, OpState
from service.domain.words import Decision
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


@example(goes_into=[0, 1, 2], tested=(100_000,) * 3, capacities=[100_000, 100_001, 90_000])
@given(
    st.lists(st.integers(0, 2), min_size=3, max_size=3),
    st.tuples(*[st.integers(0, 150_000)] * 3),
    st.lists(st.integers(1, 200_000), min_size=3, max_size=3),
)
def test_several_products_of_one_pack_hold_no_more_together_than_its_parts_were_tested_to(
    goes_into: list[int], tested: tuple[int, ...], capacities: list[int]
) -> None:
    """n:m by one event for each product: a pack is taken apart, and each part goes into one of up to three products."""
    world, _ = scene("repurpose", energy_wh=1)
    for code, value in zip(MODULES, tested, strict=True):
        world.put(code, remaining_capacity_mah=value, decision=Decision.SECOND_LIFE, op_state=OpState.TESTED)
    made = list[BatteryState]()
    for product, capacity in enumerate(capacities):
        parts = [code for code, into in zip(MODULES, goes_into, strict=True) if into == product]
        output = f"{SECOND_LIFE[:-3]}{product + 1}{SECOND_LIFE[-2:]}"
        if parts:
            told = world.event("repurpose", output, *parts, capacity_mah=capacity, energy_wh=1)
            try:
                made.append(world.take(told)[output])
            except RuleBreach as breach:
                assert breach.rule == "output-capacity"
    used = [code for state in made for code in state.derived_from]
    assert len(used) == len(set(used)), "no part goes into two products"
    assert sum(state.capacity_mah for state in made) <= sum(tested[MODULES.index(code)] for code in used)
    assert {world.states[code].consumed_into for code in used} == {state.code for state in made}
    limits = {n: sum(mah for mah, into in zip(tested, goes_into, strict=True) if into == n) for n in set(goes_into)}
    possible = [n for n, limit in limits.items() if capacities[n] <= limit]
    assert len(made) == len(possible)
