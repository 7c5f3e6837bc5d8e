"""The modules of a symbol: the dark and light squares of a QR code or a Data Matrix, without any drawing."""

from __future__ import annotations

import re
from dataclasses import dataclass

DARK_RUN = re.compile(b"\x01+")


@dataclass(frozen=True, slots=True)
class Modules:
    """`rows[y][x]` is 1 for a dark module, `size` x `size`; `quiet` is the width in modules of the quiet zone, which
    is not part of the rows: the drawing leaves it free.
    """

    size: int
    rows: tuple[bytes, ...]
    quiet: int

    def dark_runs(self) -> list[tuple[int, tuple[int, int]]]:
        """Every unbroken row of dark modules as (y, (start, end)), top to bottom, left to right."""
        return [(y, run.span()) for y, row in enumerate(self.rows) for run in DARK_RUN.finditer(row)]
