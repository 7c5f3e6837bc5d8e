"""One cell for each day, the oldest first: what was found on it. A cell is told by its height as well as its colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from api.charts.canvas import Frame, box, draw, fill_of, write

_TOP, _HIGH, _TALL, _LOW = 4.0, 28.0, 36.0, 8.0
_LEGEND = 20.0


class Found(StrEnum):
    """Of a day. A failed one stands out above the others; one on which nothing was looked at is a low mark."""

    OK = "ok"
    FAILED = "failed"
    NOTHING = "unknown"


@dataclass(frozen=True, slots=True)
class Cell:
    """A day, and what was found on it."""

    name: str
    found: Found


def draw_strip(frame: Frame, cells: Sequence[Cell], legend: Sequence[tuple[Found, str]]) -> Markup:
    """The cells side by side; under them the first and the last name, and what the three kinds of cells say."""
    bottom, width = _TOP + _TALL, 100.0 / len(cells)
    marks = [_cell(frame, place * width, width * 0.8, bottom, cell.found) for place, cell in enumerate(cells)]
    marks.append(write(0, bottom + 16, cells[0].name, kind="soft"))
    marks.append(write(100, bottom + 16, cells[-1].name, kind="soft", anchor="end"))
    y = bottom + 26
    for found, words in legend:
        marks.append(Markup('<svg x="0" y="{}" width="18" height="16">{}</svg>').format(y, _sample(frame, found)))
        marks.append(Markup('<text x="26" y="{}">{}</text>').format(y + 13, words))
        y += _LEGEND
    return draw(frame, y, marks)


def _cell(frame: Frame, x: float, width: float, bottom: float, found: Found) -> Markup:
    if found is Found.FAILED:
        return box(x, bottom - _TALL, (width, _TALL), kind="bar missed")
    if found is Found.OK:
        return box(x, bottom - _HIGH, (width, _HIGH), fill=fill_of(frame, 0))
    return box(x, bottom - _LOW, (width, _LOW), kind="nothing")


def _sample(frame: Frame, found: Found) -> Markup:
    """A cell as it looks, in 18 x 16 pixels."""
    return _cell(frame, 5, 85, {Found.FAILED: _TALL, Found.OK: _HIGH - 12, Found.NOTHING: 15.0}[found], found)
