"""Rows as CSV, NDJSON or JSON, each with its end mark. All are written piece by piece, in constant memory."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from unicodedata import category

import orjson

from service.exports.stamp import END, Cells, Stamp, end_members

Value = str | int
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""With what a cell must not begin: spreadsheets also read the full-width forms. Source: OWASP ASVS 5.0, 1.2.10."""
ROWS_AT_ONCE = 500
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def write_csv(
    stamp: Stamp, header: Sequence[str], rows: Iterable[Sequence[Value]], *, cells: Cells, codec: str = "utf-8-sig"
) -> Iterator[bytes]:
    """CSV (RFC 4180). For spreadsheets the last row is the end mark and what it says, as JSON in the second cell.

    Raw CSV has no such row, since programs would read it as data: its end stands in a header of the answer.
    """
    buffer, digest, count = io.StringIO(newline=""), sha256(), 0
    writer = csv.writer(buffer, lineterminator="\r\n")
    plain = cells is Cells.RAW
    writer.writerow(header if plain else [defuse(each) for each in header])
    for count, row in enumerate(rows, 1):
        writer.writerow(row if plain else [defuse(each) for each in row])
        if count % ROWS_AT_ONCE == 0:
            piece = _taken(buffer, codec)
            codec = _without_mark(codec)
            digest.update(piece)
            yield piece
    piece = _taken(buffer, codec)
    digest.update(piece)
    yield piece
    if not plain:
        end = end_members(stamp, cells, count=count, digest=digest.hexdigest())
        writer.writerow([END, orjson.dumps(end).decode(), *[""] * (len(header) - 2)])
        yield _taken(buffer, _without_mark(codec))


def write_ndjson(stamp: Stamp, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One object a line, each value as it is; the last line is the end mark."""
    digest, count, block = sha256(), 0, list[bytes]()
    for count, row in enumerate(rows, 1):  # noqa: B007
        block.append(orjson.dumps(row) + b"\n")
        if len(block) == ROWS_AT_ONCE:
            piece = b"".join(block)
            block.clear()
            digest.update(piece)
            yield piece
    piece = b"".join(block)
    digest.update(piece)
    end = end_members(stamp, Cells.RAW, count=count, digest=digest.hexdigest())
    yield piece + orjson.dumps({END: end}) + b"\n"


def write_json(stamp: Stamp, head: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One object: the members of `head`, `rows`, and the end mark, which is over all before it."""
    digest, count = sha256(), 0
    piece = orjson.dumps(head)[:-1] + b',"rows":['
    for count, row in enumerate(rows, 1):
        digest.update(piece)
        yield piece
        piece = (b"," if count > 1 else b"") + orjson.dumps(row)
    piece += b"],"
    digest.update(piece)
    end = end_members(stamp, Cells.RAW, count=count, digest=digest.hexdigest())
    yield piece + orjson.dumps({END: end})[1:] + b"\n"


def defuse(value: Value) -> Value:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers. What nobody sees may stand before it."""
    if isinstance(value, str) and _seen(value).startswith(FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def _seen(text: str) -> str:
    """The text from the first character on that is neither blank nor invisible, or is in FORMULA."""
    for at, letter in enumerate(text):
        if letter in FORMULA or not (letter.isspace() or category(letter) in ("Cf", "Cc")):
            return text[at:]
    return ""


def _taken(buffer: io.StringIO, codec: str) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode(codec, errors="replace" if codec.startswith("utf-8") else "strict")


def _without_mark(codec: str) -> str:
    return "utf-8" if codec == "utf-8-sig" else codec
