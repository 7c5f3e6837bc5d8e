"""Cells become values without loss, and what a spreadsheet has changed is refused with advice."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imports.cells import CellError, converter, read_day, read_moment
from service.imports.columns import field_of
from service.imports.rows import Cell, Number


def read(kind: str, name: str, cell: Cell, places: int = 0) -> Any:
    spec = field_of(kind, name)
    assert spec is not None
    return converter(spec, places)(cell)


def number(text: str) -> Number:
    return Number(text, Decimal(text))


@pytest.mark.parametrize(
    ("cell", "places", "value"),
    [
        *(("300500", 0, 300_500), (" 300500 ", 0, 300_500), ("300.5", 3, 300_500), ("0300", 3, 300_000)),
        *(("-5", 0, -5), ("300.500", 3, 300_500), ("300.0", 0, 300)),
        *((number("300.5"), 3, 300_500), (number("150000"), 0, 150_000)),
    ],
)
def test_numbers_are_exact(cell: Cell, places: int, value: int) -> None:
    assert read("register", "mass_g", cell, places) == value


@pytest.mark.parametrize(
    ("cell", "places", "code"),
    [
        *(("1.5E+05", 0, "scientific"), ("3e5", 0, "scientific"), ("300.5", 0, "whole"), ("0.0001", 3, "whole")),
        *(
            ("300,500", 0, "number"),
            ("３００", 0, "number"),
            ("300 kg", 0, "number"),
            ("", 0, "number"),
            ("+5", 0, "number"),
        ),
        *((Number("1234567890123456", None), 0, "digits"), (date(2026, 1, 1), 0, "number"), (True, 0, "number")),
    ],
)
def test_what_is_no_plain_number_is_refused(cell: Cell, places: int, code: str) -> None:
    with pytest.raises(CellError) as caught:
        read("register", "mass_g", cell, places)
    assert caught.value.code == code
    assert caught.value.zh


@given(value=st.integers(-(10**17), 10**17), places=st.integers(0, 4))
def test_moving_the_point_loses_nothing(value: int, places: int) -> None:
    text = f"{Decimal(value).scaleb(-places):f}"
    assert read("register", "mass_g", text, places) == value


def test_codes_keep_their_zeros_or_are_refused() -> None:
    assert read("register", "gtin", "09521234000013") == "09521234000013"
    for cell, code in (
        (number("9521234000013"), "number-cell"),
        ("9.52123E+12", "scientific"),
        (date(2026, 1, 1), "text"),
    ):
        with pytest.raises(CellError) as caught:
            read("register", "gtin", cell)
        assert caught.value.code == code


def test_free_text_may_be_a_number_cell() -> None:
    assert read("register", "site", number("3")) == "3"
    assert read("register", "site", " 重庆 ") == "重庆"


@pytest.mark.parametrize("cell", ["bms", "BMS"])
def test_words_are_known_by_value_and_by_their_names(cell: str) -> None:
    assert read("report_soh", "method", cell) == "bms"
    spec = field_of("report_soh", "method")
    assert spec is not None
    for word in spec.choices:
        assert read("report_soh", "method", word.zh) == read("report_soh", "method", word.en) == word.value


def test_days_and_times() -> None:
    for cell in ("2026-02-26", "2026/2/26", " 2026-2-26 ", date(2026, 2, 26)):
        assert read_day(cell) == "2026-02-26"
    for cell, told in (
        ("2026-05-01T04:30:00.000Z", "2026-05-01T04:30:00.000Z"),
        ("2026-05-01T04:30:00Z", "2026-05-01T04:30:00.000Z"),
        ("2026-05-01 12:30", "2026-05-01T04:30:00.000Z"),
        ("2026/5/1 12:30:05", "2026-05-01T04:30:05.000Z"),
        ("2026-05-01T12:30:00+08:00", "2026-05-01T04:30:00.000Z"),
        (datetime(2026, 5, 1, 12, 30), "2026-05-01T04:30:00.000Z"),
        ("2026-05-01", "2026-04-30T16:00:00.000Z"),
        (date(2026, 5, 1), "2026-04-30T16:00:00.000Z"),
    ):
        assert read_moment(cell) == told
    for wrong in (
        "01/05/2026",
        "1.5.2026",
        "46143.5",
        number("46143"),
        "2026-13-01",
        "2026-05-01 25:00",
        "today",
        True,
    ):
        with pytest.raises(CellError):
            read_moment(wrong)


def test_lists_and_truth() -> None:
    assert read("dismantle", "missing", "A；B、C") == ["A", "B", "C"]
    assert read("dismantle", "missing", "无") == []
    assert read("repair", "safety_test_passed", "是") is True
    assert read("repair", "safety_test_passed", False) is False
    assert read("recycle", "outputs", '[{"lot": "1"}]') == [{"lot": "1"}]
    for name, cell in (("outputs", "[1,"), ("outputs", "x")):
        with pytest.raises(CellError):
            read("recycle", name, cell)
    with pytest.raises(CellError):
        read("repair", "safety_test_passed", "maybe")


NUMBERS = st.decimals(-9, 9, places=2).map(lambda value: Number(str(value), value))


@given(cell=st.one_of(st.text(max_size=30), st.booleans(), st.dates(), st.datetimes(), NUMBERS))
def test_any_cell_has_a_value_or_a_reason(cell: Any) -> None:
    for name in ("mass_g", "gtin", "site", "made_on"):
        try:
            read("register", name, cell)
        except CellError as error:
            assert error.zh
    try:
        read_moment(cell)
    except CellError as error:
        assert error.zh
