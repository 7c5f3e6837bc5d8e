"""Tables as files: CSV for spreadsheets, with the end mark that tells a whole file from one that was cut off."""

import re
from collections.abc import Iterable, Mapping, Sequence

from flask import Response

from api.edge import current_register
from service.exports.stamp import Cells, Stamp, stamp_of
from service.exports.writing import Value, write_csv

CSV = "text/csv; charset=utf-8"
_ODD = re.compile(r"[^0-9A-Za-z._-]")


def answer_csv(
    name: str, asked: Mapping[str, str], header: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response:
    """The rows as `<name>.csv`. asked: what they were chosen by, which stands in the end mark."""
    with current_register().read() as reader:
        stamp = stamp_of(reader, name, asked)
    return answer_table(name, stamp, header, ([_cell(each) for each in row] for row in rows))


def answer_table(name: str, stamp: Stamp, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Response:
    """The rows of a moment as `<name>.csv`. stamp: of that moment."""
    data = b"".join(write_csv(stamp, header, rows, cells=Cells.SPREADSHEET))
    return answer_file(f"{name}.csv", data, CSV)


def answer_file(name: str, data: bytes | Iterable[bytes], content_type: str) -> Response:
    """A file to keep, for the caller alone. name: letters that are no part of file names everywhere become `_`."""
    response = Response(data, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{_ODD.sub("_", name)}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _cell(value: object) -> str | int:
    return "" if value is None else value if isinstance(value, int) else str(value)
