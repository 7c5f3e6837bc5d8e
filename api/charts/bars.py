"""Bars that lie: against a target, in pairs, and stacked to a whole. Each begins at 0 and has its words above it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.charts.axes import LEGEND_LINE, draw_legend, lay_scale
from api.charts.canvas import Frame, box, draw, fill_of, head_line, line, write
from api.charts.scale import Scale, Write, highest, plain, ticks

LEFT, RIGHT, EDGE = 0.0, 70.0, 100.0
"""Bars lie between the first two, their values end at the last: per cent of the width."""
_BAR, _GAP, _AXIS = 16, 14, 24


@dataclass(frozen=True, slots=True)
class Bullet:
    """One bar with the value that is asked for. value: None where nothing is known, which `shown` then says.

    note: a second line of its name. wanted: what the target says in words. missed: the value is on its wrong side.
    """

    label: str
    value: float | None
    shown: str
    target: float | None = None
    wanted: str = ""
    missed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """What went in and what came out, and what is said of the difference. off: it is larger than is tolerated.

    note: a second line of its name.
    """

    label: str
    values: tuple[float | None, float | None]
    shown: tuple[str, str]
    difference: str = ""
    off: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar of several parts, in the order of the legend; `shown`: the whole in words."""

    label: str
    parts: tuple[float, ...]
    shown: str


def draw_bullets(frame: Frame, rows: Sequence[Bullet], *, number: Write = plain) -> Markup:
    """One bar a row with a tick at its target. Source: S. Few, bullet graph."""
    steps = ticks(highest(value for row in rows for value in (row.value, row.target)))
    scale, marks, y = Scale(steps[-1], LEFT, RIGHT), list[Markup](), 0.0
    for row in rows:
        head, high = head_line(y, row.label, row.note)
        marks += head
        y += high
        marks.append(box(LEFT, y, (RIGHT, _BAR), kind="track"))
        if row.value is not None:
            kind = {"kind": "bar missed"} if row.missed else {"fill": fill_of(frame, 0)}
            marks.append(box(LEFT, y + 3, (scale.length(row.value), _BAR - 6), **kind))
        marks.append(write(EDGE, y + 13, row.shown, kind="value missed" if row.missed else "value", anchor="end"))
        y += _BAR
        if row.target is not None:
            at = scale.at(row.target)
            marks.append(line((at, y - _BAR - 3), (at, y + 3), kind="target"))
            marks.append(write(LEFT, y + 15, row.wanted, kind="soft"))
            y += 16
        y += _GAP
    return draw(frame, y + _AXIS, [*lay_scale(scale, steps, y, number), *marks])


def draw_pairs(frame: Frame, rows: Sequence[Pair], legend: tuple[str, str], *, number: Write = plain) -> Markup:
    """Two bars a row, one below the other, and the difference in words."""
    steps = ticks(highest(value for row in rows for value in row.values))
    scale = Scale(steps[-1], LEFT, RIGHT)
    marks, y = list[Markup](draw_legend(frame, legend)), LEGEND_LINE * len(legend) + 6
    for row in rows:
        head, high = head_line(y, row.label, row.note)
        marks += head
        y += high
        for tone, (value, shown) in enumerate(zip(row.values, row.shown, strict=True)):
            top = y + tone * (_BAR + 2)
            if value is not None:
                marks.append(box(LEFT, top, (scale.length(value), _BAR), fill=fill_of(frame, tone)))
            marks.append(write(EDGE, top + 13, shown, kind="value", anchor="end"))
        y += 2 * (_BAR + 2)
        if row.difference:
            marks.append(write(LEFT, y + 14, row.difference, kind="soft missed" if row.off else "soft"))
            y += 16
        y += _GAP
    return draw(frame, y + _AXIS, [*lay_scale(scale, steps, y, number), *marks])


def draw_stacks(frame: Frame, rows: Sequence[Stack], legend: Sequence[str], *, number: Write = plain) -> Markup:
    """One bar a row, its parts one after the other, on a scale that all rows share."""
    steps = ticks(highest(sum(row.parts) for row in rows))
    scale = Scale(steps[-1], LEFT, RIGHT)
    marks, y = list[Markup](draw_legend(frame, legend)), LEGEND_LINE * len(legend) + 6
    for row in rows:
        head, high = head_line(y, row.label)
        marks += head
        y += high
        marks.append(write(EDGE, y + 13, row.shown, kind="value", anchor="end"))
        before = 0.0
        for tone, part in enumerate(row.parts):
            start = scale.at(before)
            before += part
            marks.append(box(start, y, (scale.at(before) - start, _BAR), fill=fill_of(frame, tone)))
        y += _BAR + _GAP
    return draw(frame, y + _AXIS, [*lay_scale(scale, steps, y, number), *marks])
