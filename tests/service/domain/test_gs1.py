"""GTIN, serial number and the path in the QR code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidCode
from service.domain.gbt34014 import parse_code
from service.domain.gs1 import (
    SERIAL_CHARACTERS,
    code_from_serial,
    digital_link_path,
    gtin_check_digit,
    gtin_serial_for,
    parse_digital_link_path,
    parse_gtin,
    parse_serial,
)

GTIN = "09521234000013"
serials = st.text(sorted(SERIAL_CHARACTERS - {"/"}), min_size=1, max_size=20)
gtins = st.text("0123456789", min_size=13, max_size=13).map(lambda body: body + gtin_check_digit(body))


@given(gtins, serials)
def test_a_path_leads_back_to_what_it_was_made_of(gtin: str, serial: str) -> None:
    assert parse_digital_link_path(digital_link_path(gtin, serial)) == (gtin, serial)


@given(gtins, st.integers(0, 13), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_gtin_is_always_noticed(gtin: str, at: int, digit: str) -> None:
    changed = gtin[:at] + digit + gtin[at + 1 :]
    if changed == gtin:
        assert parse_gtin(changed) == gtin
    else:
        with pytest.raises(InvalidCode):
            parse_gtin(changed)


@given(st.text("/01%2F3aA?\x00é", max_size=40) | st.text(max_size=60))
def test_any_path_is_read_or_refused(path: str) -> None:
    try:
        gtin, serial = parse_digital_link_path(path)
    except InvalidCode as error:
        assert error.position is None or 0 <= error.position <= len(path)
    else:
        assert parse_digital_link_path(digital_link_path(gtin, serial)) == (gtin, serial)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"01/{GTIN}/21/A", "begins with a slash"),
        ("/", "empty segment"),
        (f"/01/{GTIN}/21/", "empty segment"),
        (f"/01/{GTIN}/21/A/", "empty segment"),
        (f"//01/{GTIN}/21/A", "empty segment"),
        (f"/01/{GTIN}", "in this order"),
        (f"/01/{GTIN}/21", "missing"),
        (f"/21/A/01/{GTIN}", "in this order"),
        (f"/01/{GTIN}/21/A/21/B", "stands twice"),
        (f"/01/{GTIN}/01/{GTIN}/21/A", "stands twice"),
        (f"/01/{GTIN}/10/LOT/21/A", "only the application identifiers"),
        (f"/01/{GTIN}/21/A%2FB", "escaped character"),
        (f"/01/{GTIN}/21/A%2fB", "escaped character"),
        (f"/01/{GTIN}/21/A%00B", "escaped character"),
        (f"/01/{GTIN}/21/A%0AB", "escaped character"),
        (f"/01/{GTIN}/21/%C3%A9", "escaped character"),
        (f"/01/{GTIN}/21/A%", "percent sign"),
        (f"/01/{GTIN}/21/A%2", "percent sign"),
        (f"/01/{GTIN}/21/A%GG", "percent sign"),
        (f"/01/{GTIN}/21/A B", "cannot stand in a path"),
        (f"/01/{GTIN}/21/A?x=1", "cannot stand in a path"),
        (f"/01/{GTIN}/21/A\x00", "cannot stand in a path"),
        (f"/01/{GTIN}/21/{'A' * 21}", "1 to 20 characters"),
        ("/01/09521234000014/21/A", "check digit should be 3"),
        ("/01/9521234000013/21/A", "14 digits"),
        ("/01/0952123400001x/21/A", "digits only"),
    ],
)
def test_a_path_that_says_more_or_less_is_refused(path: str, reason: str) -> None:
    with pytest.raises(InvalidCode, match=reason):
        parse_digital_link_path(path)


def test_a_segment_is_decoded_exactly_once() -> None:
    assert parse_digital_link_path(f"/%30%31/{GTIN}/21/A%25B") == (GTIN, "A%B")
    assert parse_digital_link_path(f"/01/{GTIN}/21/A%2541") == (GTIN, "A%41")
    assert parse_digital_link_path(f"/01/{GTIN}/21/A%252FB") == (GTIN, "A%2FB")


def test_the_position_of_a_fault_counts_from_the_start_of_the_path() -> None:
    with pytest.raises(InvalidCode) as caught:
        parse_digital_link_path("/01/09521234000014/21/A")
    assert caught.value.position == len("/01/0952123400001")


def test_a_slash_has_no_place_in_a_serial_number() -> None:
    with pytest.raises(InvalidCode):
        parse_serial("A/B")


@pytest.mark.parametrize(
    ("code", "serial"),
    [("001PE12ABCDEFGG2T0000001", "ABCDEFGG2T0000001"), ("001PE12G2T0000001RP", "G2T0000001RP")],
)
def test_a_battery_code_and_its_serial_number_lead_to_each_other(code: str, serial: str) -> None:
    assert gtin_serial_for(parse_code(code)) == serial == parse_serial(serial)
    assert code_from_serial(code[:7], serial).text == code


def test_a_serial_number_of_another_kind_of_goods_is_no_battery() -> None:
    for prefix, serial in (("001PE1", "ABCDEFGG2T0000001"), ("001PE12", "HELLO"), ("001PE12", "ABCDEFGG2T000001")):
        with pytest.raises(InvalidCode):
            code_from_serial(prefix, serial)
