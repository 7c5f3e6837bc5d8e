"""What is offered of a battery: never less than the rules take, and nothing that the battery or the actor forbids."""

import pytest

from service.domain.errors import DomainError, RuleBreach
from service.domain.offering import hindrance, roles_that_could
from service.domain.roles import Role
from service.domain.states import OpState
from service.workshop.offers import on_phone, places
from tests.service.domain.scenes import scene


@pytest.mark.parametrize("kind", on_phone())
def test_what_the_rules_take_is_offered_in_every_state(kind: str) -> None:
    """The battery in hand is put into each state; where the whole event would be taken, it is offered."""
    stage = scene(kind)
    world, event = stage.world, stage.event
    accepted = 0
    for place in places(kind):
        code = event.subjects[place]
        usual = world.states[code]
        for op_state in OpState:
            world.put(code, op_state=op_state)
            facts = world.facts(event, fitted=frozenset())  # no vehicle is named yet
            try:
                world.decide(event)
            except DomainError:
                continue
            accepted += 1
            assert hindrance(kind, place, world.states[code], facts, event.actor) is None, op_state
            named = kind == "receive"  # what was handed over is for one organisation, whatever its roles
            assert named or event.actor == "cq-city" or roles_that_could(kind, place, world.states[code], facts)
        world.states[code] = usual
    assert accepted


@pytest.mark.parametrize("kind", on_phone())
def test_what_the_battery_or_the_actor_forbids_is_not_offered(kind: str) -> None:
    stage = scene(kind)
    place = places(kind)[0]
    state = stage.world.states[stage.event.subjects[place]]
    facts = stage.world.facts(stage.event)
    stranger = facts._replace(roles=frozenset({Role.COMMISSION}))
    found = hindrance(kind, place, state, stranger, "eu-office")
    assert isinstance(found, RuleBreach) and (found.rule, found.pointer) == ("role", "/actor")
    ended = state.changed({"op_state": OpState.RECYCLED})
    if kind != "void_label":  # a label may be destroyed after its battery
        known = facts._replace(states={**facts.states, state.code: ended})
        assert hindrance(kind, place, ended, known, stage.event.actor) is not None
        assert roles_that_could(kind, place, ended, known) == frozenset()
