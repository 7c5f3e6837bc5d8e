"""Conservation rule 3: what comes out is what went in, give or take replacements; the rest is declared lost."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from service.domain.states import LifeStatus, OpState
from tests.service.domain.scenes import scene
from tests.service.domain.story import MODULES, NEW_MODULE, PACK

ALL = (*MODULES, NEW_MODULE)


@given(st.booleans(), st.permutations(ALL), st.integers(0, 4), st.data())
def test_dismantling_names_exactly_the_linked_parts(
    replaced: bool, order: list[str], count: int, data: st.DataObject
) -> None:
    world, event = scene("repair")
    if replaced:
        world.take(event)
    for kind in ("retire", "collect"):
        world.tell(kind, PACK)
    linked = set(world.states[PACK].children)
    named = order[:count]
    missing = data.draw(st.lists(st.sampled_from(order), unique=True, max_size=3))
    masses = {code: world.states[code].mass_g for code in named if code not in missing}
    casing = max(0, world.states[PACK].mass_g - sum(masses.values()))
    possible = set(named) == linked and set(missing) <= linked
    details = {"missing": missing, "casing_mass_g": casing, "residual_mass_g": 0}
    try:
        world.tell("dismantle", PACK, *named, **details)
    except RuleBreach as breach:
        assert not possible, breach
        return
    assert possible
    assert world.states[PACK].children == ()
    for code in named:
        lost = code in missing
        assert world.states[code].op_state is (OpState.LOST if lost else OpState.COLLECTED)
        assert world.states[code].life_status is LifeStatus.WASTE
        assert world.states[code].parent is None


def test_a_lost_part_that_turns_up_goes_on_as_waste() -> None:
    world, event = scene("report_found")
    after = world.decide(event)[MODULES[2]]
    assert (after.op_state, after.life_status, after.holder) == (OpState.RETIRED, LifeStatus.WASTE, "cq-recycle")
