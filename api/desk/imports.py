"""Imports for people: a file is sent in, tried, its columns are explained, and its rows recorded, all or the good ones.

Nothing is recorded before somebody has seen what would become of the rows. The work is done by and by; its page asks
again by itself until it has ended. The rows are fetched where programs fetch them: see api.v1.imports.
"""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import RECORDER
from api.desk.file_form import open_file_form, sent_file
from api.desk.import_columns import known_titles, shown_columns, typed_columns
from api.desk.import_rows import first_refused
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.desk.pack_lists import PATH as LISTS
from api.edge import current_register
from api.importing import import_members
from api.pages.answers import visit_of_request
from api.problems import problem_of
from api.routes import Terms
from api.sessions import person_signed_in
from ledger.entry import parse_time
from service.access import Caller
from service.errors import ConflictError, Fault, RefusedError
from service.imports import jobs
from service.imports.deciding import Decision, decide, is_open_to_decision
from service.imports.errors import FileRefusedError
from service.imports.jobs import Job, State
from service.imports.kinds import CONTENTS
from service.imports.recorded import find_batteries
from service.imports.shown_rows import first_values
from service.imports.storing import Ask, take_in
from service.packlist.pasting import MOST, keep_list

routes = desk_routes("imports desk")

PATH = "/desk/imports"
FIRST_ERRORS = 50
VALUES = 3
"""Of a column, shown beside it."""
SECONDS = "5"
"""After which the page of an import that goes on asks again."""
OFTEN = ("models", "packs", "units", "events")
STATES = {
    State.WAITING: "imports.waiting",
    State.RUNNING: "imports.running",
    State.FINISHED: "imports.finished",
    State.CANCELLED: "imports.cancelled",
    State.FAILED: "imports.failed",
}
TEMPLATES = (
    ("zh", "xlsx", "imports.template_zh"),
    ("zh", "csv", "imports.template_zh"),
    ("en", "xlsx", "imports.template_en"),
    ("en", "csv", "imports.template_en"),
)


def _sender() -> Caller:
    open_file_form(current_register().settings.imports.bytes)
    return person_signed_in()


uploads = desk_routes("imports upload", identify=_sender)


@routes.get(PATH, Terms(RECORDER, "The imports of one's organisation, and a form to send a file in"))
def show_imports() -> ResponseReturnValue:
    return _list()


@uploads.post(PATH, Terms(RECORDER, "Send a file in, to be tried"))
def send_in() -> ResponseReturnValue:
    file = sent_file()
    try:
        if field("kind") not in CONTENTS:
            raise RefusedError([Fault("/kind", "choice", "choose what the file holds", "请选择文件内容")])
        if file is None:
            raise RefusedError([Fault("/file", "missing", "choose a file", "请选择文件")])
        ask = Ask(person_caller().operator, field("kind"), name=file.name, dry_run=True)
        job = take_in(current_register(), ask, file.pieces).job
    except (FileRefusedError, RefusedError) as error:
        return _list(error=error)
    return go(f"{PATH}/{job.id}")


@routes.get(f"{PATH}/<uuid:import_id>", Terms(RECORDER, "An import: how far it is, what would become of it, what did"))
def show_import(import_id: UUID) -> ResponseReturnValue:
    return _page(_job(import_id))


@routes.post(f"{PATH}/<uuid:import_id>/try", Terms(RECORDER, "Say what the columns mean, and try the file again"))
def try_again(import_id: UUID) -> ResponseReturnValue:
    job = _job(import_id)
    return _decide(job, Decision(dry_run=True, atomic=job.atomic, columns=typed_columns(job)))


@routes.post(f"{PATH}/<uuid:import_id>/record", Terms(RECORDER, "Record the rows: all or none, or the good ones"))
def record(import_id: UUID) -> ResponseReturnValue:
    decision = Decision(dry_run=False, atomic=field("mode") != "good", again=field("again") == "1")
    return _decide(_job(import_id), decision)


