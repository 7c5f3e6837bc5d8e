"""The lifecycle table: every row in every state, and what holds for events of all kinds."""

from datetime import timedelta

import pytest

from service.domain.effects import CREATORS, EFFECTS
from service.domain.errors import RuleBreach
from service.domain.events import KINDS
from service.domain.lifecycle import AWAY, BACK, CLOCK_SKEW, TRANSITIONS, UNTIMED, Transition
from service.domain.roles import Role
from service.domain.rulebook import RULEBOOK
from service.domain.states import TERMINAL, OpState
from service.domain.words import Level
from tests.service.domain.scenes import KINDS_WITH_SCENES, scene
from tests.service.domain.story import MODULES, PACK, SPARE, moment

MOVES = [row for row in TRANSITIONS if row.before]


def test_the_tables_know_the_same_kinds_and_parts() -> None:
    rows = {(row.kind, row.part) for row in TRANSITIONS}
    assert len(rows) == len(TRANSITIONS)
    assert set(EFFECTS) <= rows
    assert set(CREATORS) == {(row.kind, row.part) for row in TRANSITIONS if not row.before}
    assert {kind for kind, _ in rows} == set(KINDS_WITH_SCENES)
    assert set(RULEBOOK) <= set(KINDS)
    assert set(KINDS_WITH_SCENES) == {row.name for row in KINDS.values() if row.subjects.maximum}
    assert all(row.source for row in TRANSITIONS)


@pytest.mark.parametrize("kind", KINDS_WITH_SCENES)
def test_the_usual_event_of_each_kind_is_accepted(kind: str) -> None:
    world, event = scene(kind)
    after = world.decide(event)
    assert tuple(after) == event.subjects
    for code, state in after.items():
        assert state.code == code
        assert state.count == (world.states[code].count if code in world.states else 0) + 1
        before = world.states[code].last_occurred_at if code in world.states else event.occurred_at
        assert state.last_occurred_at == (before if kind in UNTIMED else event.occurred_at)


@pytest.mark.parametrize("row", MOVES, ids=lambda row: f"{row.kind}-{row.part}")
@pytest.mark.parametrize("state", OpState)
def test_a_battery_moves_only_along_the_rows_of_the_table(row: Transition, state: OpState) -> None:
    world, event = happening = scene(row.kind)
    code = happening.codes[row.part]
    world.put(code, op_state=state)
    if state in row.before:
        after = world.decide(event)[code]
        assert after.op_state is (AWAY[state] if row.kind in BACK and state in AWAY else row.after or state)
        assert after.life_status is (row.life or world.states[code].life_status)
        assert after.passport is (row.passport or world.states[code].passport)
        assert after.holder == (event.actor if row.holds else world.states[code].holder)
        return
    with pytest.raises(RuleBreach) as caught:
        world.decide(event)
    assert caught.value.rule == ("life-ended" if state in TERMINAL else "state")
    assert caught.value.pointer == f"/subjects/{event.subjects.index(code)}"
    assert caught.value.current is not None
    assert caught.value.current["code"] == code


@pytest.mark.parametrize("kind", KINDS_WITH_SCENES)
def test_only_the_roles_of_a_kind_may_record_it(kind: str) -> None:
    world, event = scene(kind)
    for role in Role:
        if role in KINDS[kind].roles:
            assert world.decide(event, roles=frozenset({role}))
        else:
            with pytest.raises(RuleBreach) as caught:
                world.decide(event, roles=frozenset({role}))
            assert (caught.value.rule, caught.value.pointer) == ("role", "/actor")


@pytest.mark.parametrize("kind", KINDS_WITH_SCENES)
def test_an_event_may_be_five_minutes_ahead_of_the_clock_and_no_more(kind: str) -> None:
    world, event = scene(kind)
    assert world.decide(event, received_at=event.occurred_at - CLOCK_SKEW)
    with pytest.raises(RuleBreach) as caught:
        world.decide(event, received_at=event.occurred_at - CLOCK_SKEW - timedelta(milliseconds=1))
    assert caught.value.rule == "in-the-future"


