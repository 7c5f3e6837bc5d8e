"""Pixels: whole dots, the physical size, and what a reader makes of it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PIL import Image

from labels.errors import LabelError
from labels.label import TEMPLATES, LabelText, Template, draw_label_for_head, render_png
from labels.png import qr_png
from labels.template import DOTS_PER_MM

EVERY = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
EVERY_DPI = pytest.mark.parametrize("dpi", DOTS_PER_MM)
Open = Callable[[bytes], Image.Image]
Decode = Callable[[Image.Image], list[str]]


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        yield kind, body
        at += 12 + length


@EVERY
@EVERY_DPI
@pytest.mark.parametrize("bilevel", [False, True])
def test_every_label_decodes_and_has_its_size(
    template: Template, dpi: int, bilevel: bool, text: LabelText, link: str, decode: Decode, open_png: Open
) -> None:
    data = render_png(link, text, template, dpi, bilevel=bilevel)
    image = open_png(data)
    assert decode(image) == [link.upper()]
    assert image.mode == ("1" if bilevel else "L")
    per_metre = struct.unpack(">IIB", dict(chunks(data))[b"pHYs"])
    assert per_metre == (round(DOTS_PER_MM[dpi] * 1000), round(DOTS_PER_MM[dpi] * 1000), 1)
    assert image.width / per_metre[0] * 1000 == pytest.approx(template.width_mm, abs=0.1)
    assert image.height / per_metre[1] * 1000 == pytest.approx(template.height_mm, abs=0.1)


@EVERY
@EVERY_DPI
def test_every_module_is_a_whole_number_of_dots(template: Template, dpi: int, text: LabelText, link: str) -> None:
    drawing = draw_label_for_head(link, text, template, dpi)
    dots = drawing.module_mm * DOTS_PER_MM[dpi]
    assert dots == pytest.approx(round(dots), abs=1e-9)
    assert drawing.module_mm == pytest.approx(template.module_mm, abs=0.5 / DOTS_PER_MM[dpi] + 1e-9)


@EVERY
def test_the_modules_are_pure_black_and_white(template: Template, text: LabelText, link: str, open_png: Open) -> None:
    drawing = draw_label_for_head(link, text, template, 300)
    corner, dots = round(drawing.corner_mm * DOTS_PER_MM[300]), round(drawing.module_mm * DOTS_PER_MM[300])
    image = open_png(render_png(link, text, template, 300))
    room = drawing.matrix.quiet * dots
    quiet = image.crop((corner - room, corner - room, corner, corner + drawing.matrix.size * dots))
    assert quiet.getextrema() == (255, 255)
    for y, row in enumerate(drawing.matrix.rows):
        for x, dark in enumerate(row):
            left, top = corner + x * dots, corner + y * dots
            expected = 0 if dark else 255
            assert image.crop((left, top, left + dots, top + dots)).getextrema() == (expected, expected)


@EVERY
def test_no_ink_reaches_the_edge_whatever_the_words(
    template: Template, text: LabelText, link: str, open_png: Open
) -> None:
    loud = replace(text, maker_zh="漢" * 500, maker_en="W" * 500, model="jg" * 300, rating="|Å" * 300)
    image = open_png(render_png(link, loud, template, 300))
    edge = round(template.margin_mm * 0.7 * DOTS_PER_MM[300])
    inside = Image.new("L", (image.width - 2 * edge, image.height - 2 * edge), 255)
    image.paste(inside, (edge, edge))
    assert image.getextrema() == (255, 255)


def test_a_module_goes_down_a_dot_where_up_no_longer_fits(text: LabelText, link: str) -> None:
    tight = replace(TEMPLATES["M1"], levels=(("H", 5),), module_mm=0.5, height_mm=23, margin_mm=2.1)
    roomy = draw_label_for_head(link, text, TEMPLATES["M1"], 300)
    assert roomy.module_mm == pytest.approx(6 / DOTS_PER_MM[300])
    narrow = replace(tight, height_mm=roomy.matrix.size * 0.5 + 2.1 + 2.0, code_mm=2.0, title_mm=2.0)
    assert draw_label_for_head(link, text, narrow, 300).module_mm == pytest.approx(5 / DOTS_PER_MM[300])


@pytest.mark.parametrize("dpi", [0, 72, 299, "300", None])
def test_only_the_known_heads_are_served(dpi: int, text: LabelText, link: str) -> None:
    with pytest.raises(LabelError, match="203, 300, 600"):
        render_png(link, text, TEMPLATES["P1"], dpi)


@EVERY_DPI
@pytest.mark.parametrize("x_mm", [0.25, 0.5, 0.8])
def test_the_code_alone_is_one_bit_a_pixel_and_decodes(
    dpi: int, x_mm: float, link: str, decode: Decode, open_png: Open
) -> None:
    data = qr_png(link, dpi=dpi, x_mm=x_mm)
    parts = dict(chunks(data))
    assert list(parts) == [b"IHDR", b"pHYs", b"IDAT", b"IEND"]
    assert parts[b"IHDR"][8:10] == b"\x01\x00"
    assert struct.unpack(">IIB", parts[b"pHYs"]) == (round(DOTS_PER_MM[dpi] * 1000), round(DOTS_PER_MM[dpi] * 1000), 1)
    image = open_png(data)
    assert decode(image) == [link]
    quiet = 4 * max(2, round(x_mm * DOTS_PER_MM[dpi]))
    ink = image.convert("L").point(lambda value: 255 - value).getbbox()
    assert ink == (quiet, quiet, image.width - quiet, image.height - quiet)


@pytest.mark.parametrize("x_mm", [0, -1, 11, float("nan")])
def test_a_module_of_no_width_is_refused(x_mm: float, link: str) -> None:
    with pytest.raises(LabelError, match="module"):
        qr_png(link, x_mm=x_mm)
