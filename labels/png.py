"""Labels and QR codes as pixels, every module a whole number of printer dots wide.

The width of a module is rounded to whole dots before anything is laid out, so the modules are black and white to the
last pixel; letters are smoothed in gray, or cut to black and white for heads that know no gray. The physical size
stands in the file (pHYs), so that a printing program prints at 100 % by itself.
"""

from __future__ import annotations

import io
import struct
import zlib
from math import ceil, floor

from PIL import Image, ImageDraw

from labels.errors import LabelError
from labels.font import pixel_font, text_width
from labels.layout import Drawing, Shape, TextRun
from labels.modules import Modules
from labels.qr import QUIET_ZONE, Ecc, matrix
from labels.template import dots_per_mm, dots_per_module

# Letters are cut a little darker than half, or thin strokes break at 203 dpi.
_INK_FROM = 150
_LARGEST_MODULE_MM = 10.0


def draw_image(drawing: Drawing, dpi: int, *, bilevel: bool = False) -> Image.Image:
    """Mode "L", or "1" when `bilevel`. The module must be a whole number of dots wide: see `draw_label_for_head`."""
    scale = dots_per_mm(dpi)
    image = Image.new("L", (round(drawing.width_mm * scale), round(drawing.height_mm * scale)), 255)
    pen = ImageDraw.Draw(image)
    for run in drawing.runs:
        _draw_text(pen, run, scale)
    for bar in drawing.bars:
        x, y = round(bar.x_mm * scale), round(bar.y_mm * scale)
        right, bottom = x + max(1, round(bar.width_mm * scale)), y + max(1, round(bar.height_mm * scale))
        pen.rectangle((x, y, right - 1, bottom - 1), fill=0)
    _draw_shapes(image, drawing.shapes, scale)
    corner = round(drawing.corner_mm * scale)
    image.paste(_modules_image(drawing.matrix, round(drawing.module_mm * scale)), (corner, corner))
    return image.point([0] * _INK_FROM + [255] * (256 - _INK_FROM), "1") if bilevel else image


def draw_png(drawing: Drawing, dpi: int, *, bilevel: bool = False) -> bytes:
    dots_per_inch = dots_per_mm(dpi) * 25.4
    out = io.BytesIO()
    draw_image(drawing, dpi, bilevel=bilevel).save(out, "PNG", dpi=(dots_per_inch, dots_per_inch))
    return out.getvalue()


def qr_png(link: str, *, dpi: int = 300, x_mm: float = 0.5, ecc: Ecc = "Q", mask: int | None = None) -> bytes:
    """The QR code alone with its quiet zone, one bit a pixel."""
    if not 0 < x_mm <= _LARGEST_MODULE_MM:
        raise LabelError(f"a module is more than 0 and at most {_LARGEST_MODULE_MM:g} mm wide, not {x_mm!r}")
    modules = matrix(link, ecc, mask)
    dots = dots_per_module(x_mm, dpi)
    side = (modules.size + 2 * QUIET_ZONE) * dots
    margin = "1" * (QUIET_ZONE * dots)
    spread = bytes.maketrans(b"\x00\x01", b"10")
    blank = _packed("1" * side)
    lines = [blank] * (QUIET_ZONE * dots)
    for row in modules.rows:
        bits = "".join(bit * dots for bit in row.translate(spread).decode("ascii"))
        lines += [_packed(margin + bits + margin)] * dots
    lines += [blank] * (QUIET_ZONE * dots)
    return _one_bit_png(side, lines, round(dots_per_mm(dpi) * 1000))


def _draw_shapes(image: Image.Image, shapes: tuple[Shape, ...], scale: float) -> None:
    """Polygons, smoothed by drawing them four times as large on their part of the picture."""
    if not shapes:
        return
    points = [(x * scale, y * scale) for shape in shapes for x, y in shape.corners_mm]
    left, top = (floor(min(each)) for each in zip(*points, strict=True))
    right, bottom = (ceil(max(each)) for each in zip(*points, strict=True))
    large = Image.new("L", ((right - left) * 4, (bottom - top) * 4), 255)
    pen = ImageDraw.Draw(large)
    for shape in shapes:
        pen.polygon([((x * scale - left) * 4, (y * scale - top) * 4) for x, y in shape.corners_mm], fill=0)
    image.paste(large.reduce(4), (left, top))


def _draw_text(pen: ImageDraw.ImageDraw, run: TextRun, scale: float) -> None:
    """Letter by letter: set as a line, each would move to a whole pixel, and the line could outgrow its room."""
    font = pixel_font(run.face, round(run.size_mm * scale, 2))
    baseline = round(run.baseline_mm * scale)
    x = run.x_mm
    for letter in run.text:
        if letter != " ":
            pen.text((x * scale, baseline), letter, fill=0, font=font, anchor="ls")
        x += text_width(run.face, letter, run.size_mm)


def _modules_image(modules: Modules, dots: int) -> Image.Image:
    pixels = b"".join(modules.rows).translate(bytes([255]) + bytes(255))
    image = Image.frombytes("L", (modules.size, modules.size), pixels)
    return image.resize((modules.size * dots, modules.size * dots), Image.Resampling.NEAREST)


def _packed(bits: str) -> bytes:
    """A line of pixels from its digits, 1 for white, with the filter byte PNG wants before it."""
    padded = bits + "0" * (-len(bits) % 8)
    return b"\x00" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _one_bit_png(side: int, lines: list[bytes], pixels_per_metre: int) -> bytes:
    """Source: PNG specification (W3C): IHDR with colour type 0 and depth 1, pHYs with unit 1 for the metre."""
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", pixels_per_metre, pixels_per_metre, 1)),
            _chunk(b"IDAT", zlib.compress(b"".join(lines), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
