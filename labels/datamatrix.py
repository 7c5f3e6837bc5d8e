"""The modules of a Data Matrix (ISO/IEC 16022, ECC 200), for what is too small for a QR code.

The encoder is that of zxing-cpp. Its symbols are square, the smallest that holds the text, with the quiet zone of one
module left to the drawing.
"""

from __future__ import annotations

import zxingcpp

from labels.errors import LabelError
from labels.modules import Modules

QUIET_ZONE = 1
_TO_MODULES = bytes([1] + [0] * 255)


def data_matrix(text: str) -> Modules:
    """Cost: a tenth of a millisecond. Raises LabelError for what is no printable ASCII or too long."""
    if not isinstance(text, str) or not text or not text.isascii() or not text.isprintable():
        raise LabelError("a Data Matrix on a label holds printable ASCII")
    try:
        made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
        image = made.to_image(scale=1, add_quiet_zones=False)
    except ValueError as error:
        raise LabelError(f"{len(text)} characters do not fit into a Data Matrix") from error
    size = image.shape[0]
    pixels = bytes(memoryview(image)).translate(_TO_MODULES)  # type: ignore[arg-type]
    return Modules(size, tuple(pixels[at : at + size] for at in range(0, size * size, size)), QUIET_ZONE)
