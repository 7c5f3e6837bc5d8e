"""What stands around the marks: the scale below, the scale at the side, the names of the tones."""

from collections.abc import Sequence

from markupsafe import Markup

from api.charts.canvas import Frame, fill_of, line, write
from api.charts.scale import Scale, Write

SIDE = 12.0
"""Per cent of the width that the numbers of a scale at the side take."""
LEGEND_LINE = 18.0


def lay_scale(scale: Scale, steps: Sequence[float], y: float, number: Write) -> list[Markup]:
    """A scale that lies below the marks: a short line down to `y` for each step, and two or three numbers under it.

    More would run into each other on a phone.
    """
    last = len(steps) - 1
    numbered = {0, last, last // 2} if last % 2 == 0 else {0, last}
    marks = []
    for place, step in enumerate(steps):
        at = scale.at(step)
        marks.append(line((at, y - 6), (at, y), kind="grid"))
        if place in numbered:
            anchor = "start" if place == 0 else "end" if place == last else "middle"
            marks.append(write(at, y + 16, number(step), kind="soft", anchor=anchor))
    return marks


def stand_scale(scale: Scale, steps: Sequence[float], number: Write) -> list[Markup]:
    """A scale that stands at the side: a line across for each step, its number before it."""
    marks = []
    for step in steps:
        y = scale.at(step)
        marks.append(line((SIDE, y), (100, y), kind="axis" if step == 0 else "grid"))
        marks.append(
            Markup('<text class="soft" x="{}%" dx="-6" y="{:.1f}" text-anchor="end">{}</text>').format(
                SIDE, y + 4, number(step)
            )
        )
    return marks


def name_ends(names: Sequence[str], y: float) -> list[Markup]:
    """The first and the last of the names under a row of columns."""
    marks = [write(SIDE, y, names[0], kind="soft")]
    if len(names) > 1:
        marks.append(write(100, y, names[-1], kind="soft", anchor="end"))
    return marks


def draw_legend(frame: Frame, names: Sequence[str]) -> list[Markup]:
    """One line for each tone: its pattern and its name."""
    marks = []
    for tone, name in enumerate(names):
        y = tone * LEGEND_LINE
        marks.append(
            Markup('<rect x="0" y="{}" width="18" height="12" fill="{}"/>').format(y + 2, fill_of(frame, tone))
        )
        marks.append(Markup('<text x="26" y="{}">{}</text>').format(y + 13, name))
    return marks
