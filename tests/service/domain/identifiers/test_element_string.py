"""GS1 keys as scanners hand them over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidCode
from service.domain.identifiers.digital_link import DigitalLink
from service.domain.identifiers.element_string import (
    FNC1,
    SYMBOLOGIES,
    format_element_string,
    looks_raw,
    parse_element_string,
)
from service.domain.identifiers.gs1_keys import AIS
from tests.service.domain.identifiers.written import GLN, GTIN, anything, links


def raw(link: DigitalLink) -> str:
    """What a scanner sends, with a separator behind each value of variable length."""
    return "".join(f"{ai}{value}{'' if AIS[ai].fixed else FNC1}" for ai, value in link.elements.items())


@given(links.filter(lambda link: not any("(" in each or ")" in each for each in link.elements.values())))
def test_the_bracketed_form_leads_back_to_what_it_was_made_of(link: DigitalLink) -> None:
    assert parse_element_string(format_element_string(link)) == link


@given(links, st.sampled_from(("", FNC1, *SYMBOLOGIES, SYMBOLOGIES[0] + FNC1)))
def test_the_raw_form_leads_back_to_what_it_was_made_of(link: DigitalLink, before: str) -> None:
    assert parse_element_string(before + raw(link)) == link
    assert parse_element_string(before + raw(link).removesuffix(FNC1)) == link


@given(anything)
def test_any_text_is_read_or_refused(text: str) -> None:
    for each in (text, "(" + text, "]C1" + text):
        try:
            link = parse_element_string(each)
        except InvalidCode as error:
            assert error.position is None or 0 <= error.position <= len(each)
        else:
            assert parse_element_string(raw(link)) == link


def test_the_keys_may_come_in_any_order() -> None:
    assert parse_element_string(f"(21)A(01){GTIN}") == parse_element_string(f"(01){GTIN}(21)A")
    assert parse_element_string(f"21A{FNC1}01{GTIN}").serial == "A"


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (f"(01){GTIN}(21)", 22),
        (f"(01){GTIN[:-1]}4(21)A", 17),
        (f"(01){GTIN}21A", 4),
        (f"(99){GTIN}", 1),
        (f"(01){GTIN}(01){GTIN}", 19),
        (f"]C199{GTIN}", 3),
        ("]C1", None),
        (f"]C101{GTIN[:5]}", 5),
        (f"]C101{GTIN}21", 21),
        ("(21)A", None),
        ("(", 0),
    ],
)
def test_a_fault_is_told_at_its_place(text: str, position: int | None) -> None:
    with pytest.raises(InvalidCode) as caught:
        parse_element_string(text)
    assert caught.value.position == position


@pytest.mark.parametrize("text", ["8004123456789", GLN, "001PE12ABCDEFGG2T0000001", "01" + GTIN[:-1] + "4" + "21A", ""])
def test_an_unmarked_text_that_may_be_something_else_is_not_taken_for_raw(text: str) -> None:
    assert not looks_raw(text)
