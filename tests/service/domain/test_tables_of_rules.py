"""Tables that rules read, row by row: who may issue which notice, who answers for waste."""

import pytest

from service.domain.errors import RuleBreach
from service.domain.events import KINDS
from service.domain.roles import Role
from service.domain.rules_handover import WASTE_RESPONSIBILITIES, WasteResponsibility
from service.domain.rules_notice import NOTICES, NoticeRow
from service.domain.states import LifeStatus
from tests.service.domain.scenes import scene
from tests.service.domain.story import PACK


@pytest.mark.parametrize("row", NOTICES.values(), ids=lambda row: row.notice.value)
def test_a_notice_sets_its_flag_while_it_is_open_and_only_its_issuers_issue_it(row: NoticeRow) -> None:
    world, _ = scene("report_soh")
    event = world.event("issue_notice", PACK, notice=row.notice.value, notice_id="N-1")
    for role in Role:
        if role in row.issuers & KINDS["issue_notice"].roles:
            after = world.decide(event, roles=frozenset({role}))
            assert row.flag in after[PACK].flags
        else:
            with pytest.raises(RuleBreach) as refused:
                world.decide(event, roles=frozenset({role}))
            assert refused.value.rule == "role"


@pytest.mark.parametrize("row", WASTE_RESPONSIBILITIES, ids=lambda row: str(row.role))
def test_who_collects_waste_answers_for_it_by_role_or_else_its_producer(row: WasteResponsibility) -> None:
    """Source: Regulation (EU) 2023/1542, Art. 57(1) and 77(7)."""
    world, event = scene("collect")
    maker = world.states[event.subjects[0]].maker
    roles = frozenset({Role.COLLECTOR} | ({row.role} if row.role is not None else set()))
    after = world.decide(event, roles=roles)
    assert after[event.subjects[0]].responsible == (event.actor if row.collector else maker)


@pytest.mark.parametrize("placed", [True, False])
def test_who_discards_a_battery_makes_it_waste_and_its_producer_answers_for_it(placed: bool) -> None:
    """Source: Directive 2008/98/EC, Art. 3(1); Regulation (EU) 2023/1542, Art. 77(7)."""
    world, event = scene("retire", discarded=True)
    world.put(PACK, responsible="cq-motors" if placed else None)
    after = world.decide(event)[PACK]
    assert after.life_status is LifeStatus.WASTE
    assert after.responsible == ("cq-motors" if placed else "cq-cells")
    kept = world.decide(scene("retire", discarded=False).event)[PACK]
    assert (kept.life_status, kept.responsible) == (LifeStatus.ORIGINAL, world.states[PACK].responsible)


@pytest.mark.parametrize(("discarded", "operation"), [(True, "preparation_for_repurposing"), (False, "repurposing")])
def test_what_was_discarded_gets_a_second_life_as_waste_only(discarded: bool, operation: str) -> None:
    """It was tested where it lay, so that nobody collected it before."""
    world, event = scene("retire", discarded=discarded)
    world.take(event)
    world.tell("test", PACK, on="2034-06-21")
    refused = []
    for each in ("preparation_for_repurposing", "repurposing"):
        product = world.event("repurpose", "001PE12R6M0000001RP", PACK, operation=each)
        try:
            world.decide(product)
        except RuleBreach as breach:
            assert breach.rule == "operation-status"
            refused.append(each)
    assert refused == [each for each in ("preparation_for_repurposing", "repurposing") if each != operation]
