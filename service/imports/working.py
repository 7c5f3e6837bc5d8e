"""The worker of a served register: a process beside the server that does the jobs which are waiting, then ends.

The chore looks for jobs and starts it. Its memory and its processor time are its own, and the server's threads do not
wait for it. When it is killed, the chore starts another one, which goes on where the log says that it was.

    python -m service.imports.working        with the settings in the environment
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

from ledger.entry import format_time
from service.errors import ServiceError
from service.imports import jobs
from service.imports.limits import limits_environment
from service.imports.running import Run, StoppedError, run_job
from service.imports.storing import FOLDER, KINDS, claimed, delete_files, file_of
from service.log_lines import capture
from service.recording.recorder import Recorder
from service.settings import Settings, read_settings
from service.work import Register

EVERY_SECONDS = 1.0
POLL_SECONDS = 0.2
CLEAR_SECONDS = 3_600.0
AT_ONCE = 50


class ImportWork:
    """The chore: `work` starts the worker if there is a job whose file is on this host, and waits for its end."""

    def __init__(self, register: Register, stopping: threading.Event) -> None:
        self._register, self._stopping = register, stopping

    def work(self) -> None:
        """Raises ServiceError where the worker failed."""
        if not _waiting(self._register):
            return
        command = [sys.executable, "-m", "service.imports.working"]
        process = subprocess.Popen(command, env=worker_environment(self._register.settings), stdin=subprocess.DEVNULL)
        try:
            while process.poll() is None and not self._stopping.wait(POLL_SECONDS):
                pass
        finally:
            if process.poll() is None:
                process.terminate()  # whatever it is doing: the batch under way is recorded whole or not at all
                process.wait()
        if process.returncode and not self._stopping.is_set():
            raise ServiceError(f"the worker for imports ended with {process.returncode}: it is started again")


def clear_away(register: Register) -> None:
    """Delete files and outcomes of rows that are older than they are kept for, and files that belong to no job."""
    settings = register.settings
    before = format_time(register.clock() - timedelta(days=settings.imports.days))
    while True:
        with register.write_beside() as connection:
            gone = jobs.forget_rows(connection, before=before, limit=AT_ONCE)
        for id_ in gone:
            delete_files(settings, id_)
        if len(gone) < AT_ONCE:
            break
    oldest = (register.clock() - timedelta(days=1)).timestamp()
    for file in (settings.data / FOLDER).glob("*"):
        with register.read() as reader:
            is_known = file.suffix in KINDS and jobs.is_known(reader.connection, file.stem)
        if not is_known and file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)


def do_waiting(recorder: Recorder, stopping: Callable[[], bool], *, processes: int) -> int:
    """Do every job whose file is on this host and which no other process does; gives how many."""
    register, done, tried = recorder.register, 0, set[str]()
    while waiting := [job for job in _waiting(register) if job.id not in tried]:
        job = waiting[0]
        tried.add(job.id)
        with claimed(register.settings, job.id) as is_ours:
            if is_ours:
                run_job(recorder, job.id, Run(processes, stopping))
                done += 1
    return done


def worker_environment(settings: Settings) -> dict[str, str]:
    """The environment that gives a process the same settings."""
    given = {
        "PACKTRAIL_DATA": str(settings.data),
        "PACKTRAIL_DATABASE_URL": settings.database_url,
        "PACKTRAIL_BASE_URL": settings.base_url,
        "PACKTRAIL_MASTER_KEY_FILE": str(settings.master_key_file),
        **({"PACKTRAIL_MASTER_KEY": settings.master_key} if settings.master_key else {}),
    }
    return os.environ | given | limits_environment(settings.imports)


def _waiting(register: Register) -> list[jobs.Job]:
    with register.read() as reader:
        found = jobs.open_jobs(reader.connection)
    return [job for job in found if file_of(register.settings, job.id).is_file()]


def main() -> int:
    """Do what is waiting. Ends early, and with 0, when its starter has gone."""
    capture()
    starter = os.getppid()
    register = Register(read_settings())
    try:
        do_waiting(Recorder(register), lambda: os.getppid() != starter, processes=min(2, os.cpu_count() or 1))
    except StoppedError:
        return 0
    finally:
        register.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
