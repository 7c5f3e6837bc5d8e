"""Reports as files: CSV and JSON, in the encoding the layout names.

A cell of a CSV that a spreadsheet would take for a formula is written with an apostrophe before it.
"""

import csv
import io
from collections.abc import Iterator

import orjson

from service.reports.rows import Report, Value

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With what a cell must not begin: spreadsheets also read the full-width forms."""
ROWS_AT_ONCE = 200


def write_csv(report: Report) -> Iterator[bytes]:
    """The report as CSV (RFC 4180), its first line the titles of the columns."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([defuse(column.title) for column in report.columns])
    codec, first = report.layout.encoding.codec, True
    for count, row in enumerate(report.rows, 1):
        writer.writerow([defuse(value) for value in row])
        if count % ROWS_AT_ONCE == 0:
            yield _encoded(buffer, codec, first=first)
            first = False
    yield _encoded(buffer, codec, first=first)


def write_json(report: Report) -> Iterator[bytes]:
    """The report as one JSON object: what it is, and its rows as objects by field. Always UTF-8."""
    query = report.query
    head = {
        "title": report.layout.title,
        "operator": query.operator,
        "duty": query.duty.id,
        "article": query.duty.article,
        "from": query.since.isoformat(),
        "to": query.until.isoformat(),
        "columns": [column._asdict() for column in report.columns],
    }
    yield orjson.dumps(head)[:-1] + b',"rows":['
    fields = [column.field for column in report.columns]
    for count, row in enumerate(report.rows):
        yield (b"," if count else b"") + orjson.dumps(dict(zip(fields, row, strict=True)))
    yield b"]}\n"


def defuse(value: Value) -> Value:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip().startswith(FORMULA):
        return f"'{value}"
    return value


def _encoded(buffer: io.StringIO, codec: str, *, first: bool) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode(codec if first or codec != "utf-8-sig" else "utf-8", errors="strict")
