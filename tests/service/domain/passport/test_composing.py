"""From what is recorded, measured and declared to data points: nothing promised is missing, nothing unknown is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.domain.checking import parse_fields
from service.domain.events import parse_body
from service.domain.passport.completeness import check_completeness, missing_in_model, needs_passport
from service.domain.passport.composing import Sources, Told, compose_points, numbers_given, points_of_model
from service.domain.passport.content import parse_content
from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.passport import Party
from service.domain.passport.shapes import SHAPES
from service.domain.states import BatteryState, LifeStatus, Model, OpState, PassportStatus
from service.domain.words import Category, Level
from tests.service.domain.story import PACK, PACK_MODEL
from tests.service.passports.contents import CONTENT

WHEN = datetime(2027, 6, 1, tzinfo=UTC)
DAY = date(2027, 6, 1)
MODEL = Model("cq-cells", parse_body("publish_model", PACK_MODEL))  # type: ignore[arg-type]
PARTY = Party("cq-cells", "重庆电芯", None, None, "500112")
STATE = BatteryState(
    code=PACK,
    level=Level.PACK,
    op_state=OpState.ASSEMBLED,
    life_status=LifeStatus.ORIGINAL,
    passport=PassportStatus.DRAFT,
    maker="cq-cells",
    holder="cq-cells",
    made_on=date(2026, 2, 26),
    mass_g=300_000,
    capacity_mah=150_000,
    energy_wh=52_000,
    rated_capacity_mah=150_000,
    rated_energy_wh=52_000,
    count=1,
    last_occurred_at=WHEN,
    model_id="CQ-150",
    gtin="09521234000013",
)
REGISTERED = Told({"site": "重庆两江工厂"}, WHEN, "cq-cells", 7)


def sources(numbers: set[str], *, category: Category = Category.EV, **more: Any) -> Sources:
    return Sources(
        state=STATE,
        category=category,
        link="https://id.example.cn/01/09521234000013/21/ABCDEFGG2T0000001",
        serial="ABCDEFGG2T0000001",
        maker=PARTY,
        responsible=PARTY,
        model=MODEL,
        model_content=parse_content({nr: CONTENT[nr] for nr in numbers}) if numbers else {},
        registered=REGISTERED,
        **more,
    )


@given(st.sets(st.sampled_from(sorted(CONTENT))))
def test_every_number_that_is_promised_is_there_and_has_the_shape_of_its_data_point(numbers: set[str]) -> None:
    points = compose_points(sources(numbers))
    assert numbers_given(STATE, MODEL, set(map(int, numbers))) <= points.keys()
    for nr, point in points.items():
        assert point.nr == nr
        parse_fields(SHAPES[nr], dict(point.value))


@given(st.sets(st.sampled_from(sorted(CONTENT))), st.sampled_from(list(Category)))
def test_a_model_that_lacks_nothing_makes_complete_passports(numbers: set[str], category: Category) -> None:
    given_numbers = set(map(int, numbers))
    missing = missing_in_model(category, DAY, given_numbers | points_of_model(MODEL))
    report = check_completeness(category, DAY, numbers_given(STATE, MODEL, given_numbers))
    assert [nr for nr in report.missing if not DATA_POINTS[nr].item] == list(missing)


def test_number_33_is_missing_for_an_electric_vehicle_and_for_no_other() -> None:
    given_numbers = {int(nr) for nr in CONTENT} - {33}
    found = {each: missing_in_model(each, DAY, given_numbers) for each in Category}
    assert found.pop(Category.EV) == (33,)
    assert set(found.values()) == {()}


def test_small_industrial_batteries_need_no_passport() -> None:
    assert not needs_passport(Category.STATIONARY, 2_000)
    assert needs_passport(Category.STATIONARY, 2_001)
    assert needs_passport(Category.EV, 1)
    assert not needs_passport(Category.SLI, 60_000)


@given(st.lists(st.tuples(st.integers(0, 1_100_000), st.integers(0, 300)), min_size=1, max_size=6))
def test_of_several_measurements_the_one_of_the_latest_day_counts(measured: list[tuple[int, int]]) -> None:
    told = [
        Told({"soce_ppm": soce, "method": "bms"}, WHEN + timedelta(days=day), "cq-lab", index)
        for index, (soce, day) in enumerate(measured)
    ]
    latest = max(told, key=lambda each: (each.at, each.index))
    assert compose_points(sources({"29"}, measured=told))[61].value == {"soce_ppm": latest.values["soce_ppm"]}


@given(st.integers(1, 300_000))
def test_a_fade_is_what_is_lost_of_the_first_value(remaining: int) -> None:
    told = Told({"remaining_capacity_mah": remaining, "method": "lab"}, WHEN, "cq-lab", 9)
    fade = compose_points(sources(set(), measured=[told]))[52].value["fade_ppm"]
    assert fade == (150_000 - remaining) * 1_000_000 // 150_000


def test_an_erased_measurement_leaves_what_was_declared() -> None:
    told = Told({"method": "bms"}, WHEN, "cq-lab", 9)
    point = compose_points(sources({"61"}, measured=[told]))[61]
    assert (point.value, point.method) == ({"soce_ppm": 1_000_000}, "declared")


def test_a_measurement_of_one_condition_leaves_the_others_as_declared() -> None:
    declared = {"temperature_mc": 20_000, "energy_throughput_wh": 900_000}
    told = Told({"temperature_mc": 31_000, "method": "bms"}, WHEN, "cq-lab", 9)
    points = compose_points(replace(sources(set(), measured=[told]), model_content=parse_content({"70": declared})))
    assert points[70].value == declared | {"temperature_mc": 31_000}
