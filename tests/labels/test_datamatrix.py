"""The modules of a Data Matrix: what is written is read back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from zxingcpp import read_barcodes

from labels.datamatrix import QUIET_ZONE, data_matrix
from labels.errors import LabelError
from labels.modules import Modules

LINK = "HTTPS://ID.EXAMPLE.CN/B/04QPB76836300JGC40000903"


def as_image(modules: Modules, dots: int = 4) -> Image.Image:
    side = modules.size + 2 * QUIET_ZONE
    image = Image.new("L", (side, side), 255)
    for y, (start, end) in modules.dark_runs():
        for x in range(start, end):
            image.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), 0)
    return image.resize((side * dots, side * dots), Image.Resampling.NEAREST)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=120))
def test_what_is_written_is_read_and_the_symbol_is_square(text: str) -> None:
    modules = data_matrix(text)
    assert {len(row) for row in modules.rows} == {modules.size} == {len(modules.rows)}
    assert [(found.text, found.format.name) for found in read_barcodes(as_image(modules))] == [(text, "DataMatrix")]


def test_an_address_takes_24_modules_with_solid_and_broken_edges() -> None:
    modules = data_matrix(LINK)
    assert modules.size == 24
    assert all(row[0] for row in modules.rows)
    assert set(modules.rows[-1]) == {1}
    assert list(modules.rows[0]) == [1, 0] * 12
    assert [row[-1] for row in modules.rows] == [0, 1] * 12


def test_the_same_text_gives_the_same_modules() -> None:
    assert data_matrix(LINK) == data_matrix(LINK)


@pytest.mark.parametrize("text", ["", "电", "a\n", "\ud800", None, "A" * 4000])
def test_what_no_symbol_can_hold_is_refused(text: str) -> None:
    with pytest.raises(LabelError):
        data_matrix(text)
