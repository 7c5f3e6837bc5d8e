"""The marks that charts are made of, and the picture around them."""

from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import east_asian_width

from markupsafe import Markup, escape

TONES = 6
"""How many tones can be told apart by colour and pattern."""
WIDEST = 36
"""Letters in a line on a phone of 320 pixels; a Chinese character is two."""
_TILE = 8
_HATCHES = (
    "",
    "M0 8L8 0M-2 2L2 -2M6 10L10 6",
    "M0 4H8",
    "M4 0V8",
    "M0 0L8 8M-2 6L2 10M6 -2L10 2",
    "M2 2h2v2h-2zM6 6h2v2h-2z",
)
"""Lines of the pattern of each tone, in a tile of 8 x 8 pixels: plain, rising, lying, standing, falling, dotted."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a chart says of itself. id: of the picture on its page, one of ours. summary: what is to be seen."""

    id: str
    title: str
    summary: str


def draw(frame: Frame, height: float, marks: Iterable[Markup]) -> Markup:
    """The picture of `marks`, as wide as its column and `height` pixels high."""
    return Markup(
        '<svg class="chart" role="img" aria-labelledby="{id}-title {id}-desc" width="100%" height="{height}">'
        '<title id="{id}-title">{title}</title><desc id="{id}-desc">{summary}</desc>{patterns}{marks}</svg>'
    ).format(
        id=frame.id,
        height=_number(height),
        title=frame.title,
        summary=frame.summary,
        patterns=_patterns(frame),
        marks=Markup("").join(marks),
    )


def fill_of(frame: Frame, tone: int) -> str:
    """The paint of a tone: its colour with its pattern."""
    return f"url(#{frame.id}-tone-{tone % TONES})"


def box(x: float, y: float, size: tuple[float, float], *, fill: str = "", kind: str = "") -> Markup:
    """A rectangle of `size` (width in per cent, height in pixels), painted with `fill` or by the class `kind`."""
    return Markup('<rect x="{}%" y="{}" width="{}%" height="{}"{}{}/>').format(
        _number(x), _number(y), _number(max(0.0, size[0])), _number(max(0.0, size[1])), _fill(fill), _kind(kind)
    )


def line(start: tuple[float, float], end: tuple[float, float], *, kind: str) -> Markup:
    """A straight line between two places (per cent, pixels)."""
    return Markup('<line x1="{}%" y1="{}" x2="{}%" y2="{}"{}/>').format(*map(_number, (*start, *end)), _kind(kind))


def dot(x: float, y: float, radius: float, *, kind: str) -> Markup:
    return Markup('<circle cx="{}%" cy="{}" r="{}"{}/>').format(_number(x), _number(y), _number(radius), _kind(kind))


def write(x: float, y: float, words: str, *, kind: str = "", anchor: str = "start") -> Markup:
    """Words whose base line is at `y`; `anchor`: which end of them is at `x`."""
    return Markup('<text x="{}%" y="{}" text-anchor="{}"{}>{}</text>').format(
        _number(x), _number(y), anchor, _kind(kind), words
    )


def head_line(y: float, words: str, note: str = "") -> tuple[list[Markup], float]:
    """What a row is called, with a second line where there is a `note`; and how high that is."""
    marks = [write(0, y + 14, shorten(words))]
    if note:
        marks.append(write(0, y + 30, shorten(note), kind="soft"))
    return marks, 36.0 if note else 20.0


def shorten(words: str) -> str:
    """As many of the words as fit on a phone, with an ellipsis; the table beside the picture has them all."""
    plain, used = words.unescape() if isinstance(words, Markup) else words, 0
    for place, letter in enumerate(plain):
        used += 2 if east_asian_width(letter) in "WF" else 1
        if used > WIDEST:
            return f"{plain[: place - 1]}…"
    return plain


def _patterns(frame: Frame) -> Markup:
    tiles = (
        Markup(
            '<pattern id="{}-tone-{}" width="{}" height="{}" patternUnits="userSpaceOnUse">'
            '<rect class="tone-{}" width="{}" height="{}"/>{}</pattern>'
        ).format(frame.id, tone, _TILE, _TILE, tone, _TILE, _TILE, _hatch(tone))
        for tone in range(TONES)
    )
    return Markup("<defs>{}</defs>").format(Markup("").join(tiles))


def _hatch(tone: int) -> Markup:
    return Markup('<path class="hatch" d="{}"/>').format(_HATCHES[tone]) if _HATCHES[tone] else Markup("")


def _fill(fill: str) -> Markup:
    return Markup(' fill="{}"').format(fill) if fill else Markup("")


def _kind(kind: str) -> Markup:
    return Markup(' class="{}"').format(kind) if kind else Markup("")


def _number(value: float) -> Markup:
    """At most three digits after the point, and no more than are needed."""
    return escape(f"{value:.3f}".rstrip("0").rstrip("."))
