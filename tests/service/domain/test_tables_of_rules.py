"""Tables that rules read, row by row: who may issue which notice, who answers for waste."""

import pytest

from service.domain.errors import RuleBreach
from service.domain.events import KINDS
from service.domain.roles import Role
from service.domain.rules_handover import WASTE_RESPONSIBILITIES, WasteResponsibility
from service.domain.rules_notice import NOTICES, NoticeRow
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
