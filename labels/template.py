"""The sizes of a label, as rows of data. A new label format is a new row, or a new arrangement.

`module_mm` is the side of one module (the X dimension): 0.80 mm is read at arm's length and beyond, 0.50 mm from a
hand's breadth, 0.25 mm by a scanner on the line. `code_mm` is the height of the capitals of the printed code. On a
printer both become whole dots: see `dots_per_module`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labels.errors import LabelError
from labels.qr import Ecc


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Sizes in mm; `title_mm`, `body_mm` and `note_mm` are ems. Where the code stands is told in `arrange`.

    `levels` is the error correction of a QR code and its least version, of which the first that finds room is taken:
    level H reads with a fifth of it covered, from version 5. A Data Matrix has a level of its own (ECC 200).
    """

    name: str
    width_mm: float
    height_mm: float
    module_mm: float
    margin_mm: float
    code_mm: float
    title_mm: float
    body_mm: float
    note_mm: float
    arrangement: Literal["below", "beside", "under", "bare"]
    symbology: Literal["qr", "datamatrix"] = "qr"
    levels: tuple[tuple[Ecc, int], ...] = (("H", 5), ("H", 1), ("Q", 1))


TEMPLATES: dict[str, Template] = {
    row.name: row
    for row in (
        Template(
            name="P0",  # a pack that has the symbol for separate collection on the same label, up to its full size
            width_mm=150,
            height_mm=100,
            module_mm=0.80,
            margin_mm=6.0,
            code_mm=5.0,
            title_mm=6.0,
            body_mm=3.8,
            note_mm=2.8,
            arrangement="below",
        ),
        Template(
            name="P1",  # a pack, read across a workshop bench
            width_mm=100,
            height_mm=70,
            module_mm=0.80,
            margin_mm=5.0,
            code_mm=4.0,
            title_mm=5.2,
            body_mm=3.3,
            note_mm=2.5,
            arrangement="below",
        ),
        Template(
            name="P2",  # a pack with little free surface
            width_mm=70,
            height_mm=40,
            module_mm=0.60,
            margin_mm=4.0,
            code_mm=3.0,
            title_mm=3.4,
            body_mm=2.4,
            note_mm=2.1,
            arrangement="beside",
        ),
        Template(
            name="M1",  # a module
            width_mm=50,
            height_mm=25,
            module_mm=0.50,
            margin_mm=2.3,
            code_mm=2.5,
            title_mm=2.5,
            body_mm=2.0,
            note_mm=1.9,
            arrangement="beside",
        ),
        Template(
            name="M2",  # a module, marked by laser: two lines of code are as large as they can be
            width_mm=15,
            height_mm=15,
            module_mm=0.35,
            margin_mm=0.8,
            code_mm=1.2,
            title_mm=1.2,
            body_mm=1.2,
            note_mm=1.2,
            arrangement="under",
            symbology="datamatrix",
        ),
        Template(
            name="C1",  # a cell; its code stands on the traveller
            width_mm=8,
            height_mm=8,
            module_mm=0.25,
            margin_mm=0.7,
            code_mm=1.0,
            title_mm=1.0,
            body_mm=1.0,
            note_mm=1.0,
            arrangement="bare",
            symbology="datamatrix",
        ),
        Template(
            name="A5",  # a bag or a crate, read in gloves from an arm's length and more
            width_mm=210,
            height_mm=148,
            module_mm=1.60,
            margin_mm=10.0,
            code_mm=10.0,
            title_mm=8.5,
            body_mm=5.5,
            note_mm=4.2,
            arrangement="below",
        ),
        Template(
            name="S24",  # 24 on a sheet of A4; the margin stays clear of the edge an office printer cannot reach
            width_mm=70,
            height_mm=37,
            module_mm=0.60,
            margin_mm=5.0,
            code_mm=2.6,
            title_mm=3.1,
            body_mm=2.3,
            note_mm=2.0,
            arrangement="beside",
        ),
    )
}

# Dots per mm of print heads by their trade name: "203 dpi" heads have 8 dots a mm, that is 203.2.
DOTS_PER_MM: dict[int, float] = {203: 8.0, 300: 300 / 25.4, 600: 600 / 25.4}


def find_template(name: str) -> Template:
    try:
        return TEMPLATES[name]
    except KeyError as error:
        raise LabelError(f"no label template {ascii(name)[:40]}; there are {', '.join(TEMPLATES)}") from error


def dots_per_mm(dpi: int) -> float:
    if dpi not in DOTS_PER_MM:
        raise LabelError(f"labels are drawn for {', '.join(map(str, DOTS_PER_MM))} dpi, not {dpi!r}")
    return DOTS_PER_MM[dpi]


def dots_per_module(module_mm: float, dpi: int) -> int:
    """The whole number of dots nearest to the module, at least two: broken dots make a printed code unreadable."""
    return max(2, round(module_mm * dots_per_mm(dpi)))
