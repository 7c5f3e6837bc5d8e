"""Reports as files: CSV for spreadsheets or for the platform, and JSON, in the encoding the layout names."""

from collections.abc import Iterator
from typing import Any

from service.exports import writing
from service.exports.stamp import Cells
from service.reports.rows import Report


def write_csv(report: Report, cells: Cells = Cells.SPREADSHEET) -> Iterator[bytes]:
    """The report as CSV, its first line the titles of the columns. raw: without an end mark, as it is handed in."""
    titles, codec = [column.title for column in report.columns], report.layout.encoding.codec
    return writing.write_csv(report.stamp, titles, report.rows, cells=cells, codec=codec)


def write_json(report: Report) -> Iterator[bytes]:
    """The report as one JSON object: what it is, and its rows as objects by field. Always UTF-8."""
    query = report.query
    head: dict[str, Any] = {
        "title": report.layout.title,
        "operator": query.operator,
        "duty": query.duty.id,
        "article": query.duty.article,
        "from": query.since.isoformat(),
        "to": query.until.isoformat(),
        "columns": [column._asdict() for column in report.columns],
    }
    fields = [column.field for column in report.columns]
    return writing.write_json(report.stamp, head, (dict(zip(fields, row, strict=True)) for row in report.rows))
