"""The codes in a photo: QR and Data Matrix, read from its pixels. What else the file says is not looked at.

Bounded in size, pixels and number at a time: a small file may unpack to much. A large photo is first read at half its
size, which is faster and reads a blurred code better, then as it is.
"""

import io
import threading
import warnings
from collections.abc import Iterator

import zxingcpp
from PIL import Image

from service.errors import Fault, RefusedError

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIDES = (1_000, 2_200)
"""The longest side, in pixels, at which a photo is read: first small, then large."""
_FORMATS = ("JPEG", "PNG", "WEBP")
_one = threading.Lock()


def read_codes(data: bytes) -> tuple[str, ...]:
    """The texts of the codes in a photo, each once. Raises RefusedError for what is no photo, or too large a one."""
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // (1024 * 1024)
        raise _refused("size", f"the photo has more than {most} MB", f"照片超过{most} MB")
    try:
        with _one, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as photo:
                if photo.width * photo.height > MOST_PIXELS:
                    raise _refused("pixels", "the photo has too many pixels", "照片像素过多")
                return next((found for found in _tries(photo) if found), ())
    except RefusedError:
        raise
    except Exception:  # whatever the decoder meets in a file that was made to break it
        raise _refused(
            "photo", "the photo cannot be read: send a JPEG, PNG or WebP", "无法读取照片，请使用JPEG、PNG或WebP"
        ) from None


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


def _refused(code: str, en: str, zh: str) -> RefusedError:
    return RefusedError([Fault("/photo", code, en, zh)])
