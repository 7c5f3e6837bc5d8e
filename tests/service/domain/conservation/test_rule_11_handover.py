"""Conservation rule 11: a hand-over has two sides, and neither may contradict the other."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from tests.service.domain.scenes import scene
from tests.service.domain.story import PACK

PEOPLE = ("cq-repair", "cq-outlet", "cq-recycle", "cq-lab")
person = st.sampled_from(PEOPLE)


@given(st.lists(st.tuples(st.booleans(), person, person), min_size=1, max_size=20))
def test_custody_goes_from_hand_to_hand(told: list[tuple[bool, str, str]]) -> None:
    """Against a naive book: who has it, whom it was given to, and whose word is missing."""
    world, _ = scene("hand_over")
    holder, handed, owed = "cq-repair", None, None
    for gives, actor, other in told:
        try:
            if gives:
                world.tell("hand_over", PACK, actor=actor, to_operator=other)
            else:
                world.tell("receive", PACK, actor=actor, from_operator=other)
            taken = True
        except RuleBreach:
            taken = False
        if gives:
            open_ = actor == holder and handed is None
            possible = actor != other and (open_ or (actor == owed and other == holder))
            if possible and actor == holder:
                handed = other
            elif possible:
                owed = None
        else:
            agreed = handed is None or (handed == actor and other == holder)
            possible = actor not in (other, holder) and agreed
            if possible:
                owed = None if handed == actor else other
                holder, handed = actor, None
        assert taken is possible
        state = world.states[PACK]
        assert (state.holder, state.handed_to, state.taken_from) == (holder, handed, owed)


def test_a_collection_answers_the_hand_over_of_who_retired_it() -> None:
    world, _ = scene("retire")
    world.tell("retire", PACK, to_operator="cq-outlet")
    assert world.states[PACK].handed_to == "cq-outlet"
    world.tell("collect", PACK, from_operator="cq-repair")
    state = world.states[PACK]
    assert (state.holder, state.handed_to, state.taken_from) == ("cq-outlet", None, None)


def test_the_producer_answers_for_waste_unless_somebody_takes_it_over() -> None:
    """Source: Regulation (EU) 2023/1542, Art. 77(7)."""
    for details, roles, expected in (
        ({}, {"collector"}, "cq-cells"),
        ({"takes_responsibility": True}, {"collector"}, "cq-outlet"),
        ({}, {"producer_organisation"}, "cq-outlet"),
    ):
        world, event = scene("collect", **details)
        assert world.decide(event, roles=frozenset(roles))[PACK].responsible == expected
