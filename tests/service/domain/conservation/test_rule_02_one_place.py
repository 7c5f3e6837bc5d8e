"""Conservation rule 2: one parent at a time, one vehicle at a time, no more packs in a vehicle than it has slots."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from tests.service.domain.story import CAR, MODULES, OTHER_CAR, PACK, SPARE, World, register_modules

PACKS = (PACK, SPARE, "001PE12ABCDEFGG2T0000003")
CARS = (CAR, OTHER_CAR)
moves = st.lists(
    st.tuples(
        st.sampled_from(["install", "swap", "replace_pack", "retire"]),
        st.sampled_from(PACKS),
        st.sampled_from(PACKS),
        st.sampled_from(CARS),
    ),
    min_size=1,
    max_size=25,
)


def attempt(world: World, kind: str, *subjects: str, **details: Any) -> bool:
    try:
        world.tell(kind, *subjects, **details)
    except RuleBreach:
        return False
    return True


@given(moves, st.integers(1, 3))
def test_a_vehicle_never_has_more_packs_than_its_model_says(told: list[tuple[str, str, str, str]], slots: int) -> None:
    world = World()
    model = world.models["CQ-150"]
    world.models["CQ-150"] = model._replace(body=replace(model.body, packs_per_vehicle=slots))
    for code in PACKS:
        world.tell("register", code)
    where: dict[str, str] = {}
    for kind, one, other, car in told:
        subjects = (one, other) if kind in ("swap", "replace_pack") else (one,)
        if attempt(world, kind, *subjects, vehicle=car, **({"vin": None} if kind == "retire" else {})):
            where.pop(one, None)
            if kind != "retire":
                where[subjects[-1]] = car
        assert where == {code: state.vehicle for code, state in world.states.items() if state.vehicle}
        assert all(list(where.values()).count(each) <= slots for each in CARS)


@given(st.lists(st.tuples(st.sampled_from(PACKS), st.sets(st.sampled_from(MODULES), min_size=1)), max_size=8))
def test_a_part_never_has_two_parents(told: list[tuple[str, set[str]]]) -> None:
    world = World()
    register_modules(world)
    for code in PACKS:
        world.tell("register", code)
    parent: dict[str, str] = {}
    for pack, parts in told:
        free = parent.keys().isdisjoint(parts) and pack not in parent.values()
        assert attempt(world, "assemble", pack, *sorted(parts)) is free
        if free:
            parent |= dict.fromkeys(parts, pack)
    assert parent == {code: state.parent for code, state in world.states.items() if state.parent}
