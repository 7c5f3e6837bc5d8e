"""ZPL: the picture in the command is the label."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image

from labels.label import TEMPLATES, LabelText, Template, render_png, render_zpl
from labels.template import DOTS_PER_MM


def picture_in(data: bytes) -> tuple[Image.Image, int, int]:
    """The picture of a label format with the width and length the printer is told, in dots."""
    found = re.fullmatch(rb"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0\^FO0,0\^GFA,(\d+),(\d+),(\d+),([0-9A-F]+)\^FS\^XZ\n", data)
    assert found
    width, length, total, field, per_row = map(int, found.groups()[:5])
    bits = bytes.fromhex(found[6].decode())
    assert total == field == len(bits) == per_row * length
    return Image.frombytes("1", (per_row * 8, length), bytes(255 - byte for byte in bits)), width, length


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
@pytest.mark.parametrize("dpi", DOTS_PER_MM)
def test_what_the_printer_is_sent_decodes_and_has_its_size(
    template: Template, dpi: int, text: LabelText, link: str, decode: Callable[[Image.Image], list[str]]
) -> None:
    image, width, length = picture_in(render_zpl(link, text, template, dpi))
    assert decode(image) == [link.upper()]
    assert width == round(template.width_mm * DOTS_PER_MM[dpi])
    assert length == round(template.height_mm * DOTS_PER_MM[dpi])


@pytest.mark.parametrize(
    "hostile", ["^XZ^XA^FO0,0^FDx^FS", "~DGR:X.GRF,80,10,FF", "^FH_5EXZ", "\\&^GFA", "]]><script>"]
)
def test_hostile_words_are_dots_and_never_commands(hostile: str, text: LabelText, link: str) -> None:
    """S-23: the whole label is one picture, so no letter of it reaches the printer as a letter."""
    words = replace(text, maker_zh=hostile, maker_en=hostile, model=hostile, rating=hostile)
    data = render_zpl(link, words, TEMPLATES["P1"], 203)
    picture_in(data)
    assert data.count(b"^") == 8
    assert b"~" not in data


def test_the_dots_are_those_of_the_picture_and_the_spare_bits_are_white(
    text: LabelText, link: str, open_png: Callable[[bytes], Image.Image]
) -> None:
    image, width, length = picture_in(render_zpl(link, text, TEMPLATES["M1"], 300))
    assert width % 8
    assert image.crop((width, 0, image.width, length)).getextrema() == (255, 255)
    picture = open_png(render_png(link, text, TEMPLATES["M1"], 300, bilevel=True))
    assert image.crop((0, 0, width, length)).tobytes() == picture.tobytes()
