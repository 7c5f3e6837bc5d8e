"""A label in ZPL II, for the label printers of a packing line.

The whole label is sent as one picture (`^GFA`): what is printed is what was checked here, whatever fonts or QR
firmware the printer has.
"""

from __future__ import annotations

from labels.layout import Drawing
from labels.png import draw_image

_INVERTED = bytes(255 - value for value in range(256))


def draw_zpl(drawing: Drawing, dpi: int) -> bytes:
    """One label format for a head of this resolution. In ZPL a set bit is black."""
    image = draw_image(drawing, dpi, bilevel=True)
    per_row = (image.width + 7) // 8
    bits = bytearray(image.tobytes().translate(_INVERTED))
    spare = per_row * 8 - image.width
    for end in range(per_row - 1, len(bits), per_row):
        bits[end] &= 0xFF << spare & 0xFF
    head = f"^XA^PW{image.width}^LL{image.height}^LH0,0^FO0,0^GFA,{len(bits)},{len(bits)},{per_row},"
    return f"{head}{bits.hex().upper()}^FS^XZ\n".encode("ascii")
