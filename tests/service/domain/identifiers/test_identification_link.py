"""Identification links of IEC 61406-1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidCode
from service.domain.identifiers.identification_link import LONGEST, RULES, link_key, parse_identification_link
from tests.service.domain.identifiers.written import anything

LINK = "https://id.maker.example/p/A-1.2_3~x?s=7"
segments = st.text("ABCxyz019-._~", min_size=1, max_size=12).filter(lambda each: each not in (".", ".."))


@given(st.lists(segments, min_size=1, max_size=6))
def test_a_link_is_stored_as_it_was_told(parts: list[str]) -> None:
    link = "https://id.maker.example/" + "/".join(parts)
    assert parse_identification_link(link) == link
    assert link_key(link) == link_key(link.upper()) == link_key(link.swapcase())


@given(anything)
def test_any_text_is_taken_as_it_is_or_refused(text: str) -> None:
    for each in (text, "https://x.cn/" + text):
        try:
            assert parse_identification_link(each) == each
        except InvalidCode as error:
            assert error.position is None or 0 <= error.position <= len(each)


@pytest.mark.parametrize(
    ("link", "rule", "position"),
    [
        (LINK + "A" * LONGEST, "ILS-5", None),
        ("ftp://id.maker.example/1", "ILS-6", None),
        ("https:///1", "ILS-6", None),
        ("https://u@id.maker.example/1", "ILS-6", None),
        ("https://id.maker.example:0/1", "ILS-6", None),
        ("https://id.maker.example:x/1", "ILS-6", None),
        ("https://[::g]/1", "ILS-6", None),
        ("id.maker.example/1", "ILS-6", None),
        ("https://id.maker.example/a b", "ILS-7", 26),
        ("https://id.maker.example/电池", "ILS-7", 25),
        ("https://id.maker.example/<b>", "ILS-7", 25),
        ("https://id.maker.example/a%2Fb", "ILS-9", 26),
        ("https://id.maker.example/a%b", "ILS-9", 26),
        ("https://id.maker.example/a/../b", "ILS-9", 26),
        ("https://id.maker.example//b", "ILS-9", 24),
        ("https://id.maker.example/a#b", "ILS-9", 26),
        ("https://id.maker.example", "ILS-1", None),
        ("https://id.maker.example/", "ILS-1", None),
    ],
)
def test_a_link_that_breaks_a_requirement_is_refused_by_its_name(link: str, rule: str, position: int | None) -> None:
    with pytest.raises(InvalidCode) as caught:
        parse_identification_link(link)
    assert rule in str(caught.value)
    assert rule in caught.value.reason_zh
    assert caught.value.position == position


def test_the_longest_link_has_255_characters() -> None:
    link = LINK + "A" * (LONGEST - len(LINK))
    assert len(parse_identification_link(link)) == 255


def test_every_requirement_names_its_clause() -> None:
    assert all(row.clause.startswith("4.") and row.en and row.zh for row in RULES.values())
