"""Many labels on sheets of office paper, for label stock or for the guillotine.

The labels stand edge to edge in a block in the middle of the page, row by row from the top left. With the template
S24 that is the stock of 3 x 8 labels of 70 x 37 mm. A fixed mask is used for the QR codes: finding the best one for
each would take five times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labels.errors import FitError, LabelError
from labels.label import draw_label
from labels.layout import Drawing
from labels.pdf import PdfDocument
from labels.template import TEMPLATES, Template
from labels.text import LabelText

PAGES_MM: dict[str, tuple[float, float]] = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
MOST_LABELS = 24_000
# The mask with the least penalty on average over addresses of our form.
SHEET_MASK = 0


def sheet_pdf(
    labels: Iterable[tuple[str, LabelText]],
    *,
    columns: int = 3,
    rows: int = 8,
    page: str = "A4",
    template: Template = TEMPLATES["S24"],
) -> bytes:
    """A PDF with `columns` x `rows` labels a page; `labels` are pairs of address and text.

    Raises LabelError; a note of the exception names the label it is about.
    """
    drawings: list[Drawing] = []
    for number, (link, text) in enumerate(labels, start=1):
        if number > MOST_LABELS:
            raise LabelError(f"at most {MOST_LABELS} labels in one file")
        drawings.append(_draw_numbered(number, link, text, template))
    return lay_out(drawings, columns=columns, rows=rows, page=page, template=template)


def lay_out(drawings: Sequence[Drawing], *, columns: int, rows: int, page: str, template: Template) -> bytes:
    """`sheet_pdf` for labels that are drawn already."""
    if not drawings:
        raise LabelError("there is no label to print")
    left, top = _corner(columns, rows, page, template)
    document = PdfDocument(PAGES_MM[page], drawings, title=f"{len(drawings)} labels {template.name}")
    for place, drawing in enumerate(drawings):
        row, column = divmod(place % (columns * rows), columns)
        if row == column == 0:
            document.add_page()
        document.draw(drawing, left + column * template.width_mm, top + row * template.height_mm)
    return document.finish()


def lay_out_roll(drawings: Sequence[Drawing], template: Template) -> bytes:
    """A PDF with a page of the label's size for each."""
    if not drawings:
        raise LabelError("there is no label to print")
    size = (template.width_mm, template.height_mm)
    document = PdfDocument(size, drawings, title=f"{len(drawings)} labels {template.name}")
    for drawing in drawings:
        document.add_page()
        document.draw(drawing)
    return document.finish()


def most_on(page: str, template: Template) -> tuple[int, int]:
    """Columns and rows of labels that a page holds. Raises FitError for none, LabelError for no such page."""
    width, height = _page_mm(page)
    columns, rows = int(width // template.width_mm), int(height // template.height_mm)
    if not columns or not rows:
        raise FitError(f"{page} holds no label {template.name}", (template.width_mm, template.height_mm))
    return columns, rows


def _page_mm(page: str) -> tuple[float, float]:
    if page not in PAGES_MM:
        raise LabelError(f"sheets are {' or '.join(PAGES_MM)}, not {ascii(page)[:20]}")
    return PAGES_MM[page]


def _corner(columns: int, rows: int, page: str, template: Template) -> tuple[float, float]:
    """The top left corner of the block of labels, in mm from that of the page."""
    width, height = _page_mm(page)
    if columns < 1 or rows < 1:
        raise LabelError("a sheet has at least one column and one row")
    left = (width - columns * template.width_mm) / 2
    top = (height - rows * template.height_mm) / 2
    if left < 0 or top < 0:
        most = (int(width // template.width_mm), int(height // template.height_mm))
        needed = (columns * template.width_mm, rows * template.height_mm)
        raise FitError(f"{page} holds {most[0]} x {most[1]} labels {template.name}, not {columns} x {rows}", needed)
    return left, top


def _draw_numbered(number: int, link: str, text: LabelText, template: Template) -> Drawing:
    try:
        return draw_label(link, text, template, mask=SHEET_MASK)
    except LabelError as error:
        error.add_note(f"label {number}, {text.code}")
        raise
