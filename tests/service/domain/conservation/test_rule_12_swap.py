"""Conservation rule 12: both halves of a swap, or of a replacement, are one event."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from service.domain.states import OpState
from tests.service.domain.scenes import scene
from tests.service.domain.story import PACK, SPARE

states = st.sampled_from(OpState)


@given(st.sampled_from(["swap", "replace_pack"]), states, states, st.booleans())
def test_both_halves_happen_or_none(kind: str, old: OpState, new: OpState, quarantined: bool) -> None:
    world, event = scene(kind)
    world.put(PACK, op_state=old)
    world.put(SPARE, op_state=new, flags=("quarantined",) if quarantined else ())
    before = dict(world.states)
    try:
        after = world.decide(event)
    except RuleBreach:
        assert world.states == before
        return
    assert (after[PACK].vehicle, after[SPARE].vehicle) == (None, event.vehicle)
    assert after[PACK].op_state is (OpState.IN_SWAP_POOL if kind == "swap" else OpState.REMOVED)
    assert after[SPARE].op_state in (OpState.INSTALLED, OpState.IN_USE)
    assert not quarantined


def test_a_pack_that_replaces_one_in_use_is_in_use() -> None:
    world, event = scene("replace_pack")
    assert world.decide(event)[SPARE].op_state is OpState.INSTALLED
    world.put(PACK, op_state=OpState.IN_USE)
    assert world.decide(event)[SPARE].op_state is OpState.IN_USE
    world.put(PACK, op_state=OpState.UNDER_SERVICE, resumes=OpState.IN_USE)
    assert world.decide(event)[SPARE].op_state is OpState.IN_USE
