"""Rows of the first sheet of an XLSX file, one at a time: neither the sheet nor its shared texts are held in memory.

A number is what the spreadsheet shows, which is 15 digits; what it stores beyond them is the trace of binary
arithmetic. A formula counts with the value that was stored beside it.
"""

import mmap
import posixpath
import re
import tempfile
from array import array
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import BinaryIO

from service.exports.stamp import END
from service.imports.columns import MARK
from service.imports.errors import FileRefusedError
from service.imports.limits import Limits
from service.imports.rows import Cell, Number, Row
from service.imports.xlsx_package import Handlers, Package, open_package
from service.imports.xlsx_styles import read_date_styles, read_moment

KEPT_DIGITS = 15
_SHOWN = Context(prec=KEPT_DIGITS)
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class XlsxRows:
    """An XLSX file. Raises FileRefusedError when it is opened, or where it cannot be read further."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        stream.seek(0)
        self._stream, self._limits = stream, limits
        package = open_package(stream, limits)
        self._book = read_workbook(package)
        self._dates = read_date_styles(package)
        self._texts = read_texts(package)
        header = next(self._rows(package), None)
        if header is None:
            raise FileRefusedError("header", "the first sheet is empty", "第一个工作表为空")
        self.header = tuple(str(cell).strip() if isinstance(cell, str) else "" for cell in header.cells)

    def __iter__(self) -> Iterator[Row]:
        rows = self._rows(open_package(self._stream, self._limits))
        next(rows, None)
        if any(name.startswith(MARK) for name in self.header):
            return (row for row in rows if row.cells[0] != END)  # of a result of ours that is sent in again
        return rows

    def _rows(self, package: Package) -> Iterator[Row]:
        sheet = Sheet(self._texts, self._dates, self._book, self._limits)
        for _ in package.walk(self._book.sheet, Handlers(sheet.start, sheet.end, sheet.text)):
            yield from sheet.taken()


class Book:
    """sheet: the part of the first sheet that is not hidden. from_1904: which calendar its serial numbers have."""

    sheet = ""
    from_1904 = False


def read_workbook(package: Package) -> Book:
    """Raises FileRefusedError where there is no sheet."""
    book, sheets, targets = Book(), [], {}

    def start(name: str, attributes: dict[str, str]) -> None:
        plain = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        if name == "workbookPr":
            book.from_1904 = plain.get("date1904") in ("1", "true")
        elif name == "sheet" and plain.get("state", "visible") == "visible":
            sheets.append(plain.get("id", ""))
        elif name == "Relationship" and plain.get("TargetMode") != "External":
            targets[plain.get("Id", "")] = plain.get("Target", "")

    package.read("xl/workbook.xml", Handlers(start, lambda _: None))
    if package.has("xl/_rels/workbook.xml.rels"):
        package.read("xl/_rels/workbook.xml.rels", Handlers(start, lambda _: None))
    target = targets.get(sheets[0], "") if sheets else ""
    book.sheet = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    if not package.has(book.sheet):
        raise FileRefusedError("sheet", "the workbook has no visible sheet with cells", "工作簿中没有可见的数据工作表")
    return book


class Texts:
    """The shared texts, in a file without a name; in memory stands where each begins."""

    def __init__(self) -> None:
        self._ends = array("Q", [0])
        self._file = tempfile.TemporaryFile(prefix="packtrail-import-")  # noqa: SIM115 - lives as long as the rows
        self._pending: list[bytes] = []
        self._map: mmap.mmap | bytes = b""

    def add(self, text: str) -> None:
        data = text.encode()
        self._ends.append(self._ends[-1] + len(data))
        self._pending.append(data)
        if len(self._pending) >= 4096:
            self._write()

    def finish(self) -> None:
        self._write()
        self._file.flush()
        if self._ends[-1]:
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def __getitem__(self, number: int) -> str:
        return self._map[self._ends[number] : self._ends[number + 1]].decode()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def _write(self) -> None:
        self._file.write(b"".join(self._pending))
        self._pending.clear()


def read_texts(package: Package) -> Texts:
    """The shared texts of a workbook; readings for pronunciation are left out."""
    texts, inside = Texts(), {"phonetic": 0, "t": False}
    parts: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            parts.clear()
        inside["phonetic"] += name == "rPh"
        inside["t"] = name == "t" and not inside["phonetic"]

    def end(name: str) -> None:
        inside["t"] = False
        inside["phonetic"] -= name == "rPh"
        if name == "si":
            texts.add(_plain("".join(parts)))

    def text(data: str) -> None:
        if inside["t"]:
            parts.append(data)

    if package.has("xl/sharedStrings.xml"):
        package.read("xl/sharedStrings.xml", Handlers(start, end, text))
    texts.finish()
    return texts


class Sheet:
    """Turns the elements of a sheet into rows."""

    def __init__(self, texts: Texts, dates: frozenset[int], book: Book, limits: Limits) -> None:
        self._texts, self._dates, self._from_1904 = texts, dates, book.from_1904
        self._columns, self._longest = limits.columns, limits.cell
        self._done: list[Row] = []
        self._cells: list[Cell] = []
        self._number = 0
        self._kind, self._style, self._column = "", 0, 0
        self._parts: list[str] = []
        self._reading = False

    def taken(self) -> list[Row]:
        """The rows that have come to their end since the last time."""
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._kind = attributes.get("t", "n")
            style = attributes.get("s", "0")
            self._style = int(style) if style.isdecimal() else 0
            self._column = self._place(attributes.get("r"))
            self._parts = []
        elif name in ("v", "t"):
            self._reading = True
        elif name == "row":
            number = attributes.get("r", "")
            self._number = int(number) if number.isascii() and number.isdigit() else self._number + 1
            self._cells = []

    def text(self, data: str) -> None:
        if self._reading:
            self._parts.append(data)

    def end(self, name: str) -> None:
        self._reading = False
        if name == "c":
            value = self._value("".join(self._parts))
            if isinstance(value, str) and len(value) > self._longest:
                en = f"a cell has more than {self._longest:,} characters"
                raise FileRefusedError("cell", en, f"单元格超过{self._longest:,}个字符", row=self._number)
            if value != "":
                self._cells.extend([""] * (self._column - len(self._cells)))
                self._cells.append(value)
        elif name == "row" and self._cells:
            self._done.append(Row(self._number, tuple(self._cells)))

    def _place(self, reference: str | None) -> int:
        column = len(self._cells)
        if reference:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise FileRefusedError("xlsx", "a cell has no place", "单元格位置有误", row=self._number)
            column = 0
            for letter in match[1]:
                column = column * 26 + ord(letter) - 64
            column -= 1
        if column >= self._columns:
            raise FileRefusedError(
                "columns", f"more than {self._columns} columns", f"超过{self._columns}列", row=self._number
            )
        if column < len(self._cells):
            raise FileRefusedError("xlsx", "a cell stands there twice", "单元格重复", row=self._number)
        return column

    def _value(self, text: str) -> Cell:
        if self._kind == "n":
            return self._number_cell(text) if text else ""
        if self._kind == "s":
            if not text.isdecimal() or int(text) >= len(self._texts):
                raise FileRefusedError("xlsx", "a cell's text is missing", "单元格文本缺失", row=self._number)
            return self._texts[int(text)]
        if self._kind == "b":
            return text == "1"
        return _plain(text)  # str, inlineStr, d, and e: an error like #N/A, which no field takes

    def _number_cell(self, text: str) -> Cell:
        if not _NUMBER.fullmatch(text):
            return text
        value = Decimal(text)
        if self._style in self._dates:
            moment = read_moment(value, from_1904=self._from_1904)
            if moment is not None:
                return moment
        return number_cell(text, value)


def number_cell(text: str, value: Decimal) -> Number:
    """The number as the spreadsheet shows it. A whole number of more digits than it keeps is not known exactly."""
    if value == value.to_integral_value() and value.adjusted() >= KEPT_DIGITS:
        return Number(text, None)
    shown = _SHOWN.plus(value)
    plain = f"{shown.normalize():f}"
    return Number(plain, shown)


def _plain(text: str) -> str:
    """Characters that XML cannot hold are written `_x0009_` in a workbook; halves of one stand for none."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).encode(errors="replace").decode()
