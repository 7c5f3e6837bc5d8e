"""The figures of the authority, as JSON or CSV, and what is behind them."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from api import json
from api.auth import AUDITOR
from api.edge import current_register
from api.figures import all_figures, page_members, row_members, table_head
from api.routes import Answer, Routes, Terms
from api.schemas.figures import FIGURE_LIST, FIGURE_ROWS, FIGURE_TABLE, FigureQuery, FigureRowsQuery, filter_of
from service.domain.rules_use import date_in_china
from service.exports.stamp import Cells, stamp_of
from service.exports.writing import write_csv, write_json
from service.figures.lists import Which, read_rows
from service.figures.reading import parameters_of, read_figure, read_lag
from service.figures.shapes import Table

routes = Routes("figures")

CSV = "text/csv"


@routes.get(
    "/v1/figures",
    Terms(
        AUDITOR,
        "The sixteen figures: what they are, how they can be asked for, what they count by",
        answers=(Answer(200, "All figures and parameters", FIGURE_LIST),),
    ),
)
def show_figures() -> ResponseReturnValue:
    register = current_register()
    rows = parameters_of(register, date_in_china(register.clock()))
    parameters = [
        row._asdict()
        | {"since": row.since.isoformat() if row.since else None, "until": row.until.isoformat() if row.until else None}
        for row in rows
    ]
    return _kept(json.answer({"figures": all_figures(), "parameters": parameters, "lag": read_lag(register)}))


@routes.get(
    "/v1/figures/<slug>",
    Terms(
        AUDITOR,
        "One figure as a table; as CSV where that is preferred",
        query=FigureQuery(),
        answers=(
            Answer(200, "The table", FIGURE_TABLE),
            Answer(200, "The same for a spreadsheet", {"type": "string"}, CSV),
        ),
        errors=(404, 422),
    ),
)
def show_figure(slug: str, query: dict[str, Any]) -> ResponseReturnValue:
    register, asked = current_register(), filter_of(query)
    table = read_figure(register, slug, asked)
    with register.read() as reader:
        stamp = stamp_of(reader, f"figure-{slug}", asked.asked() | {"by": table.by, "figure_size": str(table.size)})
    if request.accept_mimetypes.best_match([json.JSON, CSV]) == CSV:
        header = [column.key for column in table.columns]
        data = b"".join(write_csv(stamp, header, _cells(table), cells=Cells.SPREADSHEET))
        response = Response(data, content_type=f"{CSV}; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="figure-{slug}.csv"'
        return _kept(response)
    rows = (row_members(table.columns, row) for row in table.rows)
    data = b"".join(write_json(stamp, table_head(table, asked.asked()), rows))
    return _kept(Response(data, content_type=json.JSON))


@routes.get(
    "/v1/figures/<slug>/rows",
    Terms(
        AUDITOR,
        "What a figure is made of: batteries, entries or cases, a page at a time",
        query=FigureRowsQuery(),
        answers=(Answer(200, "A page", FIGURE_ROWS),),
        errors=(404, 422),
    ),
)
def show_rows(slug: str, query: dict[str, Any]) -> ResponseReturnValue:
    asked = filter_of(query)
    which = Which(query["list"] or "", query["state"] or "", query["of"] or "", query["after"], query["limit"])
    page = read_rows(current_register(), slug, asked, which)
    return _kept(json.answer(page_members(page, asked.asked())))


def _cells(table: Table) -> list[list[str | int]]:
    return [["" if cell is None else cell for cell in row] for row in table.rows]


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Accept"
    return response
