"""Headers in Chinese and English, and with units, mean the same fields as the fields' own names."""

import pytest

from service.domain.events import KINDS, fields_of
from service.imports.columns import Path, read_columns
from service.imports.errors import FileRefusedError
from service.imports.kinds import CONTENTS, EVENT_KINDS
from service.imports.templates import LANGUAGES, csv_template, template_header


def meaning(content: str, header: str) -> tuple[Path, int]:
    [column] = read_columns(CONTENTS[content], [header], {})
    return column.path, column.places


@pytest.mark.parametrize(
    ("header", "places"),
    [
        *(("mass_g", 0), ("Mass_G", 0), ("质量（克）", 0), ("质量(克)", 0), ("Mass [g]", 0), ("Mass (grams) *", 0)),
        *(("质量（千克）", 3), ("Mass [kg]", 3), ("ＭＡＳＳ [kg]", 3)),
    ],
)
def test_a_quantity_is_named_with_its_unit(header: str, places: int) -> None:
    assert meaning("packs", header) == (("body", "mass_g"), places)


@pytest.mark.parametrize(
    "header", ["Mass", "质量", "Mass [t]", "Mass [Ah]", "colour", "composition_g.gold", "modules.0.code"]
)
def test_a_header_that_leaves_something_open_is_refused_by_name(header: str) -> None:
    with pytest.raises(FileRefusedError) as caught:
        read_columns(CONTENTS["packs"], ["code", header], {})
    assert repr(header) in str(caught.value)


def test_lists_and_amounts_have_a_column_for_each_part() -> None:
    assert meaning("packs", "模块.2.单体.1.起始编码") == (("body", "modules", 1, "cells", 0, "first"), 0)
    assert meaning("packs", "modules.1.mass_g") == (("body", "modules", 0, "mass_g"), 0)
    assert meaning("models", "材料组成.镍（千克）") == (("body", "composition_g", "nickel"), 3)
    assert meaning("models", "Composition.lithium [g]") == (("body", "composition_g", "lithium"), 0)


def test_what_stands_beside_the_body_has_names_too() -> None:
    for header in ("subjects", "电池编码", "Battery code *", "code", "编码"):
        assert meaning("packs", header) == (("subjects", 0), 0)
    assert meaning("events", "电池编码.3") == (("subjects", 2), 0)
    assert meaning("events", "业务类型")[0] == ("type",)
    assert meaning("events", "发生时间")[0] == ("occurred_at",)


def test_two_columns_that_mean_the_same_are_refused() -> None:
    with pytest.raises(FileRefusedError, match="mean the same"):
        read_columns(CONTENTS["packs"], ["mass_g", "质量（千克）"], {})


def test_a_mapping_says_what_a_header_means_or_leaves_it_out() -> None:
    given = {"重量": "质量（千克）", "仓库": ""}
    first, second, ours = read_columns(CONTENTS["packs"], ["重量", "仓库", "packtrail_status"], given)
    assert (first.path, first.places) == (("body", "mass_g"), 3)
    assert second.path == ours.path == ()


@pytest.mark.parametrize("content", CONTENTS)
def test_every_template_is_understood_in_each_language_as_the_same_columns(content: str) -> None:
    found = []
    for lang in LANGUAGES:
        columns = read_columns(CONTENTS[content], template_header(content, lang), {})
        found.append([column.path for column in columns])
        assert all(column.path and not column.places for column in columns)
    assert found[0] == found[1] == found[2]
    assert csv_template(content, "zh").decode("utf-8-sig").count("\n") == 1


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_every_field_of_every_kind_has_a_column_in_its_template(kind: str) -> None:
    body = KINDS[kind].body
    assert body is not None
    tops = {name.split(".")[0] for name in template_header(kind, "names")}
    assert {spec.name for spec in fields_of(body)} <= tops


def test_what_a_column_is_told_to_be_is_read_back_as_the_same() -> None:
    for header in ("质量（千克）", "modules.2.cells.1.first", "发生时间", "电池编码.2", "生产厂"):
        content = "packs"
        [column] = read_columns(CONTENTS[content], [header], {})
        [again] = read_columns(CONTENTS[content], [header], {header: column.text})
        assert again == column
