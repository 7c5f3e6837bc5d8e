"""The numbers other registers give: credit codes of organisations, VINs, event ids."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidCode
from service.domain.uscc import ALPHABET, parse_uscc, uscc_check_character
from service.domain.uuid7 import make_uuid7, parse_uuid7, uuid7_time_ms
from service.domain.vin import parse_vin, vin_check_digit

USCC = "91350100M000100Y43"
VINS = ("1M8GDM9AXKP042788", "11111111111111111", "LXXAB1C2XTC000001")
VIN_LETTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"


@given(st.text(ALPHABET, min_size=11, max_size=11), st.text("0123456789", min_size=6, max_size=6), st.data())
def test_one_wrong_character_of_a_credit_code_is_always_noticed(letters: str, region: str, data: st.DataObject) -> None:
    first17 = letters[:2] + region + letters[2:]
    code = first17 + uscc_check_character(first17)
    assert parse_uscc(code) == code
    at = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda each: each != code[at]))
    with pytest.raises(InvalidCode):
        parse_uscc(code[:at] + other + code[at + 1 :])


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (USCC[:17], None),
        (USCC.lower(), 8),
        (USCC[:8] + "I" + USCC[9:], 8),
        ("91A50100M000100Y43", 2),
        (USCC[:17] + "4", 17),
    ],
)
def test_a_credit_code_is_refused_at_its_place(text: str, position: int | None) -> None:
    with pytest.raises(InvalidCode) as caught:
        parse_uscc(text)
    assert caught.value.position == position


def test_published_numbers_are_accepted() -> None:
    assert parse_uscc(USCC) == USCC
    assert parse_vin(VINS[0]) == VINS[0]
    assert parse_vin(VINS[1]) == VINS[1]


@given(st.text(VIN_LETTERS, min_size=17, max_size=17))
def test_a_vin_is_right_with_its_check_digit_and_wrong_with_any_other(text: str) -> None:
    digit = vin_check_digit(text)
    assert parse_vin(text[:8] + digit + text[9:])
    for other in "0123456789X".replace(digit, ""):
        with pytest.raises(InvalidCode) as caught:
            parse_vin(text[:8] + other + text[9:])
        assert caught.value.position == 8


def test_a_vin_of_a_region_without_check_digits_is_read_without_it() -> None:
    text = "WVWZZZ1JZ3W386752"
    assert parse_vin(text, checked=False) == text
    with pytest.raises(InvalidCode):
        parse_vin(text)


@pytest.mark.parametrize(
    ("text", "position"), [("1M8GDM9AXKP04278", None), ("1M8GDM9AXKPO42788", 11), ("1m8GDM9AXKP042788", 1)]
)
def test_a_vin_is_refused_at_its_place(text: str, position: int | None) -> None:
    with pytest.raises(InvalidCode) as caught:
        parse_vin(text)
    assert caught.value.position == position


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_an_event_id_carries_its_time_and_is_a_uuid_to_others(ms: int, random: bytes) -> None:
    text = make_uuid7(ms, random)
    assert parse_uuid7(text) == text
    assert uuid7_time_ms(text) == ms
    assert uuid.UUID(text).version == 7
    assert uuid.UUID(text).variant == uuid.RFC_4122


@pytest.mark.parametrize(("ms", "random"), [(-1, bytes(10)), (2**48, bytes(10)), (0, bytes(9)), (0, bytes(11))])
def test_an_event_id_is_not_made_of_too_much_or_too_little(ms: int, random: bytes) -> None:
    with pytest.raises(ValueError, match="48 bits"):
        make_uuid7(ms, random)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("01890a5d-ac96-774b-bcce-b302099a8057"[:-1], None),
        ("01890A5D-ac96-774b-bcce-b302099a8057", 5),
        ("01890a5d-ac96-474b-bcce-b302099a8057", 14),
        ("01890a5d-ac96-774b-ccce-b302099a8057", 19),
        ("01890a5d_ac96-774b-bcce-b302099a8057", 8),
        ("{01890a5dac96774bbcceb302099a8057}--", 0),
    ],
)
def test_an_event_id_has_one_form_only(text: str, position: int | None) -> None:
    with pytest.raises(InvalidCode) as caught:
        parse_uuid7(text)
    assert caught.value.position == position
