"""One spelling for each value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.strict import MAX_SIZE, format_base64, parse_base64, parse_decimal


@given(st.binary())
def test_base64_comes_back(value: bytes) -> None:
    assert parse_base64(format_base64(value)) == value


@given(st.text(max_size=12))
def test_text_is_refused_or_is_the_one_spelling_of_its_value(text: str) -> None:
    try:
        value = parse_base64(text)
    except MalformedError:
        return
    assert format_base64(value) == text


@pytest.mark.parametrize(
    "text", ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "QQ===", "Q-==", "QQ==QQ==", "=", "é", "\ud800"]
)
def test_other_spellings_of_base64_are_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_base64(text)


@given(st.integers(0, MAX_SIZE))
def test_numbers_come_back(value: int) -> None:
    assert parse_decimal(str(value)) == value


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "01", "00", " 1", "1 ", "1_0", "1.0", "٣", "²", str(2**63), "9" * 5000]
)
def test_other_spellings_of_numbers_are_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_decimal(text)
