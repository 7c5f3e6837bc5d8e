"""Conservation rule 7: cycles, throughput and the odometer never fall; health rises only by repair."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from service.domain.events import KINDS, fields_of, parse_body
from service.domain.rules_counters import COUNTERS_TOLD, HEALTH_TOLD, HealthTold
from service.domain.states import Model
from tests.service.domain.scenes import Scene, scene
from tests.service.domain.story import CAR, PACK, PACK_MODEL, SPARE

numbers = st.integers(0, 5)
reports = st.tuples(numbers, st.none() | numbers, st.none() | numbers, st.integers(1, 5), st.booleans())


@given(st.lists(reports, min_size=1, max_size=15))
def test_counters_never_fall_and_health_rises_only_after_a_repair(
    told: list[tuple[int, int | None, int | None, int, bool]],
) -> None:
    world, _ = scene("report_soh")
    world.put(PACK, soce_ppm=None, odometer_km=0)
    highest, health, repaired = {"full_cycles": 0, "throughput_wh": 0, "odometer_km": 0}, 9, False
    for cycles, throughput, odometer, soce, repair in told:
        if repair:
            world.tell("repair", PACK, removed=None, inserted=None, soce_ppm=health * 100_000)
            repaired = True
        given_ = {"full_cycles": cycles, "throughput_wh": throughput, "odometer_km": odometer}
        known = {name: value for name, value in given_.items() if value is not None}
        possible = all(value >= highest[name] for name, value in known.items()) and (soce <= health or repaired)
        try:
            world.tell("report_soh", PACK, soce_ppm=soce * 100_000, **given_)
        except RuleBreach as breach:
            assert not possible, breach
            continue
        assert possible
        highest |= known
        health, repaired = soce, False
    state = world.states[PACK]
    assert {name: getattr(state, name) for name in highest} == highest


HEALTH = [pytest.param(row, id=f"{row.kind}-{row.part}") for row in HEALTH_TOLD]


def told(row: HealthTold, health: int, **state: Any) -> Scene:
    """The scene of a kind that tells this health of a battery of which 700,000 ppm are known."""
    world, _ = happening = scene(row.kind)
    code = happening.codes[row.part]
    world.put(code, **({"soce_ppm": 700_000, "repaired_since_soh": False} | state))
    return Scene(world, scene(row.kind, **{row.field: health}).event)


def refusal(happening: Scene, **facts: Any) -> tuple[str, str] | None:
    world, event = happening
    try:
        world.decide(event, **facts)
    except RuleBreach as breach:
        return breach.rule, breach.pointer
    return None


def test_every_kind_that_tells_health_or_a_counter_has_its_row() -> None:
    health = {(row.kind, row.field) for row in HEALTH_TOLD}
    counters = {(kind, name) for kind, names in COUNTERS_TOLD.items() for name in names}
    wanted = {"full_cycles", "throughput_wh", "odometer_km"}
    for kind in KINDS.values():
        for field in fields_of(kind.body) if kind.body is not None and kind.name != "correct" else ():
            assert ((kind.name, field.name) in health) == field.name.startswith("soce_"), (kind.name, field.name)
            assert ((kind.name, field.name) in counters) == (field.name in wanted), (kind.name, field.name)
    assert all(row.source for row in HEALTH_TOLD)
    assert {row.kind for row in HEALTH_TOLD if row.rises} == {"repair", "test"}


@pytest.mark.parametrize("row", HEALTH)
def test_health_rises_only_after_a_repair_whoever_tells_it(row: HealthTold) -> None:
    rise = None if row.rises else ("soce-rise", f"/body/{row.field}")
    assert refusal(told(row, 700_001)) == rise
    assert refusal(told(row, 700_000)) is None
    assert refusal(told(row, 700_001, repaired_since_soh=True)) is None
    assert refusal(told(row, 700_001, soce_ppm=None)) is None


@pytest.mark.parametrize("row", HEALTH)
def test_health_told_becomes_what_is_known_unless_something_newer_is(row: HealthTold) -> None:
    world, event = happening = told(row, 600_000)
    code = happening.codes[row.part]
    after = world.decide(event)[code]
    assert (after.soce_ppm, after.measured_at) == (600_000, event.occurred_at)
    newest = event.occurred_at + timedelta(minutes=4)
    world.put(code, last_occurred_at=newest, measured_at=newest)
    assert world.decide(event)[code].soce_ppm == (600_000 if row.kind == "test" else 700_000)


@pytest.mark.parametrize(("km", "expected"), [(499, ("counter-decrease", "/body/odometer_km")), (500, None)])
def test_the_odometer_runs_on_in_the_vehicle_whatever_pack_is_in_it(km: int, expected: tuple[str, str] | None) -> None:
    replaced = scene("replace_pack", odometer_km=km)
    replaced.world.put(PACK, odometer_km=500)
    assert refusal(replaced) == expected
    assert refusal(replaced, replaying=True) is None

    world, _ = scene("report_soh", odometer_km=500)
    two_packs: Any = parse_body("publish_model", PACK_MODEL | {"packs_per_vehicle": 2})
    world.models["CQ-150"] = Model("cq-cells", two_packs)
    world.tell("report_soh", PACK, odometer_km=500)
    world.now += timedelta(minutes=10)
    assert refusal(Scene(world, world.event("install", SPARE, vehicle=CAR, odometer_km=km))) == expected


def test_what_is_an_entry_already_is_not_judged_by_younger_rules() -> None:
    """A register that took such an event before the rule was there can still be derived from its entries."""
    retired = scene("retire", soce_ppm=800_000)
    retired.world.put(PACK, soce_ppm=700_000)
    assert refusal(retired) == ("soce-rise", "/body/soce_ppm")
    assert refusal(retired, replaying=True) is None


def test_each_pack_of_a_swap_is_judged_by_itself() -> None:
    world, event = scene("swap", soce_out_ppm=700_000, soce_in_ppm=990_000)
    world.put(PACK, soce_ppm=700_000)
    after = world.decide(event)
    assert (after[PACK].soce_ppm, after[SPARE].soce_ppm) == (700_000, 990_000)
