"""Conservation rule 9: nothing follows the end of a life but corrections and erasures; parts end with their whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from service.domain.lifecycle import AFTERLIFE
from service.domain.states import TERMINAL, WHOLE_ENDS, OpState, PassportStatus
from service.domain.wholes import seen_with_its_whole
from tests.service.domain.scenes import KINDS_WITH_SCENES, scene
from tests.service.domain.story import MODULES, PACK


@given(st.sampled_from(KINDS_WITH_SCENES), st.sampled_from(sorted(TERMINAL)), st.data())
def test_nothing_follows_the_end_of_a_life(kind: str, end: OpState, data: st.DataObject) -> None:
    world, event = scene(kind)
    known = [code for code in event.subjects if code in world.states]
    if not known:
        return
    world.put(data.draw(st.sampled_from(known)), op_state=end)
    if kind in AFTERLIFE:
        assert world.decide(event)
        return
    with pytest.raises(RuleBreach) as caught:
        world.decide(event)
    assert caught.value.rule == "life-ended"


@pytest.mark.parametrize("end", sorted(WHOLE_ENDS))
@pytest.mark.parametrize("kind", ["report_soh", "report_incident", "issue_notice"])
def test_a_part_ends_with_its_whole_without_an_event_of_its_own(end: OpState, kind: str) -> None:
    world, _ = scene("install")
    assert world.tell(kind, MODULES[0], severity="minor", happened_on="2026-02-27") if kind == "report_incident" else 1
    world.put(PACK, op_state=end, passport=PassportStatus.CEASED)
    with pytest.raises(RuleBreach) as caught:
        world.tell(kind, MODULES[0])
    assert caught.value.rule == "ended-with-whole"
    shown = seen_with_its_whole(world.states[MODULES[0]], world.states)
    assert (shown.op_state, shown.passport) == (end, PassportStatus.CEASED)
    assert world.states[MODULES[0]].op_state is OpState.ASSEMBLED


def test_a_part_of_waste_is_shown_as_waste() -> None:
    world, event = scene("collect")
    world.take(event)
    shown = seen_with_its_whole(world.states[MODULES[0]], world.states)
    assert (shown.op_state, shown.life_status) == (OpState.ASSEMBLED, "waste")
