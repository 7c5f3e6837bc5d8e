"""Conservation rule 7: cycles, throughput and the odometer never fall; health rises only by repair."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from tests.service.domain.scenes import scene
from tests.service.domain.story import PACK

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
