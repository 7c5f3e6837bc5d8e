"""The modules of a QR code (ISO/IEC 18004), without any drawing.

The text is cut into segments so that capitals and digits take 5.5 bits each instead of 8; the smallest version that
holds them is taken. The mask is the one of least penalty, found by trying all eight, unless one is given: a given
mask is five times as fast, is read as well, and suits sheets of thousands. The quiet zone of four modules is not part
of the matrix: the drawing leaves it free.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

import qrcode
from qrcode import constants, exceptions, util

from labels.errors import LabelError

QUIET_ZONE = 4

Ecc = Literal["L", "M", "Q", "H"]

_LEVELS: dict[str, int] = {
    "L": constants.ERROR_CORRECT_L,
    "M": constants.ERROR_CORRECT_M,
    "Q": constants.ERROR_CORRECT_Q,
    "H": constants.ERROR_CORRECT_H,
}
_MODES = {util.MODE_NUMBER: "numeric", util.MODE_ALPHA_NUM: "alphanumeric", util.MODE_8BIT_BYTE: "byte"}
_DARK_RUN = re.compile(b"\x01+")
# A run of fewer characters is not worth the header of a segment of its own.
_SHORTEST_SEGMENT = 20


@dataclass(frozen=True, slots=True)
class QrMatrix:
    """`rows[y][x]` is 1 for a dark module; `mode` names the segments in order, such as "byte+alphanumeric"."""

    size: int
    rows: tuple[bytes, ...]
    version: int
    mode: str

    def dark_runs(self) -> list[tuple[int, tuple[int, int]]]:
        """Every unbroken row of dark modules as (y, (start, end)), top to bottom, left to right."""
        return [(y, run.span()) for y, row in enumerate(self.rows) for run in _DARK_RUN.finditer(row)]


def matrix(text: str, ecc: Ecc = "M", mask: int | None = None) -> QrMatrix:
    """The smallest QR code that holds `text` at this level of error correction.

    The levels repair about 7 % (L), 15 % (M), 25 % (Q) and 30 % (H) of the codewords.
    Cost: about 5 ms with the mask sought, 1 ms with the mask given (0 to 7). The same arguments give the same modules.
    """
    if ecc not in get_args(Ecc):
        raise LabelError(f"the error correction is one of L, M, Q, H, not {ecc!r}")
    if mask is not None and (not isinstance(mask, int) or not 0 <= mask <= 7):
        raise LabelError(f"a mask is a number from 0 to 7, not {mask!r}")
    if not isinstance(text, str) or not text:
        raise LabelError("a QR code holds at least one character")
    code = qrcode.QRCode(error_correction=_LEVELS[ecc], mask_pattern=mask)
    try:
        # ValueError: a lone surrogate, and version 41, which the package names before it finds the overflow.
        code.add_data(text.encode("utf-8"), optimize=_SHORTEST_SEGMENT)
        code.make(fit=True)
    except (exceptions.DataOverflowError, ValueError) as error:
        raise LabelError(f"{len(text)} characters do not fit into any QR code at level {ecc}") from error
    rows = tuple(bytes(map(bool, row)) for row in code.modules)
    mode = "+".join(_MODES[segment.mode] for segment in code.data_list)
    return QrMatrix(size=len(rows), rows=rows, version=code.version, mode=mode)
