"""Reports for the national platform: an operator draws its own, with the values that only it may see."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import orjson
from flask import Response
from flask.typing import ResponseReturnValue

from api.auth import READER, signed_in
from api.disclosing import is_supervisor, note_shown
from api.edge import current_register
from api.routes import Answer, Routes, Terms
from api.schemas.duties import ReportQuerySchema, ReportSchema
from api.v1.duties import whose
from service.disclosure.readings import Disclosed
from service.domain.duties.rows import DUTIES
from service.errors import Fault, RefusedError
from service.exports.stamp import Cells, end_members
from service.reports.files import write_csv, write_json
from service.reports.layout import Encoding, read_layout
from service.reports.rows import ReportQuery, count_cases, draw_report

routes = Routes("reports")

MAX_ROWS = 10_000
_LONG = Fault("/to", "rows", f"more than {MAX_ROWS} rows: take a shorter period", f"超过{MAX_ROWS}行，请缩短时间范围")


@routes.get(
    "/v1/reports",
    Terms(
        READER,
        "What an operator has to report under a duty, as a file",
        query=ReportQuerySchema(),
        answers=(
            Answer(200, "The file", {"type": "string"}, "text/csv"),
            Answer(200, "The same as JSON", ReportSchema()),
        ),
        errors=(404, 422),
    ),
)
def show_report(query: dict[str, Any]) -> ResponseReturnValue:
    register, caller = current_register(), signed_in().operator
    operator = whose(query["operator"]) or caller
    layout = read_layout(register.settings.report_layout_file)
    if query["encoding"]:
        layout = replace(layout, encoding=Encoding(query["encoding"]))
    wanted = ReportQuery(operator, DUTIES[query["duty"]], query["since"], query["until"], operator == caller)
    with register.read() as reader:
        count = count_cases(reader, wanted, at_most=MAX_ROWS + 1)
        if count > MAX_ROWS:
            raise RefusedError([_LONG])
        report = draw_report(register, reader, wanted, layout)
        note_shown([Disclosed(f"report:{wanted.duty.id}", operator, frozenset({"report"}), is_supervisor())])
        as_json = query["format"] == "json"
        cells = Cells(query["cells"])
        data = b"".join(write_json(report) if as_json else write_csv(report, cells))
    charset = layout.encoding.value.removesuffix("-bom")
    response = Response(data, content_type="application/json" if as_json else f"text/csv; charset={charset}")
    raw = ".raw" if cells is Cells.RAW and not as_json else ""
    name = f"{operator}-{query['duty']}-{query['since']}-{query['until']}{raw}.{query['format']}"
    if raw:
        end = end_members(report.stamp, cells, count=count, digest=sha256(data).hexdigest())
        response.headers["Packtrail-Export"] = orjson.dumps(end).decode()
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
