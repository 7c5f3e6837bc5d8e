"""The rows of an import as a page: each as it stands in the file, beside what became of it and why."""

from typing import NamedTuple
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import RECORDER
from api.desk.opening import asked_place, desk_routes, person_caller, show
from api.edge import current_register
from api.routes import Terms
from service.errors import Fault
from service.imports import jobs
from service.imports.jobs import Job
from service.imports.outcomes import Status
from service.imports.results import builder_of
from service.imports.shown_rows import ShownRow, show_rows
from service.work import Register

routes = desk_routes("import rows desk")

ROWS = 50
WORDS = {
    Status.RECORDED: "imports.row_recorded",
    Status.UNCHANGED: "imports.row_unchanged",
    Status.REFUSED: "imports.row_refused",
    Status.ACCEPTED: "imports.row_accepted",
    Status.UNDECIDED: "imports.row_undecided",
    Status.NOT_TRIED: "imports.row_not_tried",
}


class ToldRow(NamedTuple):
    """number: as the file's own program counts. faults: each with the column it is about."""

    number: int
    words: str
    faults: list[tuple[str, Fault]]
    original: list[str] | None


@routes.get(
    "/desk/imports/<uuid:import_id>/rows", Terms(RECORDER, "The rows of an import, 50 at a time, all or the refused")
)
def show_import_rows(import_id: UUID) -> ResponseReturnValue:
    register = current_register()
    with register.read() as reader:
        job = jobs.load_job(reader.connection, str(import_id), operator=person_caller().operator)
    first, only_refused = asked_place(digits=9), request.args.get("rows") == "refused"
    found = show_rows(register, job, first, ROWS + 1, only_refused=only_refused)
    return show(
        "desk/import_rows.html",
        job=job,
        rows=tell_rows(job, found[:ROWS]),
        only_refused=only_refused,
        at_begin=not first,
        next=found[ROWS].place if len(found) > ROWS else None,
    )


def first_refused(register: Register, job: Job, limit: int) -> list[ToldRow]:
    """The first rows that were refused."""
    return tell_rows(job, show_rows(register, job, 0, limit, only_refused=True)) if job.refused else []


def tell_rows(job: Job, rows: list[ShownRow]) -> list[ToldRow]:
    """Rows as the page has them."""
    if not rows:
        return []
    builder = builder_of(job)
    return [
        ToldRow(
            row.outcome.row,
            WORDS[row.outcome.status],
            [(builder.header_of(fault.pointer), fault) for fault in row.outcome.faults],
            [row.original] if isinstance(row.original, str) else row.original,
        )
        for row in rows
    ]
