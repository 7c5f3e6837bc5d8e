"""The authority fills gaps of the law as found, and changes nothing that the law says."""

import pytest

from service.domain.duties.rows import DUTIES, Duty
from service.domain.errors import RuleBreach
from tests.service.domain.story import World

OPEN = [row for row in DUTIES.values() if row.is_open]
SETTLED = [row for row in DUTIES.values() if not row.is_open]


@pytest.mark.parametrize("row", OPEN, ids=lambda row: row.id)
def test_the_days_of_a_duty_that_has_none_can_be_set(row: Duty) -> None:
    assert World().tell("set_deadline", duty=row.id) == {}


@pytest.mark.parametrize("row", SETTLED, ids=lambda row: row.id)
def test_the_days_that_the_law_says_cannot_be_set(row: Duty) -> None:
    with pytest.raises(RuleBreach) as refused:
        World().tell("set_deadline", duty=row.id)
    assert (refused.value.rule, refused.value.pointer) == ("duty-settled", "/body/duty")
    assert row.article in refused.value.message_en and row.article in refused.value.message_zh


def test_a_duty_that_is_not_there_cannot_be_set() -> None:
    with pytest.raises(RuleBreach) as refused:
        World().tell("set_deadline", duty="cn73-nothing")
    assert (refused.value.rule, refused.value.pointer) == ("duty-unknown", "/body/duty")
