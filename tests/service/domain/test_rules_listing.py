"""What a registration of a pack with all its parts may list."""

from dataclasses import replace
from typing import Any

import pytest

from service.domain.errors import InvalidBody, RuleBreach
from service.domain.events import parse_body
from service.domain.states import OpState
from tests.service.domain.story import BODIES, MODULES, PACK, World, register_modules

CELL, OTHER_CELL = "001CE12ABCDEFGG2R0000001", "001CE12ABCDEFGG2R0000101"


def module(code: str = MODULES[0], **more: Any) -> dict[str, Any]:
    return {"code": code, "mass_g": 90_000, "cells": [{"first": CELL, "count": 8, "mass_g": 9_000}]} | more


def cells(first: str = CELL, count: int = 8, **more: Any) -> dict[str, Any]:
    return {"first": first, "count": count} | more


def breach_of(world: World, **body: Any) -> tuple[str, str]:
    with pytest.raises(RuleBreach) as caught:
        world.tell("register_pack", PACK, **body)
    assert caught.value.message_en
    assert caught.value.message_zh
    assert caught.value.source
    return caught.value.rule, caught.value.pointer


def test_a_pack_is_assembled_when_it_is_registered_with_its_parts() -> None:
    world = World()
    rows = [module(code, cells=[cells(f"001CE12ABCDEFGG2R00000{n}1")]) for n, code in enumerate(MODULES[:2])]
    world.tell("register_pack", PACK, modules=rows)
    state = world.states[PACK]
    assert (state.op_state, state.children, state.count) == (OpState.ASSEMBLED, MODULES[:2], 1)
    assert set(world.states) == {PACK}, "a part has no state before an event names it"


@pytest.mark.parametrize(
    ("body", "rule", "pointer"),
    [
        ({"modules": None}, "nothing-listed", "/body/modules"),
        ({"modules": [module(CELL)]}, "listed-code", "/body/modules/0/code"),
        ({"modules": [module(cells=[cells(MODULES[1])])]}, "listed-code", "/body/modules/0/cells/0/first"),
        ({"modules": [module("002ME12ABCDEFGG2R0000001")]}, "listed-code", "/body/modules/0/code"),
        ({"modules": [module("001MB12ABCDEFGG2R0000001")]}, "listed-code", "/body/modules/0/code"),
        ({"modules": [module("001ME12ABCDEFGG310000001")]}, "made-before-parts", "/body/modules/0/code"),
        (
            {"modules": [module(), {"code": MODULES[0], "mass_g": 1}]},
            "listed-twice",
            "/body/modules/1/code",
        ),
        (
            {"modules": [module(), module(MODULES[1], cells=[cells("001CE12ABCDEFGG2R0000008", 3)])]},
            "listed-twice",
            "/body/modules/1/cells/0/first",
        ),
        ({"modules": [module()], "cells": [cells()]}, "listed-twice", "/body/cells/0/first"),
        ({"modules": None, "cells": [cells("001CE12ABCDEFGG2R9999999", 2)]}, "listed-run", "/body/cells/0/first"),
        ({"module_model_id": "CQ-000"}, "model-unknown", "/body/module_model_id"),
        ({"module_model_id": "CQ-150"}, "model-mismatch", "/body/module_model_id"),
        ({"modules": [module(mass_g=307_000)], "housing_mass_g": None}, "parts-mass", "/body/mass_g"),
        ({"modules": [module(mass_g=200_000)], "housing_mass_g": 107_000}, "parts-mass", "/body/mass_g"),
        ({"modules": [module(mass_g=71_999)]}, "cells-mass", "/body/modules/0/mass_g"),
    ],
)
def test_what_cannot_be_listed_is_refused_where_it_stands(body: dict[str, Any], rule: str, pointer: str) -> None:
    assert breach_of(World(), **body) == (rule, pointer)


def test_the_parts_may_weigh_two_per_cent_more_than_the_pack() -> None:
    world = World()
    world.tell("register_pack", PACK, modules=[module(mass_g=206_000)], housing_mass_g=100_000)
    assert PACK in world.states


def test_cells_of_unknown_mass_count_for_nothing() -> None:
    world = World()
    world.tell("register_pack", PACK, modules=[module(mass_g=1, cells=[cells(count=8)])])
    assert PACK in world.states


def test_only_packs_are_registered_with_their_parts() -> None:
    world = World()
    with pytest.raises(RuleBreach) as caught:
        world.tell("register_pack", MODULES[0], model_id="CQ-50M", made_on="2026-02-24", modules=None, cells=[cells()])
    assert (caught.value.rule, caught.value.pointer) == ("listed-code", "/subjects/0")


def test_a_part_that_is_there_already_is_told_with_what_it_is() -> None:
    world = World()
    register_modules(world)
    event = world.event("register_pack", PACK)
    with pytest.raises(RuleBreach) as caught:
        world.decide(event, taken={MODULES[0]: world.states[MODULES[0]]})
    assert (caught.value.rule, caught.value.pointer) == ("already-registered", "/body/modules/0/code")
    assert caught.value.current is not None
    assert caught.value.current["code"] == MODULES[0]


def test_models_of_another_maker_do_not_count() -> None:
    world = World()
    world.models["CQ-50M"] = world.models["CQ-50M"]._replace(maker="cq-others")
    assert breach_of(world, module_model_id="CQ-50M") == ("not-the-maker", "/body/module_model_id")


def test_the_codes_begin_as_their_model_says() -> None:
    world = World()
    body = world.models["CQ-50M"].body
    world.models["CQ-50M"] = world.models["CQ-50M"]._replace(body=replace(body, specification="13"))
    assert breach_of(world, module_model_id="CQ-50M") == ("model-mismatch", "/body/modules/0/code")


@pytest.mark.parametrize(
    "code", ["001ME12R6M0000001RM", "001ME12ABCDEFGG2X0000001", "001ME12ABCDEFGG2R0000000", "001ME12ABCDEFGG2RABCDEFG"]
)
def test_a_listed_code_has_24_characters_and_a_serial_number(code: str) -> None:
    with pytest.raises(InvalidBody) as caught:
        parse_body("register_pack", BODIES["register_pack"] | {"modules": [module(code)]})
    assert [each.pointer for each in caught.value.problems] == ["/modules/0/code"]
