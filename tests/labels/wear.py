"""What printers and workshops do to a label, and how often it is still read.

    python -m tests.labels.wear --count 100        the table of docs/labels.md

A label is printed in black and white at the resolution of a print head, then taken as a picture: turned by any angle,
out of focus, faded, seen from the side, partly covered, or several of these. Lengths are in modules of the symbol, so
that large and small templates suffer alike. Every picture comes from a number: the same number, the same picture.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from random import Random

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from labels.label import TEMPLATES, LabelText, Template, draw_label_for_head
from labels.layout import Drawing
from labels.link import battery_link
from labels.png import draw_png
from labels.template import dots_per_mm

HOST = "id.example.cn"
HEADS = (203, 300)
SHARPNESS = 6
"""Pixels of the picture to a module, at least."""
FRAMES = (1.0, 0.75, 1.5)
FINDERS = 8
"""Modules from a corner that a finder pattern of a QR code takes, with its separator."""


@dataclass(frozen=True)
class Print:
    """A sharp picture of a label as it left the printer. `dots`: pixels of one module. `corner`: of the symbol."""

    image: Image.Image
    drawing: Drawing
    dots: int
    corner: int
    link: str


Wear = Callable[[Print, Random], Image.Image]


def printed(template: Template, dpi: int, number: int, *, mask: int | None = 0) -> Print:
    """The label of a battery with this serial number."""
    code = f"04QPB76836300JGC4{number:07d}"
    link = battery_link(f"https://{HOST}", code)
    text = LabelText(
        code=code,
        host=HOST,
        maker_zh="重庆示例动力电池有限公司",
        maker_en="Chongqing Example Power Battery",
        model="CQ-LFP-60",
        chemistry_zh="磷酸铁锂",
        chemistry_en="LFP",
        rating="102.4 V · 150 Ah · 118 kg",
        made_on="2026-12-04",
    )
    drawing = draw_label_for_head(link, text, template, dpi, mask=mask)
    with Image.open(io.BytesIO(draw_png(drawing, dpi, bilevel=True))) as opened:
        image = opened.convert("L")
    dots = round(drawing.module_mm * dots_per_mm(dpi))
    scale = ceil(SHARPNESS / dots)
    image = image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    corner = round(drawing.corner_mm * dots_per_mm(dpi))
    return Print(image, drawing, dots * scale, corner * scale, link.upper())


def fresh(label: Print, _: Random) -> Image.Image:
    return label.image


def turned(label: Print, chance: Random) -> Image.Image:
    """By any angle."""
    return _turned(label.image, chance.uniform(0, 360))


def blurred(label: Print, _: Random) -> Image.Image:
    """Out of focus by 0.4 of a module, as the standard deviation of a Gauss curve."""
    return label.image.filter(ImageFilter.GaussianBlur(0.4 * label.dots))


def faded(label: Print, _: Random) -> Image.Image:
    """Black at 57 %, white at 75 % of full light: a contrast of 18 %."""
    return _faded(label.image)


def covered(label: Print, chance: Random) -> Image.Image:
    """A fifth of a QR code's area lies under a patch that reaches in over the corner without a finder pattern; of a
    Data Matrix, whose error correction is made for less, a twelfth, clear of its edges."""
    if label.drawing.matrix.quiet == 1:
        return _spotted(label, chance, 1 / 12)
    size = label.drawing.matrix.size
    wide = chance.uniform(0.40, 0.50) * size
    high = size * size / 5 / wide
    return _patched(label, chance, (size - wide, size - high, wide, high))


def spotted(label: Print, chance: Random) -> Image.Image:
    """A tenth of a QR code's area lies under a square anywhere clear of the finder patterns; of a Data Matrix a
    twentieth."""
    return _spotted(label, chance, 1 / 10 if label.drawing.matrix.quiet == 4 else 1 / 20)


def oblique(label: Print, chance: Random) -> Image.Image:
    """The far edge, any of the four, is a quarter shorter."""
    width, height = label.image.size
    rise = height * 0.125
    seen = label.image.transform(
        (width, height),
        Image.Transform.QUAD,
        (0, 0, 0, height, width, height + rise, width, -rise),
        resample=Image.Resampling.BICUBIC,
        fillcolor=255,
    )
    return seen if chance.random() < 0.5 else seen.transpose(Image.Transpose.ROTATE_180)


def coarse(label: Print, _: Random) -> Image.Image:
    """Photographed at three pixels a module."""
    scale = 3 / label.dots
    size = (round(label.image.width * scale), round(label.image.height * scale))
    return label.image.resize(size, Image.Resampling.BOX)


def several(label: Print, chance: Random) -> Image.Image:
    """Turned, out of focus by 0.25 of a module, and faded."""
    blur = _turned(label.image, chance.uniform(0, 360)).filter(ImageFilter.GaussianBlur(0.25 * label.dots))
    return _faded(blur)


WEARS: dict[str, Wear] = {
    each.__name__: each for each in (fresh, turned, blurred, faded, covered, spotted, oblique, coarse, several)
}


def is_read(image: Image.Image, link: str) -> bool:
    """Whether one of three frames is read, as a camera takes them that comes nearer: nothing else may be read."""
    for scale in FRAMES:
        frame = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR)
        if found := [code.text for code in zxingcpp.read_barcodes(frame)]:
            return found == [link]
    return False


def count_read(template: Template, dpi: int, numbers: Iterable[int]) -> dict[str, int]:
    """By the name of the wear, how many of the labels with these serial numbers are read."""
    read = dict.fromkeys(WEARS, 0)
    for number in numbers:
        label = printed(template, dpi, number)
        for name, wear in WEARS.items():
            read[name] += is_read(wear(label, Random(f"{template.name} {dpi} {name} {number}")), label.link)
    return read


def _spotted(label: Print, chance: Random, share: float) -> Image.Image:
    size, is_qr = label.drawing.matrix.size, label.drawing.matrix.quiet == 4
    side, kept = size * share**0.5, 0 if is_qr else 1
    while True:
        x, y = (chance.uniform(kept, size - side - kept) for _ in range(2))
        if not is_qr or not any(_overlap((x, y, side, side), finder) for finder in _finders(size)):
            return _patched(label, chance, (x, y, side, side))


def _patched(label: Print, chance: Random, patch: tuple[float, float, float, float]) -> Image.Image:
    """With a black, gray or white patch: left, top, width and height in modules."""
    x, y, wide, high = patch
    image = label.image.copy()
    box = [label.corner + round(place * label.dots) for place in (x, y, x + wide, y + high)]
    ImageDraw.Draw(image).rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=chance.choice((0, 128, 255)))
    return image


def _turned(image: Image.Image, angle: float) -> Image.Image:
    return image.rotate(angle, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)


def _faded(image: Image.Image) -> Image.Image:
    return image.point(lambda value: 145 + value * 45 // 255)


def _finders(size: int) -> tuple[tuple[float, float, float, float], ...]:
    far = size - FINDERS
    return ((0, 0, FINDERS, FINDERS), (far, 0, FINDERS, FINDERS), (0, far, FINDERS, FINDERS))


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(one[at] < other[at] + other[at + 2] and other[at] < one[at] + one[at + 2] for at in (0, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description="How often each template is read, as a table in Markdown.")
    parser.add_argument("--count", type=int, default=100, help="labels for each cell")
    count = parser.parse_args().count
    print("| template | dpi | " + " | ".join(WEARS) + " |")
    print("|---" * (len(WEARS) + 2) + "|")
    for template in TEMPLATES.values():
        for dpi in HEADS:
            read = count_read(template, dpi, range(count))
            cells = [f"{100 * read[wear] / count:.4g} %" for wear in WEARS]
            print(f"| {template.name} | {dpi} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
