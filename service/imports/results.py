"""What became of the rows of a job, as a file: each row as it stood there, beside its entry or the reason.

Our columns come first and begin with `packtrail_`; a file that has them can be sent in again as it is, after the rows
were put right. In CSV a cell that a spreadsheet would take for a formula gets an apostrophe, which is taken off again
when such a file is imported; NDJSON holds everything as it was.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from service.exports import writing
from service.exports.stamp import Cells, Stamp, stamp_of
from service.imports import jobs
from service.imports.building import Builder
from service.imports.columns import MARK
from service.imports.jobs import Job
from service.imports.kinds import CONTENTS
from service.imports.opening import columns_of, kept_rows
from service.imports.outcomes import STATUS_ZH, Outcome, Status
from service.imports.rows import Row, cell_text
from service.work import Register

OURS = ("row", "status", "status_zh", "index", "error_code", "error_column", "message_en", "message_zh")
ORIGINAL = "packtrail_original"


def result_rows(register: Register, job: Job, *, only_refused: bool = False) -> Iterator[tuple[Row, Outcome]]:
    """Each row of the file with what became of it, as far as the job has come; at its end every row is there.

    Raises NotFoundError where the rows were deleted, or the file was never read.
    """
    jobs.require_rows(job)
    if job.total < 0:
        return
    with kept_rows(register, job) as rows:
        known = iter(list[Outcome]())
        for place, row in enumerate(rows.walk()):
            outcome = next(known, None)
            if outcome is None:
                with register.read() as reader:
                    known = iter(jobs.load_outcomes(reader.connection, job.id, place))
                outcome = next(known, None)
            if outcome is None and job.is_open:
                return
            outcome = outcome or Outcome(row.number, Status.NOT_TRIED)
            if not only_refused or outcome.status is Status.REFUSED:
                yield row, outcome


def write_csv(register: Register, job: Job, *, only_refused: bool = False) -> Iterator[bytes]:
    """The rows as CSV for spreadsheets: UTF-8 with a mark, the header of the file after ours."""
    header = [header for header, _ in job.columns] or [ORIGINAL]
    again = [at for at, name in enumerate(header) if name.startswith(MARK) and job.columns]
    own = [f"{MARK}{name}" for name in OURS]
    theirs = [name for at, name in enumerate(header) if at not in again]
    rows = _csv_rows(register, job, again, only_refused=only_refused)
    return writing.write_csv(_stamp(register, job, only_refused), [*own, *theirs], rows, cells=Cells.SPREADSHEET)


def write_ndjson(register: Register, job: Job, *, only_refused: bool = False) -> Iterator[bytes]:
    """The rows as NDJSON for programs, every cell as it stood."""
    return writing.write_ndjson(_stamp(register, job, only_refused), _objects(register, job, only_refused=only_refused))


def _csv_rows(register: Register, job: Job, again: Sequence[int], *, only_refused: bool) -> Iterator[list[str]]:
    """Our cells and those of the file; `again`: where the file itself has cells of ours."""
    builder, width = builder_of(job), len(job.columns) or 1
    for row, outcome in result_rows(register, job, only_refused=only_refused):
        cells = [cell_text(cell) for cell in row.cells] if job.columns else [row.text]
        cells += [""] * (width - len(cells))
        yield [*_ours(builder, outcome), *(cell for at, cell in enumerate(cells) if at not in again)]


def _objects(register: Register, job: Job, *, only_refused: bool) -> Iterator[dict[str, Any]]:
    builder = builder_of(job)
    for row, outcome in result_rows(register, job, only_refused=only_refused):
        yield outcome_members(builder, outcome) | {"original": original_of(job, row)}


def original_of(job: Job, row: Row) -> list[str] | str:
    """The row as it stands in the file: its cells, or the line of NDJSON."""
    return [cell_text(cell) for cell in row.cells] if job.columns else row.text


def _stamp(register: Register, job: Job, only_refused: bool) -> Stamp:
    with register.read() as reader:
        return stamp_of(reader, "import", {"import": job.id, "rows": "refused" if only_refused else "all"})


def outcome_members(builder: Builder, outcome: Outcome) -> dict[str, Any]:
    """What became of a row, as JSON."""
    members: dict[str, Any] = {"row": outcome.row, "status": outcome.status.value}
    if outcome.index is not None:
        members["index"] = outcome.index
    if outcome.faults:
        members["errors"] = [
            {
                "pointer": fault.pointer,
                "column": builder.header_of(fault.pointer),
                "code": fault.code,
                "message": fault.message_en,
                "message_zh": fault.message_zh,
                **({"source": fault.source} if fault.source else {}),
            }
            for fault in outcome.faults
        ]
    return members


def _ours(builder: Builder, outcome: Outcome) -> list[str]:
    faults = outcome.faults
    status, index = outcome.status, "" if outcome.index is None else str(outcome.index)
    columns = "; ".join(builder.header_of(fault.pointer) for fault in faults)
    en, zh = "; ".join(fault.message_en for fault in faults), "；".join(fault.message_zh for fault in faults)
    codes = "; ".join(fault.code for fault in faults)
    return [str(outcome.row), status.value, STATUS_ZH[status], index, codes, columns, en, zh]


def builder_of(job: Job) -> Builder:
    """What knows the columns of a job whose file was looked at."""
    return Builder(CONTENTS[job.content], columns_of(job), job=job.id, at=job.created_at, ms=0)