@pytest.mark.parametrize("kind", KINDS_WITH_SCENES)
def test_an_event_about_an_unknown_battery_is_refused(kind: str) -> None:
    world, event = scene(kind)
    for code in event.subjects:
        if code in world.states:
            known = {each: state for each, state in world.states.items() if each != code}
            with pytest.raises(RuleBreach) as caught:
                world.decide(event, states=known)
            assert caught.value.rule == "subject-unknown"
            assert code in caught.value.message_en


def test_an_event_told_late_keeps_the_later_time() -> None:
    world, event = scene("report_soh", late_reason="offline")
    later = event.occurred_at + timedelta(days=3)
    world.put(PACK, last_occurred_at=later)
    assert world.decide(event)[PACK].last_occurred_at == later


def test_the_day_of_production_is_a_day_in_china() -> None:
    world, event = scene("register")
    world.states.update(world.decide(event))
    world.put(PACK, last_occurred_at=moment("2026-02-25"))
    world.now = world.now.replace(month=2, day=25, hour=16, minute=0)  # midnight in China, 26 February
    assert world.decide(world.event("report_soh", PACK))
    world.now -= timedelta(milliseconds=1)
    with pytest.raises(RuleBreach) as caught:
        world.decide(world.event("report_soh", PACK))
    assert caught.value.rule == "before-production"


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in KINDS_WITH_SCENES
        if KINDS[kind].subjects.levels != frozenset(Level) and (kind, KINDS[kind].parts[0]) not in CREATORS
    ],
)
@pytest.mark.parametrize("level", Level)
def test_an_event_is_for_the_levels_of_its_kind(kind: str, level: Level) -> None:
    world, event = scene(kind)
    world.put(event.subjects[0], level=level)
    if level not in KINDS[kind].subjects.levels:
        with pytest.raises(RuleBreach) as caught:
            world.decide(event)
        assert caught.value.rule == "level"
        assert level.zh in caught.value.message_zh


def test_publishing_a_model_touches_no_battery() -> None:
    world, _ = scene("register")
    assert world.decide(world.event("publish_model", model_id="CQ-NEW")) == {}


def test_enrolling_an_operator_touches_no_battery() -> None:
    world, _ = scene("register")
    assert world.decide(world.event("enrol_operator")) == {}


def test_a_swap_changes_both_packs_or_none() -> None:
    world, event = scene("swap")
    after = world.decide(event)
    assert [after[code].vehicle for code in (PACK, SPARE)] == [None, event.vehicle]
    world.put(SPARE, op_state=OpState.RETIRED)
    before = dict(world.states)
    with pytest.raises(RuleBreach):
        world.decide(event)
    assert world.states == before


def test_a_repair_changes_the_parts_and_the_mass_of_the_pack() -> None:
    world, event = scene("repair")
    world.put(MODULES[2], mass_g=88_000)
    after = world.decide(event)
    removed, inserted = event.subjects[1:]
    assert after[PACK].children == (*MODULES[:2], inserted)
    assert after[PACK].mass_g == 302_000
    assert (after[removed].parent, after[inserted].parent) == (None, PACK)


def test_a_failed_safety_test_keeps_a_pack_out_of_vehicles_until_it_is_passed() -> None:
    world, event = scene("repair", safety_test_passed=False)
    world.states.update(world.decide(event))
    assert world.states[PACK].flags == ("unsafe",)
    with pytest.raises(RuleBreach) as caught:
        world.tell("sell", PACK)
    assert caught.value.rule == "unsafe"
    world.tell("repair", PACK)
    assert world.states[PACK].flags == ()


def test_a_test_may_quarantine_a_pack_and_a_later_test_release_it() -> None:
    world, event = scene("test", decision="quarantine")
    world.states.update(world.decide(event))
    assert world.states[PACK].flags == ("quarantined",)
    world.tell("test", PACK)
    assert world.states[PACK].flags == ()


def test_the_mass_on_receipt_is_the_mass_from_then_on() -> None:
    world, event = scene("collect", mass_g=298_500)
    assert world.decide(event)[PACK].mass_g == 298_500


def test_a_dismantled_pack_and_its_modules_let_go_of_each_other() -> None:
    world, event = scene("dismantle")
    after = world.decide(event)
    assert after[PACK].children == ()
    assert [after[code].parent for code in MODULES] == [None, None, None]
    assert [after[code].op_state for code in MODULES] == [OpState.COLLECTED, OpState.COLLECTED, OpState.LOST]
