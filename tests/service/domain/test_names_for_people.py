"""What people see: quantities, regions, states, roles and words, in both languages."""

import pytest

from service.domain import words
from service.domain.districts import CHONGQING, PROVINCES, is_region, region_of
from service.domain.names import LIFE_STATUSES, OP_STATES, PASSPORTS
from service.domain.roles import Role
from service.domain.states import TERMINAL, LifeStatus, OpState, PassportStatus
from service.domain.units import DISPLAYS, format_quantity, unit_of


@pytest.mark.parametrize(
    ("value", "name", "lang", "text"),
    [
        (452_300, "mass_g", "en", "452.3 kg"),
        (452_300, "mass_g", "zh", "452.3 千克"),
        (1_234_567, "input_mass_g", "en", "1,234.567 kg"),
        (150_000, "capacity_mah", "en", "150 Ah"),
        (52_000, "energy_wh", "zh", "52 千瓦时"),
        (885_000, "soce_ppm", "en", "88.5%"),
        (885_001, "soce_ppm", "zh", "88.5001%"),
        (-5_000, "temperature_mc", "en", "-5 °C"),
        (0, "loss_mass_g", "en", "0 kg"),
        (1_000, "full_cycles", "zh", "1,000 次"),
        (100, "odometer_km", "en", "100 km"),
        (1_900, "resistance_uohm", "en", "1.9 mΩ"),
    ],
)
def test_a_quantity_is_shown_exactly_in_the_unit_people_use(value: int, name: str, lang: str, text: str) -> None:
    assert format_quantity(value, name, lang) == text


def test_a_name_without_a_unit_is_no_quantity() -> None:
    assert unit_of("reason") is None
    assert unit_of("mass_g") is DISPLAYS["g"]


def test_chongqing_has_26_districts_8_counties_and_4_autonomous_counties() -> None:
    names = [row.zh for row in CHONGQING.values()]
    autonomous = [name for name in names if name.endswith("自治县")]
    counties = [name for name in names if name.endswith("县") and name not in autonomous]
    assert (len(names) - len(counties) - len(autonomous), len(counties), len(autonomous)) == (26, 8, 4)
    assert CHONGQING["500103"].zh == "渝中区"
    assert len(PROVINCES) == 34


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("500103", True),
        ("500000", True),
        ("510100", True),
        ("500199", False),
        ("990000", False),
        ("50010", False),
        ("5001030", False),
        ("５００１０３", False),
        ("50010a", False),
    ],
)
def test_a_region_is_six_digits_of_a_real_place(code: str, known: bool) -> None:
    assert is_region(code) is known


def test_a_region_outside_chongqing_is_named_by_its_province() -> None:
    named = [region_of(code) for code in ("500103", "510100", "500000")]
    assert [row.zh if row else "" for row in named] == ["渝中区", "四川省", "重庆市"]
    assert region_of("990000") is None


@pytest.mark.parametrize(
    ("rows", "states"), [(OP_STATES, OpState), (LIFE_STATUSES, LifeStatus), (PASSPORTS, PassportStatus)]
)
def test_every_state_has_a_name_and_a_sentence_in_both_languages(
    rows: dict[str, object], states: type[OpState]
) -> None:
    assert set(rows) == set(states)
    for row in rows.values():
        assert all(row)  # type: ignore[call-overload]


def test_a_life_that_has_ended_is_shown_as_ended() -> None:
    assert {state for state, row in OP_STATES.items() if row.tone == "ended"} == TERMINAL | {OpState.EXPORTED}
    assert {row.tone for row in OP_STATES.values()} == {"ok", "attention", "ended"}


def test_every_word_has_a_name_in_both_languages_and_stays_a_plain_string() -> None:
    lists = [each for each in vars(words).values() if isinstance(each, type) and issubclass(each, words.Word)]
    members = [member for each in (*lists, Role) for member in each]
    assert len(lists) > 10
    for member in members:
        assert member.en
        assert any("\u4e00" <= each <= "\u9fff" for each in member.zh)
        assert member == member.value == str(member)
