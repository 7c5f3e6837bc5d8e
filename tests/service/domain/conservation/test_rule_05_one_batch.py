"""Conservation rule 5: a battery goes into one recycling batch only, and into no second life besides."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from service.domain.states import OpState
from tests.service.domain.scenes import scene
from tests.service.domain.story import MODULES

outputs = st.sampled_from(["recycle", "repurpose"])


@given(st.lists(st.tuples(outputs, st.sets(st.sampled_from(MODULES[:2]), min_size=1)), max_size=6))
def test_what_went_into_a_batch_is_in_no_other(told: list[tuple[str, set[str]]]) -> None:
    world, _ = scene("recycle")
    gone: set[str] = set()
    for at, (kind, codes) in enumerate(told, 1):
        inputs = sorted(codes)
        mass = sum(world.states[code].mass_g for code in inputs)
        try:
            if kind == "recycle":
                lot = {"material": "black_mass", "mass_g": mass, "lot": f"L{at}"}
                world.tell(kind, *inputs, input_mass_g=mass, loss_mass_g=0, outputs=[lot])
            else:
                world.tell(kind, f"001ME12R6M000000{at}RM", *inputs, energy_wh=1_000, capacity_mah=1_000)
        except RuleBreach as breach:
            assert gone & codes, breach
            assert breach.rule == "life-ended"
        else:
            assert not gone & codes
            gone |= codes
    ended = {code for code in MODULES if world.states[code].op_state in (OpState.RECYCLED, OpState.CONSUMED)}
    assert ended == gone
