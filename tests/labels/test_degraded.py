"""What a workshop does to a label: turned, out of focus, faded, dirty, seen from the side. It must still read.

A few labels of each template; `python -m tests.labels.wear` takes as many as one likes.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from PIL import Image, ImageDraw

from labels.label import TEMPLATES, Template
from labels.png import qr_png
from tests.labels import wear

Decode = Callable[[Image.Image], list[str]]


@pytest.mark.parametrize("dpi", wear.HEADS)
@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_worn_label_still_reads_whatever_happened_to_it(template: Template, dpi: int) -> None:
    assert wear.count_read(template, dpi, range(1)) == dict.fromkeys(wear.WEARS, 1)


def test_a_label_with_the_mask_of_least_penalty_reads_as_well() -> None:
    label = wear.printed(TEMPLATES["S24"], 203, 1, mask=None)
    for name, worn in wear.WEARS.items():
        assert wear.is_read(worn(label, Random(name)), label.link), name


def test_half_a_code_does_not_read(decode: Decode, open_png: Callable[[bytes], Image.Image], link: str) -> None:
    """The reader is no oracle that says yes to everything."""
    image = open_png(qr_png(link, dpi=300, x_mm=0.8)).convert("L")
    ImageDraw.Draw(image).rectangle((image.width // 2, image.height // 3, image.width, image.height), fill=255)
    assert decode(image) == []
