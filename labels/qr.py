"""The modules of a QR code (ISO/IEC 18004), without any drawing.

The smallest version that holds the text is taken. The mask is the one of least penalty, found by trying all eight,
unless one is given: a given mask is thirty times as fast, is read as well (docs/labels.md), and suits sheets of
thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Literal, NamedTuple, cast, get_args

import qrcode
from qrcode import constants, util

from labels.codewords import codewords, mode_names, segments_of, smallest_version
from labels.errors import LabelError
from labels.modules import Modules

QUIET_ZONE = 4

Ecc = Literal["L", "M", "Q", "H"]

_LEVELS: dict[str, int] = {
    "L": constants.ERROR_CORRECT_L,
    "M": constants.ERROR_CORRECT_M,
    "Q": constants.ERROR_CORRECT_Q,
    "H": constants.ERROR_CORRECT_H,
}
_DIGITS_TO_MODULES = bytes.maketrans(b"01", b"\x00\x01")


@dataclass(frozen=True, slots=True)
class QrMatrix(Modules):
    """`mode` names the segments in order, such as "byte+alphanumeric"."""

    version: int
    mode: str


def matrix(text: str, ecc: Ecc = "M", mask: int | None = None, *, least: int = 1) -> QrMatrix:
    """The smallest QR code from version `least` that holds `text` at this level of error correction.

    The levels repair about 7 % (L), 15 % (M), 25 % (Q) and 30 % (H) of the codewords.
    Cost: about 5 ms with the mask sought, 0.1 ms with the mask given (0 to 7). The same arguments give the same
    modules.
    """
    if ecc not in get_args(Ecc):
        raise LabelError(f"the error correction is one of L, M, Q, H, not {ecc!r}")
    if mask is not None and (not isinstance(mask, int) or not 0 <= mask <= 7):
        raise LabelError(f"a mask is a number from 0 to 7, not {mask!r}")
    if not isinstance(text, str) or not text:
        raise LabelError("a QR code holds at least one character")
    try:
        segments = segments_of(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise LabelError("a QR code holds no half of a surrogate pair") from error
    version = max(least, smallest_version(segments, _LEVELS[ecc]))
    data = codewords(segments, version, _LEVELS[ecc])
    if mask is None:
        rows = min((_placed(data, version, ecc, each) for each in range(8)), key=_penalty)
    else:
        rows = _placed(data, version, ecc, mask)
    return QrMatrix(size=len(rows), rows=rows, quiet=QUIET_ZONE, version=version, mode=mode_names(segments))


def _penalty(rows: tuple[bytes, ...]) -> int:
    return util.lost_point(cast("list[list[bool | None]]", rows))


class _Plan(NamedTuple):
    """Where the bits of a symbol go. pick: for each module the place of its bit in the codewords, or one behind them
    where it has none. base: all modules of a symbol whose bits are all 0, as one number."""

    size: int
    pick: Callable[[str], tuple[str, ...]]
    base: int


class _Blank(qrcode.QRCode):  # type: ignore[type-arg]
    """The package's symbol up to the point where bits are placed: which modules are free then."""

    def map_data(self, data: object, mask_pattern: int) -> None:
        self.free = {(y, x) for y, row in enumerate(self.modules) for x, each in enumerate(row) if each is None}
        super().map_data([], mask_pattern)


@lru_cache(maxsize=64)
def _plan(version: int, ecc: Ecc, mask: int) -> _Plan:
    """Source: ISO/IEC 18004, 7.7.3: two columns at a time from the right, upwards and downwards in turn."""
    blank = _Blank(version=version, error_correction=_LEVELS[ecc], mask_pattern=mask)
    blank.data_cache = []
    blank.makeImpl(False, mask)
    size = blank.modules_count
    places: dict[tuple[int, int], int] = {}
    upwards = True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for y in range(size - 1, -1, -1) if upwards else range(size):
            for x in (right, right - 1):
                if (y, x) in blank.free:
                    places[y, x] = len(places)
        upwards = not upwards
    last = len(places)
    order = (places.get((y, x), last) for y in range(size) for x in range(size))
    pick = cast("Callable[[str], tuple[str, ...]]", itemgetter(*order))
    return _Plan(size, pick, int("".join(str(int(bool(each))) for row in blank.modules for each in row), 2))


def _placed(data: bytes, version: int, ecc: Ecc, mask: int) -> tuple[bytes, ...]:
    """The rows of the symbol; bits that are left over at the end of the codewords are 0."""
    size, pick, base = _plan(version, ecc, mask)
    bits = f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}" + "0" * 8
    dark = int("".join(pick(bits)), 2) ^ base
    digits = f"{dark:0{size * size}b}".encode().translate(_DIGITS_TO_MODULES)
    return tuple(digits[at : at + size] for at in range(0, size * size, size))
