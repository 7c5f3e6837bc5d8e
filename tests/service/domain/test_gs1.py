"""GTIN, serial number and the battery code that both stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidCode
from service.domain.gbt34014 import parse_code
from service.domain.gs1 import (
    code_from_serial,
    gtin_check_digit,
    gtin_serial_for,
    parse_gtin,
    parse_serial,
)

GTIN = "09521234000013"
gtins = st.text("0123456789", min_size=13, max_size=13).map(lambda body: body + gtin_check_digit(body))


@given(gtins, st.integers(0, 13), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_gtin_is_always_noticed(gtin: str, at: int, digit: str) -> None:
    changed = gtin[:at] + digit + gtin[at + 1 :]
    if changed == gtin:
        assert parse_gtin(changed) == gtin
    else:
        with pytest.raises(InvalidCode):
            parse_gtin(changed)


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
