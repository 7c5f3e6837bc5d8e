"""Numbers that hold until they change: how many there are of each kind month by month, and how many are still there.

Both are drawn in steps, as they are counted: a slope between two counts would be invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.charts.axes import LEGEND_LINE, SIDE, draw_legend, lay_scale, name_ends, stand_scale
from api.charts.canvas import TONES, Frame, box, draw, fill_of, line, write
from api.charts.scale import Scale, Write, highest, plain, ticks

_HEIGHT, _FEET, _HEAD = 200.0, 24.0, 14.0
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Band:
    """One kind of a stack: how many at each of the shared moments."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A share that falls from 1 on: (age, share from there on), the youngest age first. shown: its end in words."""

    label: str
    falls: tuple[tuple[float, float], ...]
    until: float
    shown: str = ""


def draw_areas(frame: Frame, bands: Sequence[Band], names: Sequence[str], *, number: Write = plain) -> Markup:
    """A stacked area in steps, the first band at the bottom. names: of the moments."""
    top = LEGEND_LINE * len(bands) + _HEAD
    totals = [sum(band.values[at] for band in bands) for at in range(len(names))]
    steps = ticks(highest(totals))
    scale, width = Scale(steps[-1], top + _HEIGHT, top), (100.0 - SIDE) / len(names)
    marks = [*draw_legend(frame, [band.label for band in bands]), *stand_scale(scale, steps, number)]
    for at in range(len(names)):
        below = 0.0
        for tone, band in enumerate(bands):
            value = band.values[at]
            upper = scale.at(below + value)
            marks.append(box(SIDE + at * width, upper, (width, scale.at(below) - upper), fill=fill_of(frame, tone)))
            below += value
    marks += name_ends(names, top + _HEIGHT + 16)
    return draw(frame, top + _HEIGHT + _FEET, marks)


def draw_curves(frame: Frame, curves: Sequence[Curve], words: tuple[str, str], *, number: Write = plain) -> Markup:
    """Survival curves: the share at each age, each curve with strokes of its own. words: for the share and the age."""
    top = LEGEND_LINE * len(curves) + _HEAD + 18
    steps = ticks(highest(curve.until for curve in curves))
    across, up = Scale(steps[-1], SIDE, 100.0), Scale(1.0, top + _HEIGHT, top)
    marks = [*_named(curves), write(0, top - 14, words[0], kind="soft")]
    marks += stand_scale(up, QUARTERS, lambda share: f"{share * 100:g} %")
    for tone, curve in enumerate(curves):
        kind = f"curve stroke-{tone % TONES}"
        share, age = 1.0, 0.0
        for at, then in (*curve.falls, (curve.until, None)):
            marks.append(line((across.at(age), up.at(share)), (across.at(at), up.at(share)), kind=kind))
            if then is not None:
                marks.append(line((across.at(at), up.at(share)), (across.at(at), up.at(then)), kind=kind))
                share, age = then, at
    marks += lay_scale(across, steps, top + _HEIGHT, number)
    marks.append(write(100.0, top + _HEIGHT + 34, words[1], kind="soft", anchor="end"))
    return draw(frame, top + _HEIGHT + _FEET + 18, marks)


def _named(curves: Sequence[Curve]) -> list[Markup]:
    marks = []
    for tone, curve in enumerate(curves):
        y = tone * LEGEND_LINE
        marks.append(
            Markup('<line class="curve stroke-{}" x1="0" y1="{}" x2="20" y2="{}"/>').format(tone % TONES, y + 9, y + 9)
        )
        marks.append(Markup('<text x="26" y="{}">{}</text>').format(y + 13, curve.label))
        if curve.shown:
            marks.append(write(100, y + 13, curve.shown, kind="value", anchor="end"))
    return marks
