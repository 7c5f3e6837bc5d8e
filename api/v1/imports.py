"""Imports: a file is taken in at once and done by and by; what became of each row can be fetched at any time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from api import json
from api.auth import PUBLIC, RECORDER, signed_in
from api.edge import current_register
from api.importing import import_members, import_path
from api.routes import Answer, Routes, Terms
from api.schemas.imports import (
    IMPORT,
    IMPORTS,
    RECEIPT_LINE,
    ROW,
    ImportListQuery,
    ImportQuery,
    RowsQuery,
    TemplateQuery,
)
from service.errors import NotFoundError
from service.imports import jobs
from service.imports.errors import FileRefusedError
from service.imports.jobs import PAGE, Job
from service.imports.kinds import CONTENTS
from service.imports.recorded import write_receipts
from service.imports.results import write_csv, write_ndjson
from service.imports.shown_rows import first_errors
from service.imports.storing import Ask, take_in
from service.imports.templates import csv_template, xlsx_template

routes = Routes("imports")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = ("text/csv", XLSX, json.LINES, "application/octet-stream")
PIECE = 256 * 1024
SPARE = 1024 * 1024
FIRST_ERRORS = 50
_SOON, _LATER = "2", "10"
_STATUS = {"Retry-After": "Seconds after which to ask again, while it has not ended"}


@dataclass(frozen=True, slots=True)
class FileBody:
    """A file, read piece by piece: it may be larger than any other body."""

    def read(self) -> Iterator[bytes]:
        if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise UnsupportedMediaType("send the file as it is, without Content-Encoding")
        if request.mimetype not in FILES:
            raise UnsupportedMediaType(f"send {', '.join(FILES)}")
        limit = current_register().settings.imports.bytes
        if (request.content_length or 0) > limit:
            raise RequestEntityTooLarge
        request.max_content_length = limit + SPARE  # a chunked body is cut off there, which is more than is taken
        return iter(lambda: request.stream.read(PIECE), b"")

    def describe(self) -> Mapping[str, Any]:
        return {kind: {"type": "string", "format": "binary"} for kind in FILES}


@routes.post(
    "/v1/imports",
    Terms(
        RECORDER,
        "Import a file of models, packs, units or events",
        body=FileBody(),
        query=ImportQuery(),
        answers=(
            Answer(202, "Taken in; it is done by and by", IMPORT, headers={"Location": "The import"} | _STATUS),
            Answer(200, "The very same file was imported before", IMPORT, headers={"Location": "That import"}),
        ),
        errors=(413, 415, 422),
    ),
)
def add_import(body: Iterator[bytes], query: dict[str, Any]) -> ResponseReturnValue:
    register = current_register()
    ask = Ask(
        operator=signed_in().operator,
        content=query["kind"],
        name=query["name"],
        atomic=query["mode"] == "all",
        dry_run=query["dry_run"],
        again=query["again"],
        columns=query["columns"],
    )
    try:
        taken = take_in(register, ask, body)
    except FileRefusedError as error:
        if error.faults[0].code == "too-large":
            raise RequestEntityTooLarge from None
        raise
    members = import_members(taken.job, register.clock()) | ({"again": True} if taken.again else {})
    response = json.answer(members, 200 if taken.again else 202)
    response.headers["Location"] = import_path(taken.job.id)
    return _with_pace(response, taken.job)


@routes.get(
    "/v1/imports",
    Terms(
        RECORDER,
        "The caller's imports, newest first",
        query=ImportListQuery(),
        answers=(Answer(200, "A page", IMPORTS),),
    ),
)
def list_imports(query: dict[str, Any]) -> ResponseReturnValue:
    register = current_register()
    with register.read() as reader:
        found = jobs.list_jobs(reader.connection, signed_in().operator, before=query["before"])
    now = register.clock()
    more = f"/v1/imports?before={found[-1].id}" if len(found) == PAGE else None
    return json.answer({"imports": [import_members(job, now) for job in found], "next": more})


@routes.get(
    "/v1/imports/<uuid:import_id>",
    Terms(
        RECORDER,
        "An import and how far it has come",
        answers=(Answer(200, "The import", IMPORT, headers=_STATUS),),
        errors=(404,),
    ),
)
def show_import(import_id: UUID) -> ResponseReturnValue:
    register, job = current_register(), _job(import_id)
    members = import_members(job, register.clock()) | {"errors": first_errors(register, job, FIRST_ERRORS)}
    return _with_pace(json.answer(members), job)


@routes.get(
    "/v1/imports/<uuid:import_id>/rows",
    Terms(
        RECORDER,
        "Each row of the file with what became of it",
        query=RowsQuery(),
        answers=(
            Answer(200, "For spreadsheets", {"type": "string"}, "text/csv"),
            Answer(200, "For programs, one a line", ROW, json.LINES),
        ),
        errors=(404,),
    ),
)
def show_rows(import_id: UUID, query: dict[str, Any]) -> ResponseReturnValue:
    register, job = current_register(), _job(import_id)
    is_csv, only_refused = query["format"] == "csv", query["rows"] == "refused"
    rows = (write_csv if is_csv else write_ndjson)(register, job, only_refused=only_refused)
    content_type = "text/csv; charset=utf-8" if is_csv else json.LINES
    return _as_file(_flowing(rows, content_type), f"import-{job.id}-{query['rows']}.{query['format']}")


@routes.get(
    "/v1/imports/<uuid:import_id>/receipts",
    Terms(
        RECORDER,
        "The receipt of each row that is an entry",
        answers=(Answer(200, "One a line", RECEIPT_LINE, json.LINES),),
        errors=(404,),
    ),
)
def show_receipts(import_id: UUID) -> ResponseReturnValue:
    job = _job(import_id)
    return _as_file(_flowing(write_receipts(current_register(), job), json.LINES), f"import-{job.id}-receipts.ndjson")


@routes.post(
    "/v1/imports/<uuid:import_id>:cancel",
    Terms(
        RECORDER,
        "Stop an import after the rows that are under way",
        answers=(Answer(202, "It stops; one that has ended stays as it is", IMPORT, headers=_STATUS),),
        errors=(404,),
    ),
)
def cancel_import(import_id: UUID) -> ResponseReturnValue:
    register, job = current_register(), _job(import_id)
    with register.write_beside() as connection:
        jobs.cancel_job(connection, job.id)
        job = jobs.load_job(connection, job.id)
    return _with_pace(json.answer(import_members(job, register.clock()), 202), job)


@routes.get(
    "/v1/imports/templates/<content>",
    Terms(
        PUBLIC,
        "The columns of a file of this kind, to fill in",
        query=TemplateQuery(),
        answers=(
            Answer(200, "The header as CSV", {"type": "string"}, "text/csv"),
            Answer(200, "The header as a workbook", {"type": "string", "format": "binary"}, XLSX),
        ),
        errors=(404,),
    ),
)
def show_template(content: str, query: dict[str, str]) -> ResponseReturnValue:
    if content not in CONTENTS:
        raise NotFoundError(f"there are no files of {content}: {', '.join(CONTENTS)}")
    is_csv = query["format"] == "csv"
    data = (csv_template if is_csv else xlsx_template)(content, query["lang"])
    response = Response(data, content_type="text/csv; charset=utf-8" if is_csv else XLSX)
    return _as_file(response, f"{content}-{query['lang']}.{query['format']}")


def _job(import_id: UUID) -> Job:
    with current_register().read() as reader:
        return jobs.load_job(reader.connection, str(import_id), operator=signed_in().operator)


def _with_pace(response: Response, job: Job) -> Response:
    if job.is_open:
        response.headers["Retry-After"] = _SOON if job.total < 100_000 else _LATER
    return response


def _flowing(pieces: Iterator[bytes], content_type: str) -> Response:
    """An answer that is written piece by piece; what cannot be read is told before it has begun."""
    first = next(pieces, b"")
    return Response(chain((first,), pieces), content_type=content_type)


def _as_file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
