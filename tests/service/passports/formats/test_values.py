"""Numbers of small units in the units of other formats; what a format cannot hold stands beside it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.passports.formats import gefeg_values
from service.passports.formats.scaling import rounded, scaled


@given(st.integers(-(10**12), 10**12), st.integers(0, 9))
def test_a_scaled_number_reads_as_the_exact_decimal(value: int, places: int) -> None:
    assert Decimal(repr(scaled(value, places))) == Decimal(value).scaleb(-places)


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_a_rounded_number_is_off_by_half_at_most(value: int, places: int) -> None:
    assert abs(Decimal(rounded(value, places)) - Decimal(value).scaleb(-places)) <= Decimal("0.5")


def test_whole_ohms_keep_the_resistance_of_a_pack_beside_them() -> None:
    assert gefeg_values.ohms(95_000) == {"ohmValue": 0, "ohm": "Ohm", "x-exact": {"value": 95_000, "unit": "uohm"}}
    assert "x-exact" not in gefeg_values.ohms(2_000_000)


def test_a_state_above_100_percent_is_shown_as_100_and_kept_beside_it() -> None:
    assert gefeg_values.percent(1_012_000)["percentageValue"] == 100
    assert gefeg_values.percent(1_012_000)["x-exact"]["value"] == 1_012_000
    assert gefeg_values.percent(-5)["percentageValue"] == 0
    assert "x-exact" not in gefeg_values.percent(981_000)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 2, 26), 96, date(2034, 2, 26)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_are_counted_to_the_same_day_or_the_last_of_the_month(day: date, months: int, then: date) -> None:
    assert gefeg_values.later(day, months) == then
