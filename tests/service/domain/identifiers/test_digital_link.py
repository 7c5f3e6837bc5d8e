"""GS1 keys in an address."""

import pytest
from hypothesis import given

from service.domain.errors import InvalidCode
from service.domain.identifiers.digital_link import DigitalLink, format_path, key_position, parse_path
from tests.service.domain.identifiers.written import GLN, GTIN, anything, links


@given(links)
def test_a_path_leads_back_to_what_it_was_made_of(link: DigitalLink) -> None:
    assert parse_path(format_path(link)) == link
    assert key_position(format_path(link)) == 0


@given(anything)
def test_any_path_is_read_or_refused(path: str) -> None:
    try:
        link = parse_path(path)
    except InvalidCode as error:
        assert error.position is None or 0 <= error.position <= len(path)
        assert error.reason_zh
    else:
        assert parse_path(format_path(link)) == link


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"01/{GTIN}/21/A", "begins with a slash"),
        ("/", "empty segment"),
        (f"/01/{GTIN}/21/", "empty segment"),
        (f"/01/{GTIN}/21/A/", "empty segment"),
        (f"//01/{GTIN}/21/A", "empty segment"),
        (f"/01/{GTIN}/21", "serial number is missing"),
        ("/8004", "is missing"),
        (f"/21/A/01/{GTIN}", "in this order"),
        (f"/01/{GTIN}/21/A/21/B", "stands twice"),
        (f"/01/{GTIN}/01/{GTIN}/21/A", "stands twice"),
        (f"/01/{GTIN}/10/LOT/21/A", "in this order"),
        (f"/01/{GTIN}/22/V/21/A", "only the application identifiers"),
        (f"/01/{GTIN}/254/A", "in this order"),
        (f"/414/{GLN}/21/A", "in this order"),
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
        ("/414/9521234000014", "check digit should be 3"),
        ("/417/952123400001", "13 digits"),
        ("/8004/952A234", "GS1 Company Prefix"),
        ("/8004/9521", "goes on after"),
        (f"/8004/9521{'A' * 27}", "1 to 30 characters"),
    ],
)
def test_a_path_that_says_more_or_less_is_refused(path: str, reason: str) -> None:
    with pytest.raises(InvalidCode, match=reason):
        parse_path(path)


def test_each_segment_is_decoded_once() -> None:
    assert parse_path(f"/%30%31/{GTIN}/21/A%25B").serial == "A%B"
    assert parse_path(f"/01/{GTIN}/21/A%2541").serial == "A%41"
    assert parse_path(f"/01/{GTIN}/21/A%252FB").serial == "A%2FB"


def test_the_position_of_a_fault_counts_from_the_start_of_the_path() -> None:
    with pytest.raises(InvalidCode) as caught:
        parse_path("/01/09521234000014/21/A")
    assert caught.value.position == len("/01/0952123400001")


def test_what_a_host_keeps_before_the_keys_is_left_aside() -> None:
    assert key_position(f"/shop/01/{GTIN}/21/A") == len("/shop")
    assert key_position("/8004/9521A") == 0
    assert key_position("/shop/010/x") is None


def test_a_place_within_a_place_is_a_link_too() -> None:
    assert parse_path(f"/414/{GLN}/254/hall-2").elements == {"414": GLN, "254": "hall-2"}
