"""A label as a list of marks at places in millimetres, and the page that collects them.

The origin is the top left corner. `arrange` decides what stands where; `svg`, `png` and `pdf` only draw what stands
here. Text too long for its place is set down to three quarters of its size and then ends in an ellipsis; what must
stand whole is refused instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from labels.font import FACES, Face, drawable, shorten, text_width
from labels.modules import Modules

SMALLEST = 0.75
# Chinese letters rise to 0.86 em above the baseline.
HAN_TOP = 0.86

_CODE_GROUP = 4 * 0.6
# Air between groups of the code, in ems: the least that is seen as a gap, the most that still looks like one line.
_GROUP_GAP = (0.22, 0.45)
_CODE_LEADING = 1.55

Point = tuple[float, float]
"""From the left and from the top."""


@dataclass(frozen=True, slots=True)
class TextRun:
    """A line of text from `x_mm` along the baseline; `width_mm` is its exact length at `size_mm` an em."""

    x_mm: float
    baseline_mm: float
    size_mm: float
    face: Face
    text: str
    width_mm: float


@dataclass(frozen=True, slots=True)
class Bar:
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A black polygon. No two points that follow each other are the same; it does not cross itself."""

    corners_mm: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A label ready to be drawn; `corner_mm` is that of the dark modules, from the left and from the top alike."""

    width_mm: float
    height_mm: float
    corner_mm: float
    module_mm: float
    matrix: Modules
    runs: tuple[TextRun, ...]
    bars: tuple[Bar, ...]
    shapes: tuple[Shape, ...]
    title: str
    description: str


@dataclass(slots=True)
class Page:
    """The marks put down so far."""

    runs: list[TextRun] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)

    def put(self, text: str, size_mm: float, x_mm: float, baseline_mm: float, *, room_mm: float) -> float:
        """Put a line, shortened if it must be; its length in mm, 0 for an empty one."""
        letters = drawable("sans", text)
        if not letters or room_mm <= 0:
            return 0.0
        size = size_mm * _reduction(letters, size_mm, room_mm)
        letters = shorten("sans", letters, size, room_mm)
        if not letters:
            return 0.0
        width = text_width("sans", letters, size)
        self.runs.append(TextRun(x_mm, baseline_mm, size, "sans", letters, width))
        return width

    def put_row(
        self, cells: tuple[str, ...], size_mm: float, x_mm: float, baseline_mm: float, *, room_mm: float
    ) -> None:
        """Put several texts on one line, an em apart; the last ones are shortened first."""
        end = x_mm + room_mm
        for cell in cells:
            used = self.put(cell, size_mm, x_mm, baseline_mm, room_mm=end - x_mm)
            x_mm += used + size_mm if used else 0.0

    def put_code(
        self, groups: tuple[str, ...], cap_mm: float, x_mm: float, *, room_mm: float, bottom_mm: float
    ) -> float:
        """Put the code in as few and as even lines as the room allows; the top of the first line in mm.

        `bottom_mm` is the baseline of the last.
        """
        size = cap_mm / FACES["mono"].cap
        per_line = groups_per_line(cap_mm, len(groups), room_mm)
        lines = [groups[start : start + per_line] for start in range(0, len(groups), per_line)]
        letters = _CODE_GROUP * size * per_line
        spare = (room_mm - letters) / (per_line - 1) / size if per_line > 1 else 0.0
        step = (_CODE_GROUP + min(max(spare, _GROUP_GAP[0]), _GROUP_GAP[1])) * size
        pitch = cap_mm * _CODE_LEADING
        top = bottom_mm - pitch * (len(lines) - 1)
        for row, line in enumerate(lines):
            for place, group in enumerate(line):
                width = text_width("mono", group, size)
                self.runs.append(TextRun(x_mm + place * step, top + row * pitch, size, "mono", group, width))
        return top - cap_mm


def groups_per_line(cap_mm: float, groups: int, room_mm: float) -> int:
    """How many groups of the code stand on a line so that the lines are few and even; 0 where not even one fits."""
    size = cap_mm / FACES["mono"].cap
    most = int((room_mm + _GROUP_GAP[0] * size + 1e-9) / code_width(cap_mm, 1, gap_after=True))
    if most < 1:
        return 0
    lines = ceil(groups / most)
    return ceil(groups / lines)


def code_width(cap_mm: float, groups: int, *, gap_after: bool = False) -> float:
    """The least width in mm of so many groups on one line."""
    gaps = groups if gap_after else groups - 1
    return (_CODE_GROUP * groups + _GROUP_GAP[0] * gaps) * cap_mm / FACES["mono"].cap


def code_height(cap_mm: float, groups: int, per_line: int) -> float:
    return cap_mm * (1 + _CODE_LEADING * (ceil(groups / per_line) - 1))


def fits_whole(text: str, size_mm: float, room_mm: float) -> bool:
    """Whether `put` would leave the text unshortened."""
    return text_width("sans", drawable("sans", text), size_mm * SMALLEST) <= room_mm


def _reduction(letters: str, size_mm: float, room_mm: float) -> float:
    """How far the size goes down to hold the letters: from 1 to SMALLEST."""
    # Hardly a letter is wider than an em: a short text need not be measured.
    if len(letters) * size_mm <= room_mm:
        return 1.0
    return min(1.0, max(SMALLEST, room_mm / text_width("sans", letters, size_mm)))
