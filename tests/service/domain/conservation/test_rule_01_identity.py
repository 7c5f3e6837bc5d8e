"""Conservation rule 1: an id is unique for ever, whatever became of what it named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from service.domain.states import LifeStatus, OpState, PassportStatus
from tests.service.domain.scenes import scene
from tests.service.domain.story import MODULES, PACK, SECOND_LIFE

MAKING = {"register": PACK, "register_pack": PACK, "prepare_reuse": SECOND_LIFE, "repurpose": SECOND_LIFE,
          "remanufacture": SECOND_LIFE}  # fmt: skip


@given(st.sampled_from(sorted(MAKING)), st.sampled_from(OpState), st.sampled_from(LifeStatus))
def test_a_code_that_was_given_is_never_given_again(kind: str, state: OpState, life: LifeStatus) -> None:
    world, event = scene(kind)
    world.states.update(world.decide(event))
    world.put(MAKING[kind], op_state=state, life_status=life)
    with pytest.raises(RuleBreach) as caught:
        world.decide(event)
    assert caught.value.rule == "already-registered"


def test_a_voided_code_stays_taken() -> None:
    world, event = scene("approve_void")
    world.take(event)
    assert world.states[PACK].op_state is OpState.VOIDED
    assert world.states[PACK].passport is PassportStatus.DRAFT
    with pytest.raises(RuleBreach) as caught:
        world.tell("register", PACK)
    assert caught.value.rule == "already-registered"


def test_what_was_built_into_something_is_not_voided() -> None:
    world, _ = scene("install")
    with pytest.raises(RuleBreach) as caught:
        world.tell("void", MODULES[0])
    assert caught.value.rule == "part-of-another"
