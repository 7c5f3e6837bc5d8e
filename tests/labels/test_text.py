"""The words of a label: what is refused, and that they agree with the address."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.errors import LabelError, TextError
from labels.text import LabelText, verify_text_matches_link


@pytest.mark.parametrize(
    "letter",
    [
        "\x00",
        "\n",
        "\x1b",
        "\x7f",
        "\x85",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u2028",
        "\ue000",
        "\ud800",
    ],
)
@pytest.mark.parametrize("name", ["maker_zh", "model", "host", "rating"])
def test_control_and_invisible_letters_are_refused_and_named(text: LabelText, name: str, letter: str) -> None:
    with pytest.raises(TextError, match=f"{name} holds U\\+{ord(letter):04X} at position 2"):
        replace(text, **{name: f"ab{letter}c"})


@pytest.mark.parametrize("code", ["", "04qp", "04QP B768", "A" * 49, "<script>", "电"])
def test_a_code_is_capitals_and_digits(text: LabelText, code: str) -> None:
    with pytest.raises(TextError):
        replace(text, code=code)


def test_what_is_not_text_is_refused(text: LabelText) -> None:
    with pytest.raises(TextError, match="model is not text"):
        replace(text, model=None)  # type: ignore[arg-type]


def test_a_label_without_a_host_is_refused(text: LabelText) -> None:
    with pytest.raises(TextError, match="host"):
        replace(text, host="")


def test_the_groups_of_the_code_are_the_code(text: LabelText) -> None:
    assert text.groups == ("04QP", "B768", "3630", "0JGC", "4000", "0903")
    assert replace(text, code="04QPB76JGC0000903RP").groups == ("04QP", "B76J", "GC00", "0090", "3RP")


def test_a_text_that_says_what_its_address_says_is_accepted(text: LabelText, link: str) -> None:
    verify_text_matches_link(text, link)
    verify_text_matches_link(text, link.upper())
    verify_text_matches_link(replace(text, host="ID.Example.cn"), link)
    verify_text_matches_link(replace(text, host="127.0.0.1:8000"), f"http://127.0.0.1:8000/b/{text.code}")
    verify_text_matches_link(text, "https://id.example.cn/01/09521234543213/21/36300JGC40000903")


def test_a_host_that_is_not_the_one_in_the_code_is_refused(text: LabelText, link: str) -> None:
    with pytest.raises(TextError, match=r"leads to id\.example\.cn"):
        verify_text_matches_link(replace(text, host="id.example.com"), link)
    with pytest.raises(TextError, match="leads to evil"):
        verify_text_matches_link(text, link.replace("id.example", "evil.example"))


def test_the_code_of_another_battery_is_refused(text: LabelText, link: str) -> None:
    with pytest.raises(TextError, match="0904"):
        verify_text_matches_link(text, link[:-1] + "4")
    with pytest.raises(TextError):
        verify_text_matches_link(text, link.lower())


@given(st.text(max_size=80))
def test_any_text_gives_a_label_text_or_a_label_error(anything: str) -> None:
    try:
        made = LabelText(code="A1", host="a.cn", maker_zh=anything, rating=anything)
        verify_text_matches_link(made, anything)
    except LabelError:
        return
