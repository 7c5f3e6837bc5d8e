"""Drawings on the pages of a PDF.

The modules and the text go into the page as content-stream operators of our own: the drawing calls of fpdf2 cost
eight times as much, and a sheet has ten thousand of them. That uses `FPDF._out`, which is not part of its public
interface: the version is pinned, and a test reads what comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from fpdf import FPDF

from labels.font import FACES, Face, font_path
from labels.layout import Bar, Drawing, TextRun
from labels.qr import QrMatrix

_POINTS_PER_MM = 72 / 25.4
# The same label is the same file: the date a PDF must carry is the one reproducible builds use.
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


class PdfDocument:
    """Pages of one size. It is told all drawings at the start: the fonts are read for their letters only."""

    def __init__(self, page_mm: tuple[float, float], drawings: Iterable[Drawing], *, title: str) -> None:
        self._pdf = FPDF(unit="mm", format=page_mm)
        self._pdf.set_auto_page_break(False)
        self._pdf.set_title(title)
        self._pdf.set_lang("zh-CN")
        self._pdf.set_creation_date(_NO_DATE)
        self._page_height = page_mm[1] * _POINTS_PER_MM
        self._encoded: dict[tuple[Face, str], str] = {}
        self._names: dict[Face, str] = {}
        letters = _letters(drawings)
        for face, used in letters.items():
            self._pdf.add_font(face, fname=font_path(face), unicode_range=sorted(map(ord, used)))
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
        operators = ["q 0 g", _modules(drawing, left, top)]
        operators += [_bar(bar, left, top) for bar in drawing.bars]
        operators += [self._text(run, left, top) for run in drawing.runs]
        operators.append("Q")
        self._pdf._out("\n".join(operators))

    def finish(self) -> bytes:
        return bytes(self._pdf.output())

    def _text(self, run: TextRun, left: float, top: float) -> str:
        key = (run.face, run.text)
        shown = self._encoded.get(key)
        if shown is None:
            shown = self._encoded[key] = self._pdf.fonts[run.face].encode_text(run.text)
        x, y = left + run.x_mm * _POINTS_PER_MM, top - run.baseline_mm * _POINTS_PER_MM
        return f"BT {self._names[run.face]} {run.size_mm * _POINTS_PER_MM:.3f} Tf {x:.2f} {y:.2f} Td {shown} ET"


class _Rectangles(dict[tuple[int, int], str]):
    """The operators for the runs of one row of modules, written when first asked for: a sheet has ten thousand runs."""

    def __init__(self, y: int) -> None:
        super().__init__()
        self._y = y

    def __missing__(self, run: tuple[int, int]) -> str:
        start, end = run
        operator = self[run] = f"{start} {self._y} {end - start} 1 re"
        return operator


# The largest QR code has 177 rows.
_RECTANGLES = tuple(_Rectangles(y) for y in range(177))


def draw_pdf(drawing: Drawing) -> bytes:
    """One page of exactly the label's size."""
    document = PdfDocument((drawing.width_mm, drawing.height_mm), [drawing], title=drawing.title)
    document.add_page()
    document.draw(drawing)
    return document.finish()


def _letters(drawings: Iterable[Drawing]) -> dict[Face, set[str]]:
    letters: dict[Face, set[str]] = {face: {" "} for face in FACES}
    for drawing in drawings:
        for run in drawing.runs:
            letters[run.face].update(run.text)
    return letters


def _modules(drawing: Drawing, left: float, top: float) -> str:
    """One filled path in units of a module, its y axis turned downwards by the matrix."""
    module = drawing.module_mm * _POINTS_PER_MM
    corner = drawing.qr_mm * _POINTS_PER_MM
    return (
        f"q {module:.5f} 0 0 {-module:.5f} {left + corner:.3f} {top - corner:.3f} cm\n{_dark_path(drawing.matrix)} f Q"
    )


def _dark_path(matrix: QrMatrix) -> str:
    return "\n".join([_RECTANGLES[y][run] for y, run in matrix.dark_runs()])


def _bar(bar: Bar, left: float, top: float) -> str:
    x, y = left + bar.x_mm * _POINTS_PER_MM, top - (bar.y_mm + bar.height_mm) * _POINTS_PER_MM
    return f"{x:.2f} {y:.2f} {bar.width_mm * _POINTS_PER_MM:.2f} {bar.height_mm * _POINTS_PER_MM:.2f} re f"
