"""What went in, what came out, and whether the difference is within what scales may err: a dot in or beside a band."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.charts.axes import LEGEND_LINE, draw_legend, lay_scale
from api.charts.bars import EDGE, LEFT, RIGHT
from api.charts.canvas import Frame, box, dot, draw, fill_of, head_line, line, write
from api.charts.scale import Scale, Write, highest, plain, ticks

_BAR, _GAP, _AXIS, _BAND = 16.0, 18.0, 24.0, 14.0
_MIDDLE = (LEFT + RIGHT) / 2
WIDE = 3.0
"""So many tolerances lie to each side of nought where nothing is further off."""


@dataclass(frozen=True, slots=True)
class Balance:
    """values, shown: of what went in and came out. difference: out less in, as a share of in. off: beyond tolerance."""

    label: str
    values: tuple[float, float]
    shown: tuple[str, str]
    difference: float
    said: str
    off: bool = False
    note: str = ""


def draw_balances(
    frame: Frame, rows: Sequence[Balance], legend: tuple[str, str, str], *, tolerance: float, number: Write = plain
) -> Markup:
    """Two bars a row, and below them the difference on a scale of its own, with the band of what is tolerated.

    legend: the words for the two bars and for the dot in its band. tolerance: a share.
    """
    steps = ticks(highest(value for row in rows for value in row.values))
    scale, reach = Scale(steps[-1], LEFT, RIGHT), max(tolerance * WIDE, *(abs(row.difference) for row in rows))
    marks, y = [*draw_legend(frame, legend[:2]), *_explain(legend[2])], LEGEND_LINE * len(legend) + 6
    for row in rows:
        head, high = head_line(y, row.label, row.note)
        marks += head
        y += high
        for tone, (value, shown) in enumerate(zip(row.values, row.shown, strict=True)):
            top = y + tone * (_BAR + 2)
            marks.append(box(LEFT, top, (scale.length(value), _BAR), fill=fill_of(frame, tone)))
            marks.append(write(EDGE, top + 13, shown, kind="value", anchor="end"))
        y += 2 * (_BAR + 2) + 4
        marks += _difference(row, y, tolerance / reach, row.difference / reach)
        y += _BAND + _GAP
    return draw(frame, y + _AXIS, [*lay_scale(scale, steps, y, number), *marks])


def _difference(row: Balance, y: float, band: float, off: float) -> list[Markup]:
    """band, off: half the width of the band, and where the dot is: shares of half the width of the scale."""
    half, middle = _MIDDLE - LEFT, y + _BAND / 2
    return [
        line((LEFT, middle), (RIGHT, middle), kind="grid"),
        box(_MIDDLE - half * band, y, (2 * half * band, _BAND), kind="band"),
        line((_MIDDLE, y), (_MIDDLE, y + _BAND), kind="axis"),
        dot(_MIDDLE + half * off, middle, 5, kind="dot missed" if row.off else "dot"),
        write(EDGE, y + 12, row.said, kind="value missed" if row.off else "value", anchor="end"),
    ]


def _explain(words: str) -> list[Markup]:
    y = LEGEND_LINE * 2
    return [
        Markup('<rect class="band" x="0" y="{}" width="18" height="12"/>').format(y + 2),
        Markup('<circle class="dot" cx="9" cy="{}" r="4"/><text x="26" y="{}">{}</text>').format(y + 8, y + 13, words),
    ]
