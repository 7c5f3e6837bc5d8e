"""Columns that stand: the same months side by side for several kinds, and how often each size occurs.

All columns of a picture share one scale, which begins at 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.charts.axes import SIDE, name_ends, stand_scale
from api.charts.canvas import Frame, box, draw, fill_of, write
from api.charts.scale import Scale, Write, highest, plain, ticks

_TOP, _HEIGHT, _FEET, _GAP = 24.0, 72.0, 22.0, 14.0


@dataclass(frozen=True, slots=True)
class Multiple:
    """One small picture: a value for each of the shared names below; None where nothing is known."""

    label: str
    values: tuple[float | None, ...]
    shown: str = ""


def draw_columns(frame: Frame, rows: Sequence[Multiple], names: Sequence[str], *, number: Write = plain) -> Markup:
    """Small multiples, one below the other; `names` of the columns stand below each, the first and the last of them.

    A value that is not known leaves a short dash in the place of its column.
    """
    steps, marks, y = ticks(highest(value for row in rows for value in row.values), about=2), list[Markup](), 0.0
    for row in rows:
        marks.append(write(0, y + 14, row.label))
        marks.append(write(100, y + 14, row.shown, kind="value", anchor="end"))
        marks += _columns(frame, row.values, steps, y + _TOP, number)
        marks += name_ends(names, y + _TOP + _HEIGHT + 15)
        y += _TOP + _HEIGHT + _FEET + _GAP
    return draw(frame, y - _GAP, marks)


def draw_histogram(
    frame: Frame, bins: Sequence[tuple[str, float]], words: tuple[str, str], *, number: Write = plain
) -> Markup:
    """How many there are in each bin, from the smallest to the largest. words: for the number and for the size."""
    height, foot = 160.0, 40.0
    steps = ticks(highest(value for _, value in bins))
    scale = Scale(steps[-1], _TOP + height, _TOP)
    width = (100 - SIDE) / len(bins)
    marks = [write(0, 14, words[0], kind="soft"), *stand_scale(scale, steps, number)]
    every = max(1, -(-len(bins) // 8))
    for place, (name, value) in enumerate(bins):
        x, top = SIDE + place * width, scale.at(value)
        marks.append(box(x, top, (width * 0.9, _TOP + height - top), fill=fill_of(frame, 0)))
        if place % every == 0:
            marks.append(write(x + width * 0.45, _TOP + height + 16, name, kind="soft", anchor="middle"))
    marks.append(write(100, _TOP + height + 34, words[1], kind="soft", anchor="end"))
    return draw(frame, _TOP + height + foot, marks)


def _columns(
    frame: Frame, values: Sequence[float | None], steps: Sequence[float], top: float, number: Write
) -> list[Markup]:
    scale, width = Scale(steps[-1], top + _HEIGHT, top), (100 - SIDE) / len(values)
    marks = stand_scale(scale, steps, number)
    for place, value in enumerate(values):
        x = SIDE + place * width
        if value is None:
            marks.append(write(x + width / 2, top + _HEIGHT - 3, "–", kind="soft", anchor="middle"))
        else:
            marks.append(
                box(x + width * 0.1, scale.at(value), (width * 0.8, scale.length(value)), fill=fill_of(frame, 0))
            )
    return marks
