"""The PDF: its size, what a second program reads in it and sees on it, and the operators we write ourselves."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import replace

import fpdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image, ImageChops

from labels.label import TEMPLATES, LabelText, Template, draw_label, render_pdf, render_png
from labels.pdf import draw_pdf

EVERY = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
Render = Callable[[bytes], Image.Image]
POINTS_PER_MM = 72 / 25.4


def words_of(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as document:
        return str(document[0].get_textpage().get_text_bounded())


def page_operators(data: bytes) -> str:
    """The content streams of the file, unpacked."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL)
    plain = []
    for stream in streams:
        try:
            plain.append(zlib.decompress(stream).decode("latin-1"))
        except zlib.error:
            continue
    return "\n".join(stream for stream in plain if " re" in stream)


@EVERY
def test_a_printed_label_decodes_and_the_page_is_the_label(
    template: Template, text: LabelText, link: str, decode: Callable[[Image.Image], list[str]], render_page: Render
) -> None:
    data = render_pdf(link, text, template)
    assert decode(render_page(data)) == [link.upper()]
    with pypdfium2.PdfDocument(data) as document:
        assert len(document) == 1
        sizes = [document[0].get_size()]
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    sizes += [(float(width), float(height)) for width, height in boxes]
    expected = (template.width_mm * POINTS_PER_MM, template.height_mm * POINTS_PER_MM)
    assert sizes == [pytest.approx(expected, abs=0.1)] * 2


def test_the_words_can_be_copied_out_exactly(text: LabelText, link: str) -> None:
    words = words_of(render_pdf(link, text, TEMPLATES["P1"]))
    assert "重庆示例动力电池有限公司" in words
    assert "磷酸铁锂 LFP" in words
    assert text.code in re.sub(r"\s", "", words)


def test_the_pdf_and_the_picture_show_the_same_label(text: LabelText, link: str, render_page: Render) -> None:
    """Drawn by two programs, the labels differ along edges only: never by the size of a letter."""
    at_nominal = replace(TEMPLATES["P1"], module_mm=9 / (300 / 25.4))
    drawn = render_page(render_pdf(link, text, at_nominal))
    with Image.open(io.BytesIO(render_png(link, text, at_nominal, 300))) as picture:
        other = picture.convert("L").resize(drawn.size)
    coarse = (drawn.width // 24, drawn.height // 24)
    difference = ImageChops.difference(
        drawn.resize(coarse, Image.Resampling.BOX), other.resize(coarse, Image.Resampling.BOX)
    )
    assert max(difference.tobytes()) < 48


def test_hostile_words_stay_words(text: LabelText, link: str, render_page: Render) -> None:
    hostile = ") Tj ET Q q (\\) <</S/JavaScript>> %%EOF \\"
    data = render_pdf(link, replace(text, maker_zh=hostile, model="(((", rating="\\\\"), TEMPLATES["P1"])
    assert hostile in words_of(data)
    with pypdfium2.PdfDocument(data) as document:
        assert document.get_metadata_value("Title") == f"{hostile} {text.code}"
        assert pypdfium2.raw.FPDFDoc_GetJavaScriptActionCount(document.raw) == 0
        assert len(document) == 1
    assert render_page(data).size == render_page(render_pdf(link, text, TEMPLATES["P1"])).size


def test_a_letter_the_font_lacks_does_not_break_the_page(text: LabelText, link: str) -> None:
    assert "A〓B" in words_of(render_pdf(link, replace(text, model="A\U0001f50bB"), TEMPLATES["P1"]))


def test_the_same_label_is_the_same_file(text: LabelText, link: str) -> None:
    assert render_pdf(link, text, TEMPLATES["M1"]) == render_pdf(link, text, TEMPLATES["M1"])


def test_fonts_are_embedded_for_the_letters_used_only(text: LabelText, link: str) -> None:
    data = render_pdf(link, text, TEMPLATES["P1"])
    assert data.count(b"/FontFile") == 2
    assert len(data) < 40_000


def test_our_operators_reach_the_page_as_written(text: LabelText, link: str) -> None:
    """`FPDF._out` is not public: a new version of fpdf2 must show here that it still writes what it is given."""
    assert fpdf.__version__.startswith("2.8.")
    drawing = draw_label(link, text, TEMPLATES["P2"])
    operators = page_operators(draw_pdf(drawing))
    module, corner = 0.60 * POINTS_PER_MM, 4.0 * POINTS_PER_MM
    assert f"q 0 g 1 0 0 1 0.000 {40 * POINTS_PER_MM:.3f} cm" in operators
    assert f"{module:.5f} 0 0 {-module:.5f} {corner:.3f} {-corner:.3f} cm" in operators
    drawn: set[tuple[int, int]] = set()
    for x, y, width in (map(int, found) for found in re.findall(r"^(\d+) (\d+) (\d+) 1 re", operators, re.MULTILINE)):
        run = {(y, x + step) for step in range(width)}
        assert not run & drawn
        drawn |= run
    assert drawn == {(y, x) for y, (start, end) in drawing.matrix.dark_runs() for x in range(start, end)}
