"""Drawings on the pages of a PDF.

The modules and the text go into the page as content-stream operators of our own: the drawing calls of fpdf2 cost
eight times as much, and a sheet has ten thousand of them. That uses `FPDF._out`, which is not part of its public
interface: the version is pinned, and a test reads what comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

from labels.font import FACES, Face
from labels.fontfile import font_file
from labels.layout import Bar, Drawing, Shape, TextRun
from labels.modules import DARK_RUN, Modules

_POINTS_PER_MM = 72 / 25.4
# The same label is the same file: the date a PDF must carry is the one reproducible builds use.
_PART = 8
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


class PdfDocument:
    """Pages of one size. It is told all drawings at the start: the fonts are read for their letters only."""

    def __init__(self, page_mm: tuple[float, float], drawings: Iterable[Drawing], *, title: str) -> None:
        from fpdf import FPDF  # only who draws a PDF waits for it: half a second

        self._pdf = FPDF(unit="mm", format=page_mm)
        self._pdf.set_auto_page_break(False)
        self._pdf.set_title(title)
        self._pdf.set_lang("zh-CN")
        self._pdf.set_creation_date(_NO_DATE)
        self._page_height = page_mm[1] * _POINTS_PER_MM
        self._written: dict[TextRun, str] = {}
        self._names: dict[Face, str] = {}
        letters = _letters(drawings)
        for face, used in letters.items():
            self._pdf.add_font(face, fname=font_file(face, frozenset(used)), unicode_range=sorted(map(ord, used)))
            self._names[face] = f"/F{self._pdf.fonts[face].i}"

    def add_page(self) -> None:
        self._pdf.add_page()
        for face in self._names:
            # An empty text is the public way to enter a font among the resources of a page.
            self._pdf.set_font(face, size=10)
            self._pdf.text(0, 0, "")

    def draw(self, drawing: Drawing, left_mm: float = 0.0, top_mm: float = 0.0) -> None:
        """Draw a label with its top left corner at this place of the page."""
        left, top = left_mm * _POINTS_PER_MM, self._page_height - top_mm * _POINTS_PER_MM
        operators = [f"q 0 g 1 0 0 1 {left:.3f} {top:.3f} cm"]
        operators += [self._text(run) for run in drawing.runs]
        operators += [*map(_bar, drawing.bars), *map(_shape, drawing.shapes), _modules(drawing), "Q"]
        self._pdf._out("\n".join(operators))

    def finish(self) -> bytes:
        return bytes(self._pdf.output())

    def _text(self, run: TextRun) -> str:
        """Written once for all labels that have the same line in the same place."""
        written = self._written.get(run)
        if written is None:
            shown = self._pdf.fonts[run.face].encode_text(run.text)
            x, y = run.x_mm * _POINTS_PER_MM, -run.baseline_mm * _POINTS_PER_MM
            written = f"BT {self._names[run.face]} {run.size_mm * _POINTS_PER_MM:.3f} Tf {x:.2f} {y:.2f} Td {shown} ET"
            self._written[run] = written
        return written


class _Squares(dict[bytes, str]):
    """The operators for up to eight modules from a place of a symbol, by which of them are dark: each is written when
    it is first asked for, because a sheet has ten thousand."""

    def __init__(self, y: int, x: int) -> None:
        super().__init__()
        self._y, self._x = y, x

    def __missing__(self, modules: bytes) -> str:
        runs = (run.span() for run in DARK_RUN.finditer(modules))
        self[modules] = "".join(f"{self._x + start} {self._y} {end - start} 1 re\n" for start, end in runs)
        return self[modules]


def draw_pdf(drawing: Drawing) -> bytes:
    """One page of exactly the label's size."""
    document = PdfDocument((drawing.width_mm, drawing.height_mm), [drawing], title=drawing.title)
    document.add_page()
    document.draw(drawing)
    return document.finish()


def _letters(drawings: Iterable[Drawing]) -> dict[Face, set[str]]:
    words = {(run.face, run.text) for drawing in drawings for run in drawing.runs}
    return {face: {" "}.union(*(text for one, text in words if one == face)) for face in FACES}


def _modules(drawing: Drawing) -> str:
    """One filled path in units of a module, its y axis turned downwards by the matrix. It is the last of its label."""
    module = drawing.module_mm * _POINTS_PER_MM
    corner = drawing.corner_mm * _POINTS_PER_MM
    pieces = zip(_places(drawing.matrix.size), _parts(drawing.matrix), strict=True)
    path = "".join([operators[part] for operators, part in pieces])
    return f"{module:.5f} 0 0 {-module:.5f} {corner:.3f} {-corner:.3f} cm\n{path}f"


@cache
def _places(size: int) -> tuple[_Squares, ...]:
    return tuple(_Squares(y, x) for y in range(size) for x in range(0, size, _PART))


def _parts(matrix: Modules) -> list[bytes]:
    """The rows in pieces, one after the other."""
    return [row[x : x + _PART] for row in matrix.rows for x in range(0, matrix.size, _PART)]


def _bar(bar: Bar) -> str:
    x, y = bar.x_mm * _POINTS_PER_MM, -(bar.y_mm + bar.height_mm) * _POINTS_PER_MM
    return f"{x:.2f} {y:.2f} {bar.width_mm * _POINTS_PER_MM:.2f} {bar.height_mm * _POINTS_PER_MM:.2f} re f"


def _shape(shape: Shape) -> str:
    first, *others = (f"{x * _POINTS_PER_MM:.3f} {-y * _POINTS_PER_MM:.3f}" for x, y in shape.corners_mm)
    return f"{first} m " + " ".join(f"{each} l" for each in others) + " h f"
