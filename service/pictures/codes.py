"""The codes in a photo: QR and Data Matrix, read from its pixels. What else the file says is not looked at.

A large photo is first read at half its size, which is faster and reads a blurred code better, then as it is.
"""

from collections.abc import Iterator
from dataclasses import replace

import zxingcpp
from PIL import Image

from service.errors import Fault, RefusedError
from service.imports.errors import FileRefusedError
from service.pictures.opening import open_picture

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIDES = (1_000, 2_200)
"""The longest side, in pixels, at which a photo is read: first small, then large."""
_FORMATS = ("JPEG", "PNG", "WEBP")


def read_codes(data: bytes) -> tuple[str, ...]:
    """The texts of the codes in a photo, each once. Raises RefusedError for what is no photo, or too large a one."""
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // (1024 * 1024)
        raise RefusedError([Fault("/photo", "size", f"the photo has more than {most} MB", f"照片超过{most} MB")])
    try:
        with open_picture(data, _FORMATS, pixels=MOST_PIXELS) as photo:
            return next((found for found in _tries(photo) if found), ())
    except FileRefusedError as error:
        raise RefusedError([replace(fault, pointer="/photo") for fault in error.faults]) from None


def _tries(photo: Image.Image) -> Iterator[tuple[str, ...]]:
    photo.draft("L", (SIDES[-1], SIDES[-1]))
    grey = photo.convert("L")
    for side in SIDES:
        smaller = grey.copy()
        smaller.thumbnail((side, side))
        yield _texts(smaller)
        if max(grey.size) <= side:
            return


def _texts(picture: Image.Image) -> tuple[str, ...]:
    symbols = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix))
    found = zxingcpp.read_barcodes(picture, formats=symbols)
    return tuple(dict.fromkeys(each.text for each in found if each.text))
