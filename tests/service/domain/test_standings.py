"""Rules of `set_standing`: whom the authority may suspend, end and reinstate, and when."""

from typing import Any, cast

import pytest

from service.domain.bodies import SetStanding
from service.domain.errors import RuleBreach
from service.domain.events import parse_body
from tests.service.domain.story import BODIES, World

SUSPENDED = {"cq-repair": cast(SetStanding, parse_body("set_standing", BODIES["set_standing"]))}


def test_who_takes_part_is_suspended_and_who_does_not_is_reinstated_or_ended() -> None:
    world = World()
    assert world.tell("set_standing") == {}
    for standing in ("active", "ended"):
        assert world.decide(world.event("set_standing", standing=standing), standings=SUSPENDED) == {}


@pytest.mark.parametrize(
    ("rule", "pointer", "body", "facts"),
    [
        ("standing-unknown", "/body/operator_id", {"operator_id": "cq-nobody"}, {}),
        ("standing-of-authority", "/body/operator_id", {"operator_id": "cq-city"}, {}),
        ("standing-day", "/body/since", {"since": "2026-02-28"}, {}),
        ("standing-same", "/body/standing", {"standing": "active"}, {}),
        ("standing-same", "/body/standing", {}, {"standings": SUSPENDED}),
        ("role", "/actor", {"actor": "cq-cells"}, {}),
    ],
)
def test_what_cannot_be_ruled_is_refused(rule: str, pointer: str, body: dict[str, Any], facts: dict[str, Any]) -> None:
    world = World()
    with pytest.raises(RuleBreach) as refused:
        world.decide(world.event("set_standing", **body), **facts)
    assert (refused.value.rule, refused.value.pointer) == (rule, pointer)
