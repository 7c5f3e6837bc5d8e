"""A row of dots for each organisation: the middle and the slow end of how long it takes, and the line not to cross."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.charts.axes import lay_scale
from api.charts.bars import EDGE, LEFT, RIGHT
from api.charts.canvas import Frame, dot, draw, line, shorten, write
from api.charts.scale import Scale, Write, highest, plain, ticks

_ROW, _AXIS, _HEAD = 46.0, 24.0, 42.0
_INSET = 2.0
"""Per cent that keep a dot at 0 whole."""


@dataclass(frozen=True, slots=True)
class Dots:
    """middle, slow: the median and the 95th percentile; None where nothing is known. shown: both in words.

    target: the line not to cross, where it is this row's own.
    """

    label: str
    middle: float | None
    slow: float | None
    shown: str
    missed: bool = False
    target: float | None = None


def draw_dots(
    frame: Frame, rows: Sequence[Dots], legend: tuple[str, str, str], *, target: float | None, number: Write = plain
) -> Markup:
    """A full dot at the median, a ring at P95, a line between them, and one down all rows at `target`.

    legend: the words for the dot, the ring and the line.
    """
    steps = ticks(highest([target, *(value for row in rows for value in (row.middle, row.slow, row.target))]))
    scale, bottom = Scale(steps[-1], LEFT + _INSET, RIGHT), _HEAD + len(rows) * _ROW
    marks = _legend(legend, has_target=any(each is not None for each in (target, *(row.target for row in rows))))
    marks += lay_scale(scale, steps, bottom, number)
    for place, row in enumerate(rows):
        y = _HEAD + place * _ROW
        marks.append(write(LEFT, y + 14, shorten(row.label)))
        marks.append(line((LEFT, y + 29), (RIGHT, y + 29), kind="grid"))
        marks.append(write(EDGE, y + 33, row.shown, kind="value missed" if row.missed else "value", anchor="end"))
        if row.middle is not None and row.slow is not None:
            marks.append(line((scale.at(row.middle), y + 29), (scale.at(row.slow), y + 29), kind="reach"))
        if row.slow is not None:
            marks.append(dot(scale.at(row.slow), y + 29, 6, kind="ring"))
        if row.middle is not None:
            marks.append(dot(scale.at(row.middle), y + 29, 6, kind="dot"))
        if row.target is not None:
            marks.append(line((scale.at(row.target), y + 19), (scale.at(row.target), y + 39), kind="target"))
    if target is not None:
        marks.append(line((scale.at(target), _HEAD), (scale.at(target), bottom), kind="target"))
    return draw(frame, bottom + _AXIS, marks)


def _legend(words: tuple[str, str, str], *, has_target: bool) -> list[Markup]:
    middle, slow, target = words
    marks = [
        Markup('<circle class="dot" cx="9" cy="8" r="6"/><text x="26" y="13">{}</text>').format(middle),
        Markup('<circle class="ring" cx="9" cy="28" r="6"/><text x="26" y="33">{}</text>').format(slow),
    ]
    if has_target:
        marks.append(Markup('<line class="target" x1="50%" y1="1" x2="50%" y2="17"/>'))
        marks.append(Markup('<text x="50%" dx="10" y="13">{}</text>').format(target))
    return marks


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of a strip plot: a dot for each value."""

    label: str
    values: tuple[float, ...]


def draw_strips(frame: Frame, rows: Sequence[Strip], unit: str, *, number: Write = plain) -> Markup:
    """Each value where it lies on a scale that all rows share. unit: what the scale is in."""
    steps = ticks(highest(value for row in rows for value in row.values))
    scale, bottom = Scale(steps[-1], LEFT + _INSET, EDGE - _INSET), len(rows) * _ROW
    marks = [*lay_scale(scale, steps, bottom, number)]
    for place, row in enumerate(rows):
        y = place * _ROW
        marks.append(write(LEFT, y + 14, shorten(row.label)))
        marks.append(line((LEFT, y + 29), (EDGE, y + 29), kind="grid"))
        marks += [dot(scale.at(value), y + 29, 5, kind="ring") for value in row.values]
    marks.append(write(EDGE, bottom + 36, unit, kind="soft", anchor="end"))
    return draw(frame, bottom + _AXIS + 20, marks)
