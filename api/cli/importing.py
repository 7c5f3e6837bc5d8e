"""packtrail import: a file of models, packs, units or events."""

import time
from collections.abc import Iterator
from pathlib import Path

import click

from api.cli.progress import Phases, phases
from api.cli.task import PARTLY, USAGE, Failed, Task, in_columns, open_register, say, show
from api.importing import STATES_ZH, count_members, import_members
from service.imports import jobs
from service.imports.jobs import Job, State
from service.imports.kinds import CONTENTS
from service.imports.recorded import write_receipts
from service.imports.results import write_csv, write_ndjson
from service.imports.running import Run, Tick, run_job
from service.imports.shown_rows import first_errors
from service.imports.storing import Ask, claimed, take_in
from service.operators import current_registry
from service.recording.recorder import Recorder
from service.settings import Settings
from service.work import Register

PIECE = 1024 * 1024
SHOWN_ERRORS = 10
_UNDONE = "the file was not imported"


@click.command("import", cls=Task, undone=_UNDONE, example="import packs.xlsx --kind packs --as cq-cells --dry-run")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path), metavar="FILE", required=False)
@click.option(
    "--kind",
    type=click.Choice(tuple(CONTENTS)),
    metavar="KIND",
    help="models, packs, units, events, or a kind of event.",
)
@click.option("--as", "operator", metavar="OPERATOR", help="Whose rows these are; the service signs for it.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each row; record nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Every row, in one commit, or none.")
@click.option(
    "--column",
    "mapped",
    multiple=True,
    metavar="HEADER=FIELD",
    help="What a column means; nothing after = leaves it out. Remembered.",
)
@click.option("--again", is_flag=True, help="Also if the very same file was imported before.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT",
    help="Write every row with what became of it: .csv or .ndjson.",
)
@click.option(
    "--refused",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT",
    help="Write the refused rows alone, to be put right and imported.",
)
@click.option(
    "--receipts",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT",
    help="Write the receipt of each row that is an entry, as NDJSON.",
)
@click.option("--resume", metavar="ID", help="Go on with an import that was cut off, in place of a FILE.")
@click.option("--cancel", metavar="ID", help="Stop an import after the rows that are under way, in place of a FILE.")
def import_file(
    settings: Settings,
    as_json: bool,
    file: Path | None,
    kind: str | None,
    operator: str | None,
    dry_run: bool,
    all_or_nothing: bool,
    mapped: tuple[str, ...],
    again: bool,
    out: Path | None,
    refused: Path | None,
    receipts: Path | None,
    resume: str | None,
    cancel: str | None,
) -> None:
    """Import a file: CSV, XLSX or NDJSON.

    The first row names the columns, in Chinese or English or by fields' names. Rows that are refused are told with the
    reason; the others are recorded. Exit code 5 says that some rows were refused."""
    if sum(given is not None for given in (file, resume, cancel)) != 1 or (file and not (kind and operator)):
        raise click.UsageError("give FILE with --kind and --as, or --resume ID, or --cancel ID")
    with open_register(settings) as register:
        if cancel:
            _cancel(register, cancel, as_json=as_json)
            return
        job = _resumed(register, resume) if resume else None
        is_again = False
        if file is not None and kind and operator:
            if operator not in current_registry(register).operators:
                raise Failed(f"{_UNDONE}: {operator} is not enrolled", USAGE)
            ask = Ask(operator, kind, file.name, all_or_nothing, dry_run, again, _mapping(mapped))
            taken = take_in(register, ask, _pieces(file))
            job, is_again = taken.job, taken.again
        assert job is not None
        job = _done(register, job)
        for target, only in ((out, False), (refused, True)):
            if target is not None:
                write = write_ndjson if target.suffix == ".ndjson" else write_csv
                with target.open("wb") as sink:
                    sink.writelines(write(register, job, only_refused=only))
        if receipts is not None:
            with receipts.open("wb") as sink:
                sink.writelines(write_receipts(register, job))
        _tell(register, job, is_again, as_json=as_json)
    if job.state is State.FAILED:
        raise SystemExit(USAGE)
    if job.refused or job.not_tried or job.undecided:
        raise SystemExit(PARTLY)


def _resumed(register: Register, id_: str) -> Job:
    with register.read() as reader:
        return jobs.load_job(reader.connection, id_)


def _cancel(register: Register, id_: str, *, as_json: bool) -> None:
    """Have an import stop, whoever is doing it; one that nobody is doing ends here."""
    job = _resumed(register, id_)
    with register.write_beside() as connection:
        jobs.cancel_job(connection, id_)
    _tell(register, _done(register, job), is_again=False, as_json=as_json)


def _mapping(mapped: tuple[str, ...]) -> dict[str, str]:
    """By header what it means. The last = counts: headers may hold one."""
    pairs = [each.rpartition("=") for each in mapped]
    if any(not header for header, _, _ in pairs):
        raise click.UsageError("--column is HEADER=FIELD")
    return {header: field for header, _, field in pairs}


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            yield piece


def _done(register: Register, job: Job) -> Job:
    """The job after its end: done here, or by the server that took it first."""
    with phases() as tell:
        while job.is_open:
            with claimed(register.settings, job.id) as is_ours:
                if is_ours:
                    return run_job(Recorder(register), job.id, Run(processes=2, tick=_ticking(tell)))
            time.sleep(0.2)
            with register.read() as reader:
                job = jobs.load_job(reader.connection, job.id)
            _ticking(tell)("recording", job.done, job.total)
    return job


def _ticking(tell: Phases) -> Tick:
    """Tells the bar of a phase, also where it is not known yet of how much."""
    return lambda phase, done, total: tell(phase, done, max(done, total))


def _tell(register: Register, job: Job, is_again: bool, *, as_json: bool) -> None:
    value = import_members(job, register.clock()) | {"errors": first_errors(register, job, SHOWN_ERRORS)}
    if is_again:
        value["again"] = True
        say(f"This very file was imported on {job.created_at}: --again imports it once more.")
    counts = {name: count for name, count in count_members(job).items() if name not in ("total", "done")}
    sum_ = " + ".join(f"{count} {name}" for name, count in counts.items() if count or name in ("accepted", "refused"))
    rows = [("import", job.id), ("state", f"{job.state.value} {STATES_ZH[job.state]}")]
    rows += [("file", " ".join(filter(None, (job.name, job.form, job.encoding)))), ("rows", f"{sum_} = {job.done}")]
    if job.error is not None:
        rows += [("error", job.error["en"]), ("错误", job.error["zh"])]
    show(value, in_columns(rows), as_json=as_json)
    for each in [] if as_json else value["errors"]:
        told = "; ".join(f"{error['column']}: {error['message']} {error['message_zh']}" for error in each["errors"])
        say(f"row {each['row']}: {told}")
