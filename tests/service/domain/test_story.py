"""The life of one pack in fourteen steps, from registration to recycled material.

The steps are those of the EPCIS sample shared/data/epcis/pack-life. Where the law asks for a step the sample leaves out
(retirement, residual test), or where the sample cannot be (a second life whose code is older than the event), the story
here follows the law.
"""

from datetime import date

import pytest

from service.domain.errors import RuleBreach
from service.domain.states import BatteryState, LifeStatus, OpState, PassportStatus
from tests.service.domain.story import CAR, MODULES, NEW_MODULE, PACK, SECOND_LIFE, SPARE, World, register_modules


def live_through() -> World:
    world = World()
    register_modules(world, (*MODULES, NEW_MODULE))
    world.tell("register", PACK)  # 1
    world.tell("assemble", PACK, *MODULES)  # 2
    world.tell("install", PACK, vehicle=CAR, on="2026-03-10")  # 3
    world.tell("sell", PACK, on="2026-03-20")  # 4
    world.tell("report_soh", PACK, on="2028-03-20")  # 5
    world.tell("register", SPARE)
    world.tell("swap", PACK, SPARE, vehicle=CAR, on="2028-05-02")  # 6 and 7: out and in are one event
    replaced = {"removed": MODULES[2], "inserted": NEW_MODULE}
    world.tell("repair", PACK, MODULES[2], NEW_MODULE, on="2029-01-05", **replaced)  # 8 and 9
    world.tell("retire", PACK, on="2034-05-30")
    world.tell("collect", PACK, on="2034-06-01")  # 10
    world.tell("test", PACK, decision="dismantle", on="2034-06-10")
    world.tell("dismantle", PACK, MODULES[0], MODULES[1], NEW_MODULE, on="2034-06-20")  # 11
    world.tell("test", MODULES[0])
    world.tell("repurpose", SECOND_LIFE, MODULES[0], on="2034-06-21")  # 12
    world.tell("recycle", MODULES[1], on="2034-07-01")  # 13 and 14: its materials exist, it does not
    return world


def test_a_pack_lives_through_fourteen_steps() -> None:
    world = live_through()
    ends = {code: (state.op_state, state.life_status) for code, state in world.states.items()}
    assert ends == {
        PACK: (OpState.DISMANTLED, LifeStatus.WASTE),
        SPARE: (OpState.IN_USE, LifeStatus.ORIGINAL),
        MODULES[0]: (OpState.CONSUMED, LifeStatus.WASTE),
        MODULES[1]: (OpState.RECYCLED, LifeStatus.WASTE),
        MODULES[2]: (OpState.REMOVED, LifeStatus.ORIGINAL),
        NEW_MODULE: (OpState.COLLECTED, LifeStatus.WASTE),
        SECOND_LIFE: (OpState.REGISTERED, LifeStatus.REPURPOSED),
    }


def test_the_second_life_and_the_first_know_each_other() -> None:
    world = live_through()
    assert world.states[SECOND_LIFE].derived_from == (MODULES[0],)
    assert world.states[MODULES[0]].consumed_into == SECOND_LIFE
    assert world.states[SECOND_LIFE].maker == "cq-recycle"
    assert world.states[MODULES[0]].maker == "cq-cells"


def test_the_passport_ends_with_the_battery() -> None:
    world = live_through()
    passports = [world.states[code].passport for code in (SPARE, PACK, MODULES[0], MODULES[1], SECOND_LIFE)]
    draft, archived, ceased = PassportStatus.DRAFT, PassportStatus.ARCHIVED, PassportStatus.CEASED
    assert passports == [draft, archived, archived, ceased, draft]


def test_the_car_of_the_swap_now_holds_the_spare_pack_only() -> None:
    world = live_through()
    assert {code for code, state in world.states.items() if state.vehicle == CAR} == {SPARE}


def test_a_state_counts_its_events_and_remembers_who_had_the_battery() -> None:
    world = live_through()
    pack = world.states[PACK]
    assert pack.count == 11
    assert (pack.maker, pack.holder) == ("cq-cells", "cq-recycle")
    assert pack.made_on == date(2026, 2, 26)
    assert pack.soce_ppm == 700_000
    assert pack.full_cycles == 640
    assert world.states[NEW_MODULE].count == 3


@pytest.mark.parametrize("code", [PACK, MODULES[0], MODULES[1]])
def test_nothing_follows_the_end(code: str) -> None:
    world = live_through()
    with pytest.raises(RuleBreach) as caught:
        world.tell("report_soh", code)
    assert caught.value.rule == "life-ended"
    assert caught.value.current is not None
    assert caught.value.current["op_state"] == world.states[code].op_state


def test_every_state_of_the_story_survives_being_stored() -> None:
    for state in live_through().states.values():
        assert BatteryState.from_mapping(state.to_mapping()) == state
