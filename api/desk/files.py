"""Tables as files: CSV for spreadsheets, with the end mark that tells a whole file from one that was cut off."""

from collections.abc import Iterable, Mapping, Sequence

from flask import Response

from api.edge import current_register
from service.exports.stamp import Cells, stamp_of
from service.exports.writing import write_csv


def answer_csv(
    name: str, asked: Mapping[str, str], header: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response:
    """The rows as `<name>.csv`. asked: what they were chosen by, which stands in the end mark."""
    with current_register().read() as reader:
        stamp = stamp_of(reader, name, asked)
    cells = ([_cell(each) for each in row] for row in rows)
    data = b"".join(write_csv(stamp, header, cells, cells=Cells.SPREADSHEET))
    return answer_file(f"{name}.csv", data, "text/csv; charset=utf-8")


def answer_file(name: str, data: bytes, content_type: str) -> Response:
    """A file to keep, for the caller alone."""
    response = Response(data, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _cell(value: object) -> str | int:
    return "" if value is None else value if isinstance(value, int) else str(value)
