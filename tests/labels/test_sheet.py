"""Sheets: every label on every page decodes, in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp
from PIL import Image

from labels.errors import FitError, LabelError
from labels.label import TEMPLATES, LabelText, draw_label
from labels.link import battery_link
from labels.sheet import MOST_LABELS, lay_out_roll, most_on, sheet_pdf

Decode = Callable[[Image.Image], list[str]]
Render = Callable[[bytes, int], Image.Image]


@pytest.fixture
def many(text: LabelText) -> list[tuple[str, LabelText]]:
    codes = [f"{text.code[:17]}{number:07d}" for number in range(1, 31)]
    return [(battery_link("https://id.example.cn", code), replace(text, code=code)) for code in codes]


def test_every_label_of_a_sheet_decodes_row_by_row(
    many: list[tuple[str, LabelText]], decode: Decode, render_page: Render
) -> None:
    data = sheet_pdf(many)
    assert decode(render_page(data, 0)) == [link.upper() for link, _ in many[:24]]
    assert decode(render_page(data, 1)) == [link.upper() for link, _ in many[24:]]
    with pypdfium2.PdfDocument(data) as document:
        assert [page.get_size() for page in document] == [pytest.approx((595.28, 841.89), abs=0.1)] * 2
        words = document[1].get_textpage().get_text_bounded()
    assert words.count("重庆示例动力电池有限公司") == 6


@pytest.mark.parametrize("name", ["S24", "M1", "M2", "C1"])
def test_every_symbol_of_a_full_sheet_reads(name: str, text: LabelText, render_page: Render) -> None:
    template = TEMPLATES[name]
    columns, rows = most_on("A4", template)
    codes = [f"{text.code[:17]}{number:07d}" for number in range(min(columns * rows, 100))]
    labels = [(battery_link("https://id.example.cn", code), replace(text, code=code)) for code in codes]
    page = render_page(sheet_pdf(labels, columns=columns, rows=rows, template=template), 0)
    found = zxingcpp.read_barcodes(page.resize((page.width * 2, page.height * 2)) if name in ("M2", "C1") else page)
    assert sorted(each.text for each in found) == sorted(link.upper() for link, _ in labels)


def test_a_roll_has_a_page_of_its_size_for_each_label(
    many: list[tuple[str, LabelText]], decode: Decode, render_page: Render
) -> None:
    template = TEMPLATES["M1"]
    data = lay_out_roll([draw_label(link, text, template) for link, text in many[:3]], template)
    assert [decode(render_page(data, page)) for page in range(3)] == [[link.upper()] for link, _ in many[:3]]
    with pypdfium2.PdfDocument(data) as document:
        assert [page.get_size() for page in document] == [pytest.approx((141.73, 70.87), abs=0.1)] * 3
    with pytest.raises(LabelError, match="no label"):
        lay_out_roll([], template)


def test_a_page_smaller_than_a_label_is_refused() -> None:
    with pytest.raises(FitError, match="Letter holds no label A6"):
        most_on("Letter", replace(TEMPLATES["A5"], name="A6", width_mm=300))


def test_the_labels_stand_where_the_stock_is_cut(many: list[tuple[str, LabelText]], render_page: Render) -> None:
    """Stock of 70 x 37 mm begins half a millimetre below the top of A4; the code begins 5 mm inside each label."""
    page = render_page(sheet_pdf(many[:24]), 0)
    dots = 300 / 25.4
    for row in range(8):
        for column in range(3):
            left, top = column * 70, 0.5 + row * 37
            box = [round(place * dots) for place in (left, top, left + 69.9, top + 37)]
            ink = page.crop(tuple(box)).point(lambda value: 255 if value < 128 else 0).getbbox()  # type: ignore[arg-type]
            assert ink is not None
            assert ink[0] / dots == pytest.approx(5, abs=0.15)
            assert ink[1] / dots == pytest.approx(5, abs=0.3)
            assert ink[2] / dots < 65.2
            assert ink[3] / dots < 33


def test_other_templates_and_pages_stand_in_a_block_in_the_middle(
    many: list[tuple[str, LabelText]], decode: Decode, render_page: Render
) -> None:
    data = sheet_pdf(many[:10], columns=4, rows=10, page="Letter", template=TEMPLATES["M1"])
    assert decode(render_page(data, 0)) == [link.upper() for link, _ in many[:10]]
    data = sheet_pdf(many[:3], columns=2, rows=3, template=TEMPLATES["P1"])
    assert decode(render_page(data, 0)) == [link.upper() for link, _ in many[:3]]


def test_a_sheet_too_small_says_how_many_it_holds(many: list[tuple[str, LabelText]]) -> None:
    with pytest.raises(FitError, match="A4 holds 3 x 7 labels P2, not 3 x 8"):
        sheet_pdf(many, template=TEMPLATES["P2"])


def test_the_label_that_is_wrong_is_named(many: list[tuple[str, LabelText]]) -> None:
    link, text = many[3]
    many[3] = (link, replace(text, host="evil.example"))
    with pytest.raises(LabelError) as caught:
        sheet_pdf(many)
    assert caught.value.__notes__ == [f"label 4, {text.code}"]


def test_unsound_sheets_are_refused(many: list[tuple[str, LabelText]]) -> None:
    with pytest.raises(LabelError, match="no label"):
        sheet_pdf([])
    with pytest.raises(LabelError, match="A4 or Letter"):
        sheet_pdf(many, page="A3\n")
    with pytest.raises(LabelError, match="at least one"):
        sheet_pdf(many, columns=0)


def test_an_endless_list_of_labels_is_cut_off(
    many: list[tuple[str, LabelText]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labels.sheet.MOST_LABELS", 5)
    assert MOST_LABELS > 5
    with pytest.raises(LabelError, match="at most 5"):
        sheet_pdf(many)
