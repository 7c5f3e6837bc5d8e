"""The symbol for separate collection: the crossed-out wheeled bin, and the chemical symbols beneath it.

- On a flat battery it covers at least 3 % of the area of the largest side, on a cylindrical cell at least 1.5 % of the
  whole surface, and in neither case more than 50 x 50 mm.
- Where that would be smaller than 4.7 x 4.7 mm the battery is not marked: a symbol of at least 10 x 10 mm stands on
  the packaging. Asking for one here is refused.
- Cd stands beneath it for more than 0.002 % of cadmium, Pb for more than 0.004 % of lead, on at least a quarter of the
  symbol's area.

Source: Regulation (EU) 2023/1542, Art. 13(4) and (5), Annex VI, Part B.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, cos, hypot, pi, sin, sqrt

from labels.errors import FitError, LabelError
from labels.font import FACES, text_width
from labels.layout import Page, Point, Shape

SHARE_FLAT, SHARE_ROUND = 0.03, 0.015
LARGEST_MM, SMALLEST_MM, PACKAGING_MM = 50.0, 4.7, 10.0
METALS = ("Cd", "Pb")
METAL_SHARE = 0.25
_MOST_MM = 10_000.0
_GAP = 0.06
_CAP = FACES["sans"].cap


@dataclass(frozen=True, slots=True)
class Mark:
    """The symbol in the size that the battery asks for; `metals` is some of METALS."""

    side_mm: float
    metals: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not set(self.metals) <= set(METALS) or len(set(self.metals)) != len(self.metals):
            raise LabelError(f"the chemical symbols are {' and '.join(METALS)}, each at most once")

    @property
    def metal_mm(self) -> float:
        """The size in mm an em in which a chemical symbol covers its quarter."""
        width = min(text_width("sans", metal, 1.0) for metal in METALS)
        return self.side_mm * sqrt(METAL_SHARE / (width * _CAP))

    @property
    def width_mm(self) -> float:
        return max(self.side_mm, *(text_width("sans", metal, self.metal_mm) for metal in self.metals), 0.0)

    @property
    def height_mm(self) -> float:
        return self.side_mm + len(self.metals) * (self.metal_mm * _CAP + _GAP * self.side_mm)


def mark_for_side(width_mm: float, height_mm: float, metals: tuple[str, ...] = ()) -> Mark:
    """For a battery whose largest side measures this. Raises FitError where the symbol belongs on the packaging."""
    return _mark(SHARE_FLAT * _length(width_mm) * _length(height_mm), metals)


def mark_for_cylinder(diameter_mm: float, length_mm: float, metals: tuple[str, ...] = ()) -> Mark:
    """For a cylindrical cell. Raises FitError as above."""
    diameter, length = _length(diameter_mm), _length(length_mm)
    return _mark(SHARE_ROUND * pi * diameter * (length + diameter / 2), metals)


def put_mark(page: Page, mark: Mark, left_mm: float, top_mm: float) -> None:
    """The symbol with its corner there, the chemical symbols beneath it in the middle."""
    side = mark.side_mm
    x = left_mm + (mark.width_mm - side) / 2
    page.shapes += [Shape(tuple((x + u * side, top_mm + v * side) for u, v in shape)) for shape in _BIN]
    baseline = top_mm + side
    for metal in mark.metals:
        baseline += _GAP * side + _CAP * mark.metal_mm
        width = text_width("sans", metal, mark.metal_mm)
        page.put(metal, mark.metal_mm, left_mm + (mark.width_mm - width) / 2, baseline, room_mm=width + 0.001)


def _mark(area_mm2: float, metals: tuple[str, ...]) -> Mark:
    side = sqrt(area_mm2)
    if side < SMALLEST_MM:
        raise FitError(
            f"the symbol for separate collection would be {side:.2f} mm square, less than {SMALLEST_MM:g} mm: "
            f"it goes on the packaging, {PACKAGING_MM:g} x {PACKAGING_MM:g} mm at least, and not on the battery",
            (PACKAGING_MM, PACKAGING_MM),
        )
    # Upwards to the hundredth: printed to the micrometre it must not fall below what the law asks for.
    return Mark(min(LARGEST_MM, ceil(side * 100 - 1e-6) / 100), metals)


def _length(value: float) -> float:
    if not 0 < value <= _MOST_MM:
        raise LabelError(f"a side of a battery is more than 0 and at most {_MOST_MM:g} mm long, not {value!r}")
    return value


def _stroke(start: Point, end: Point, width: float) -> tuple[Point, ...]:
    """A straight stroke as four corners."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    across = (-(end[1] - start[1]) / length * width / 2, (end[0] - start[0]) / length * width / 2)
    return (
        (start[0] + across[0], start[1] + across[1]),
        (end[0] + across[0], end[1] + across[1]),
        (end[0] - across[0], end[1] - across[1]),
        (start[0] - across[0], start[1] - across[1]),
    )


def _disc(centre: Point, radius: float) -> tuple[Point, ...]:
    turns = (2 * pi * step / 24 for step in range(24))
    return tuple((centre[0] + radius * cos(turn), centre[1] + radius * sin(turn)) for turn in turns)


_THIN, _BROAD = 0.045, 0.06
_LEFT, _RIGHT = ((0.25, 0.25), (0.31, 0.83)), ((0.75, 0.25), (0.69, 0.83))
_EDGE = _BROAD / 2 / sqrt(2)
_BIN: tuple[tuple[Point, ...], ...] = (
    _stroke((0.18, 0.225), (0.82, 0.225), 0.05),  # lid
    _stroke((0.40, 0.165), (0.60, 0.165), 0.07),  # handle of the lid
    _stroke(*_LEFT, _THIN),
    _stroke(*_RIGHT, _THIN),
    _stroke((0.29, 0.83), (0.71, 0.83), _THIN),  # bottom
    _stroke((0.32, 0.36), (0.68, 0.36), 0.03),  # front panel
    _disc((0.665, 0.875), 0.07),  # wheel
    _stroke((0.33, 0.85), (0.33, 0.93), 0.06),  # foot
    _stroke((_EDGE, _EDGE), (1 - _EDGE, 1 - _EDGE), _BROAD),
    _stroke((1 - _EDGE, _EDGE), (_EDGE, 1 - _EDGE), _BROAD),
)
"""The symbol in a square of side 1. The ends of the cross touch all four edges."""
