"""What an operator decides about a file that lies here already: to try it with other columns, or to record it.

The import stays the same, under its id; what became of its rows when they were tried is forgotten. One that recorded
anything is never done anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.errors import ConflictError, Fault
from service.imports import jobs
from service.imports.jobs import Job
from service.imports.storing import Taken, check_open, file_of
from service.work import Register


@dataclass(frozen=True, slots=True)
class Decision:
    """columns: by header, what it means; None leaves them as they were. again: also if another import recorded this."""

    dry_run: bool
    atomic: bool = True
    again: bool = False
    columns: Mapping[str, str] | None = None


def is_open_to_decision(register: Register, job: Job) -> bool:
    """Whether the job has ended, has recorded nothing, and its file is here."""
    return not job.is_open and (job.dry_run or not job.recorded) and file_of(register.settings, job.id).is_file()


def decide(register: Register, id_: str, operator: str, decision: Decision) -> Taken:
    """Have the operator's job done as decided, or give the one that recorded the very same file.

    Raises NotFoundError, ConflictError where nothing is to be decided, FileRefusedError while too many are open.
    """
    values = {"dry_run": int(decision.dry_run), "atomic": int(decision.atomic)}
    with register.write_beside() as connection:
        job = jobs.load_job(connection, id_, operator=operator)
        if not is_open_to_decision(register, job):
            raise _too_late()
        if not decision.dry_run and not decision.again:
            same = jobs.find_same(connection, operator, job.content, job.digest)
            if same is not None and same.id != id_:
                return Taken(same, again=True)
        check_open(jobs.count_open(connection, operator), register.settings.imports.waiting)
        columns = job.columns if decision.columns is None else tuple(decision.columns.items())
        opened = jobs.reopen(connection, id_, columns=columns, **values)
        if opened is None:
            raise _too_late()
        return Taken(opened)


def _too_late() -> ConflictError:
    en = "this import is under way, has recorded rows, or its file was deleted: send the file in again"
    return ConflictError(en, [Fault("", "import", en, "该导入正在进行、已有记录，或文件已删除：请重新提交文件")])
