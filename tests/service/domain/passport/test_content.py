"""What a content may say: any JSON gives a content or every fault of it, and what is written is read back the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidBody
from service.domain.fields import annotations_of
from service.domain.passport.content import parse_content, split_by_tier
from service.domain.passport.datapoints import BY_ELEMENT, DATA_POINTS, RECORDED, UNIT_OF
from service.domain.passport.shapes import SHAPES
from service.domain.titles import TITLES
from tests.service.passports.contents import CONTENT

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([str(nr) for nr in range(80)]) | st.text(max_size=5), JSON, max_size=6) | JSON)
def test_any_json_gives_a_content_or_every_fault_of_it(value: Any) -> None:
    try:
        content = parse_content(value)
    except InvalidBody as error:
        assert error.problems
        assert all(problem.message_en and problem.message_zh for problem in error.problems)
    else:
        assert content.keys() <= SHAPES.keys() - RECORDED


@given(st.sets(st.sampled_from(sorted(CONTENT)), min_size=1))
def test_a_content_is_read_back_as_it_was_written_and_no_value_leaves_its_part(numbers: set[str]) -> None:
    content = parse_content({nr: CONTENT[nr] for nr in numbers})
    assert parse_content({str(nr): value for nr, value in content.items()}) == content
    split = split_by_tier(content)
    assert {nr for points in split.values() for nr in points} == numbers
    assert all(DATA_POINTS[int(nr)].tier is tier for tier, points in split.items() for nr in points)


@pytest.mark.parametrize("nr", sorted(RECORDED))
def test_what_the_register_knows_is_no_part_of_a_content(nr: int) -> None:
    with pytest.raises(InvalidBody) as refused:
        parse_content({str(nr): {}})
    assert refused.value.problems[0].code == "recorded"


def test_every_data_point_has_a_name_a_shape_and_titles_in_both_languages() -> None:
    assert len(BY_ELEMENT) == 71
    assert DATA_POINTS.keys() - SHAPES.keys() == {16, 25}
    assert UNIT_OF.keys() <= SHAPES.keys()
    for row in DATA_POINTS.values():
        assert row.en and row.zh and row.source
    assert [
        field.name for shape in SHAPES.values() for field in annotations_of(shape) if field.name not in TITLES
    ] == []
