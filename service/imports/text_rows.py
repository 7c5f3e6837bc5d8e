"""Rows of a CSV and of an NDJSON file, one at a time, however long the file is.

CSV as RFC 4180 has it, with a comma, semicolon or tab between the cells, whichever stands most often in the header.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from ledger.canonical import parse_json
from ledger.errors import MalformedError
from service.errors import Fault
from service.exports.stamp import END
from service.imports.columns import MARK
from service.imports.errors import FileRefusedError
from service.imports.limits import Limits
from service.imports.rows import Row
from service.imports.sniffing import Encoding

DELIMITERS = ",;\t"


class CsvRows:
    """A CSV file. Raises FileRefusedError when it is opened, or at the row that cannot be read."""

    def __init__(self, stream: BinaryIO, encoding: Encoding, limits: Limits) -> None:
        self._stream, self._encoding, self._limits = stream, encoding, limits
        lines = self._lines()
        first = next(lines, "")
        self._delimiter = max(DELIMITERS, key=first.count)
        header = next((cells for _, cells in self._read()), [])
        if not header:
            raise FileRefusedError("header", "the first row names the columns; it is empty", "首行应为列名，不能为空")
        self.header = tuple(cell.strip() for cell in header)
        while self.header and not self.header[-1]:
            self.header = self.header[:-1]

    def __iter__(self) -> Iterator[Row]:
        rows = self._read()
        next(rows, None)
        is_ours = any(name.startswith(MARK) for name in self.header)
        for number, cells in rows:
            if is_ours and cells[0] == END:  # of a result of ours that is sent in again
                continue
            yield Row(number, tuple(cells))

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        reader, number = csv.reader(self._lines(), delimiter=self._delimiter, strict=True), 0
        longest, columns = self._limits.cell, self._limits.columns
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise FileRefusedError("csv", *_explain(error), row=number) from None
            if len(cells) > columns:
                raise FileRefusedError("columns", f"more than {columns} columns", f"超过{columns}列", row=number)
            if not any(cells) or not any(cell.strip() for cell in cells):
                continue
            if len(max(cells, key=len)) > longest:
                raise FileRefusedError("cell", *_long_cell(longest), row=number)
            yield number, cells

    def _lines(self) -> Iterator[str]:
        """The lines of the file, none longer than a row may be."""
        self._stream.seek(0)
        name = "utf-8-sig" if self._encoding is Encoding.UTF_8 else self._encoding.value
        text = io.TextIOWrapper(self._stream, encoding=name, errors="strict", newline="")
        try:
            yield from _bounded(text, self._limits.line)
        finally:
            with suppress(ValueError):  # whoever reads no further may have closed the file
                text.detach()


class NdjsonRows:
    """A file of one JSON object a line, in UTF-8. A line that is none is a row with a fault."""

    header: tuple[str, ...] = ()

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream, self._limits = stream, limits

    def __iter__(self) -> Iterator[Row]:
        self._stream.seek(0)
        number = 0
        while True:
            line = self._stream.readline(self._limits.line + 1)
            if not line:
                return
            number += 1
            if len(line) > self._limits.line:
                raise FileRefusedError("line", *_long_line(self._limits.line), row=number)
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not line.strip():
                continue
            yield _parse(number, line.rstrip(b"\r\n"))


def _parse(number: int, line: bytes) -> Row:
    text = line.decode("utf-8", errors="replace")
    try:
        value = parse_json(line)
    except MalformedError as error:
        return Row(number, text=text, fault=Fault("", "malformed", str(error), "不是严格的JSON"))
    if not isinstance(value, dict):
        return Row(number, text=text, fault=Fault("", "type", "a JSON object is needed", "应为JSON对象"))
    return Row(number, value=value, text=text)


def _bounded(text: io.TextIOWrapper, limit: int) -> Iterator[str]:
    number = 0
    while line := text.readline(limit + 1):
        number += 1
        if len(line) > limit:
            raise FileRefusedError("line", *_long_line(limit), row=number)
        yield line


def _explain(error: csv.Error) -> tuple[str, str]:
    if "field larger than" in str(error):
        return "a cell does not end: is a quotation mark not closed?", "单元格未结束，引号可能未闭合"
    return f"not CSV: {error}", "不符合CSV格式（引号使用有误）"


def _long_cell(limit: int) -> tuple[str, str]:
    return f"a cell has more than {limit:,} characters", f"单元格超过{limit:,}个字符"


def _long_line(limit: int) -> tuple[str, str]:
    return f"the row is longer than {limit:,} bytes", f"该行超过{limit:,}字节"
