"""The battery code: every part read and written, every slip refused at its place."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidCode
from service.domain.gbt34014 import CHEMISTRIES, fold_code, format_code, make_code, parse_code
from service.domain.words import Level

PACK = "001PE12ABCDEFGG2T0000001"
REUSED = "001PE12G2T0000001RP"
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@st.composite
def codes(draw: st.DrawFn) -> str:
    def some(alphabet: str, size: int) -> str:
        return draw(st.text(alphabet, min_size=size, max_size=size))

    prefix = some(ALPHANUMERIC, 3) + some("PMC", 1) + some("".join(CHEMISTRIES), 1) + some(ALPHANUMERIC, 2)
    made = draw(st.dates(date(2011, 1, 1), date(2040, 12, 31)))
    traceability = some(ALPHANUMERIC, 7) if draw(st.booleans()) else None
    return make_code(prefix, made, serial=draw(st.integers(1, 9_999_999)), traceability=traceability).text


@given(codes())
def test_writing_what_was_read_gives_the_same_code(text: str) -> None:
    assert format_code(parse_code(text)) == text
    assert len(text) in (19, 24)


def slow_date(symbols: str) -> tuple[int, int, int]:
    """Year, month and day by counting through the letters that are left: an independent reading of the standard."""
    letters = [chr(each) for each in range(ord("A"), ord("Z")) if chr(each) not in "IOQU"]
    years = dict(zip([*"123456789", *letters], range(2011, 2041), strict=True))
    days = dict(zip([*"123456789", *letters, "0"], range(1, 32), strict=True))
    return years[symbols[0]], int(symbols[1], 13), days[symbols[2]]


@given(codes())
def test_the_date_agrees_with_counting_through_the_letters(text: str) -> None:
    symbols = text[14:17] if len(text) == 24 else text[7:10]
    assert parse_code(text).date == date(*slow_date(symbols))


@given(codes(), st.data())
def test_a_changed_character_gives_another_meaning_or_is_refused_at_its_place(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_characters=text[at]))
    changed = text[:at] + other + text[at + 1 :]
    try:
        read = parse_code(changed)
    except InvalidCode as error:
        start = 14 if len(text) == 24 else 7
        whole = next((part for part in (range(start, start + 3), range(start + 3, start + 10)) if at in part), (at,))
        ends = (3, 18) if len(text) == 19 else ()
        assert error.position == at or error.position in whole or (at in ends and error.position in ends)
    else:
        assert read.text == changed
        assert replace(read, text=text) != parse_code(text)


@given(st.text(max_size=30))
def test_any_text_gives_a_code_or_is_refused(text: str) -> None:
    try:
        assert parse_code(text).text == text
    except InvalidCode as error:
        assert error.position is None or 0 <= error.position < len(text)


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("001pE12ABCDEFGG2T0000001", 3, "lower case"),
        ("001PE12ABCDEFGＧ2T0000001", 14, "full width"),
        ("001РE12ABCDEFGG2T0000001", 3, "pack"),  # a Cyrillic letter
        ("001PE12ABCDEFGI2T0000001", 14, "year symbol"),
        ("001PE12ABCDEFGU2T0000001", 14, "year symbol"),
        ("001PE12ABCDEFG02T0000001", 14, "year symbol"),
        ("001PE12ABCDEFGG0T0000001", 15, "month symbol"),
        ("001PE12ABCDEFGG2Z0000001", 16, "day symbol"),
        ("001PE12ABCDEFGG2Y0000001", 16, "2026-02-30 does not exist"),
        ("001PE12ABCDEFGG400000001", 16, "2026-04-31 does not exist"),
        ("001PE12ABCDEFGG2TO000001", 17, "a digit"),
        ("001PE12ABCDEFGG2T0000000", 17, "starts at 0000001"),
        ("001PE12ABCDEFGG2T000001٣", 23, "a digit"),  # an Arabic three
        ("001PE12G2T0000001XP", 17, "re-used"),
        ("001PE12G2T0000001RM", 18, "repeat the level P"),
        ("001PE12G2T0000001RX", 18, "pack"),
        ("", None, "this has 0"),
        ("001PE12ABCDEFGG2T000001", None, "this has 23"),
        ("001PE12ABCDEFGG2T0000001 ", None, "this has 25"),
    ],
)
def test_a_slip_is_refused_at_its_place(text: str, position: int | None, reason: str) -> None:
    with pytest.raises(InvalidCode, match=reason) as caught:
        parse_code(text)
    assert caught.value.position == position
    assert caught.value.reason_zh


def test_the_31st_is_written_as_nought_and_the_30th_as_y() -> None:
    assert parse_code("001PE12ABCDEFGG100000001").date == date(2026, 1, 31)
    assert parse_code("001PE12ABCDEFGG1Y0000001").date == date(2026, 1, 30)


def test_a_date_after_today_is_refused_and_today_is_not() -> None:
    assert parse_code(PACK, today=date(2026, 2, 26)).level is Level.PACK
    with pytest.raises(InvalidCode, match="future") as caught:
        parse_code(PACK, today=date(2026, 2, 25))
    assert caught.value.position == 14


def test_a_reused_code_has_no_traceability_field() -> None:
    assert parse_code(REUSED).traceability is None
    assert parse_code(PACK).traceability == "ABCDEFG"


def test_a_code_is_not_made_of_parts_that_do_not_fit() -> None:
    made = date(2026, 2, 26)
    for prefix, day, serial, traceability in (
        ("001PE1", made, 1, "ABCDEFG"),
        ("001PE12", made, 1, "ABCDEF"),
        ("001PE12", made, 0, None),
        ("001PE12", made, 10_000_000, None),
        ("001PE12", date(2010, 12, 31), 1, None),
        ("001PE12", date(2041, 1, 1), 1, None),
        ("001PH12", made, 1, None),
    ):
        with pytest.raises(InvalidCode):
            make_code(prefix, day, serial=serial, traceability=traceability)


@pytest.mark.parametrize("typed", ["001pe12-abcdefg g2t0000001", "００１PE12ABCDEFGG2T0000001", f" {PACK}\u200b\n"])
def test_search_folds_what_registration_refuses(typed: str) -> None:
    assert fold_code(typed) == PACK
    with pytest.raises(InvalidCode):
        parse_code(typed)