@routes.post(f"{PATH}/<uuid:import_id>/cancel", Terms(RECORDER, "Stop an import after the rows that are under way"))
def cancel(import_id: UUID) -> ResponseReturnValue:
    job = _job(import_id)
    with current_register().write_beside() as connection:
        jobs.cancel_job(connection, job.id)
    return go(f"{PATH}/{job.id}")


@routes.post(f"{PATH}/<uuid:import_id>/list", Terms(RECORDER, "Keep the batteries of an import as a list"))
def keep_batteries(import_id: UUID) -> ResponseReturnValue:
    register, job = current_register(), _job(import_id)
    try:
        batteries = find_batteries(register, job, MOST)
        with register.write_beside() as connection:
            id_ = keep_list(connection, job.operator, " ".join(batteries), now=register.clock())
    except RefusedError as error:
        return _page(job, error=error)
    return go(f"{LISTS}/{id_}")


def _decide(job: Job, decision: Decision) -> ResponseReturnValue:
    try:
        taken = decide(current_register(), job.id, person_caller().operator, decision)
    except (ConflictError, FileRefusedError) as error:
        return _page(job, error=error)
    return go(f"{PATH}/{taken.job.id}")


def _job(import_id: UUID) -> Job:
    with current_register().read() as reader:
        return jobs.load_job(reader.connection, str(import_id), operator=person_caller().operator)


def _list(*, error: FileRefusedError | RefusedError | None = None) -> ResponseReturnValue:
    register = current_register()
    with register.read() as reader:
        found = jobs.list_jobs(reader.connection, person_caller().operator)
    wanted = field("kind") if request.method == "POST" else request.args.get("kind", "")
    return show(
        "desk/imports.html",
        problem=None if error is None else problem_of(error),
        jobs=[(job, parse_time(job.created_at)) for job in found],
        contents=CONTENTS,
        often=OFTEN,
        states=STATES,
        templates=TEMPLATES,
        wanted=wanted,
        most_mb=register.settings.imports.bytes // (1024 * 1024),
    )


def _page(job: Job, *, error: ConflictError | FileRefusedError | RefusedError | None = None) -> ResponseReturnValue:
    register, language = current_register(), visit_of_request(current_register()).language
    with register.read() as reader:
        remembered = jobs.remembered(reader.connection, job.operator, job.content)
        same = jobs.find_same(reader.connection, job.operator, job.content, job.digest)
    members = import_members(job, register.clock())
    is_here, has_rows = is_open_to_decision(register, job), job.has_rows and job.total >= 0
    response = show(
        "desk/import.html",
        problem=None if error is None else problem_of(error),
        job=job,
        content=CONTENTS[job.content],
        state=STATES[job.state],
        received=parse_time(job.created_at),
        seconds_left=members["seconds_left"],
        per_second=members["rows_per_second"],
        errors=first_refused(register, job, FIRST_ERRORS),
        most_errors=FIRST_ERRORS,
        columns=shown_columns(job, remembered, first_values(register, job, VALUES), language) if is_here else [],
        titles=known_titles(job.content, language) if is_here else [],
        may_try=is_here and (bool(job.columns) or job.state is State.CANCELLED),
        may_record=is_here and _is_worth_recording(job),
        atomic_rows=register.settings.imports.atomic_rows,
        rows=f"/v1/imports/{job.id}/rows" if has_rows and not job.is_open else None,
        has_entries=has_rows and not job.is_open and not job.dry_run and job.recorded + job.unchanged > 0,
        same=same if same is not None and same.id != job.id else None,
    )
    if job.is_open:
        response.headers["Refresh"] = SECONDS
    return response


def _is_worth_recording(job: Job) -> bool:
    """Whether a file was tried to its end and has rows that may be recorded, or was to be recorded and was not."""
    return not job.dry_run or (job.state is State.FINISHED and job.recorded + job.undecided > 0)
