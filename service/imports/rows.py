"""Rows of a file as its reader gives them: with their number and the cells as they stand there.

A cell is text, a Number, a date with or without time, true or false; empty cells are empty text. A row of NDJSON has
the decoded value instead of cells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from service.errors import Fault


class Number(NamedTuple):
    """A number that a spreadsheet stores as one. exact: its digits; None where it has more than are kept."""

    text: str
    exact: Decimal | None


Cell = str | Number | datetime | date | bool


@dataclass(frozen=True, slots=True)
class Row:
    """number: as the file's own program counts, from 1, the header being a row. cells: of a table. value: of NDJSON.

    fault: why the row cannot be read.
    """

    number: int
    cells: tuple[Cell, ...] = ()
    value: object = None
    text: str = ""
    fault: Fault | None = None


class Rows(Protocol):
    """A file that is open: its header, empty for NDJSON, and its rows. Blank rows are left out."""

    header: tuple[str, ...]

    def __iter__(self) -> Iterator[Row]: ...


def cell_text(cell: Cell) -> str:
    """The cell as people write it."""
    match cell:
        case str():
            return cell
        case Number():
            return cell.text
        case bool():
            return "TRUE" if cell else "FALSE"
        case datetime():
            return cell.isoformat(sep=" ", timespec="auto")
    return cell.isoformat()
