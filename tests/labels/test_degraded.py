"""What a workshop does to a label: turned, out of focus, faded, dirty, seen from the side. It must still read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFilter

from labels.label import TEMPLATES, LabelText, Template, render_png
from labels.link import battery_link
from labels.png import qr_png

EVERY = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
Decode = Callable[[Image.Image], list[str]]


def turned(image: Image.Image) -> Image.Image:
    return image.rotate(7, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)


def blurred(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(3))


def faded(image: Image.Image) -> Image.Image:
    """Black at 57 %, white at 75 % of full light."""
    return image.point(lambda value: 145 + value * 45 // 255)


def oblique(image: Image.Image) -> Image.Image:
    """Seen from the right: the far edge is a quarter shorter."""
    width, height = image.size
    rise = height * 0.125
    return image.transform(
        (width, height),
        Image.Transform.QUAD,
        (0, 0, 0, height, width, height + rise, width, -rise),
        resample=Image.Resampling.BICUBIC,
        fillcolor=255,
    )


def coarse(image: Image.Image) -> Image.Image:
    """Photographed at three pixels a module."""
    return image.resize((image.width * 2 // 5, image.height * 2 // 5), Image.Resampling.BILINEAR)


@EVERY
@pytest.mark.parametrize("damage", [turned, blurred, faded, oblique, coarse])
def test_a_worn_label_still_reads(
    template: Template,
    damage: Callable[[Image.Image], Image.Image],
    text: LabelText,
    link: str,
    decode: Decode,
    open_png: Callable[[bytes], Image.Image],
) -> None:
    image = open_png(render_png(link, text, template, 300)).convert("L")
    assert decode(damage(image)) == [link.upper()]


@EVERY
def test_turned_faded_and_blurred_at_once_still_reads(
    template: Template, text: LabelText, link: str, decode: Decode, open_png: Callable[[bytes], Image.Image]
) -> None:
    image = open_png(render_png(link, text, template, 300)).convert("L")
    assert decode(faded(turned(image).filter(ImageFilter.GaussianBlur(1.5)))) == [link.upper()]


@pytest.mark.parametrize("share", [0.10, 0.15])
@pytest.mark.parametrize("shade", [255, 0, 128])
def test_a_covered_corner_away_from_the_finders_still_reads(
    share: float, shade: int, decode: Decode, open_png: Callable[[bytes], Image.Image]
) -> None:
    for number in range(5):
        link = battery_link("https://id.example.cn", f"04QPB76836300JGC4{number:07d}").upper()
        image = open_png(qr_png(link, dpi=300, x_mm=0.8)).convert("L")
        quiet = 4 * 9
        side = round((image.width - 2 * quiet) * share**0.5)
        end = image.width - quiet
        ImageDraw.Draw(image).rectangle((end - side, end - side, end, end), fill=shade)
        assert decode(image) == [link]


def test_half_a_code_does_not_read(decode: Decode, open_png: Callable[[bytes], Image.Image], link: str) -> None:
    """The reader is no oracle that says yes to everything."""
    image = open_png(qr_png(link, dpi=300, x_mm=0.8)).convert("L")
    ImageDraw.Draw(image).rectangle((image.width // 2, image.height // 3, image.width, image.height), fill=255)
    assert decode(image) == []
