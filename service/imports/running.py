"""Doing a job: batch after batch, each with what became of its rows in the commit that records its events.

So a job that was cut off, at whatever point, goes on with the first batch that was not committed, and no batch is done
twice. All or nothing is one batch, and so one commit. Two processes may do a job together: each prepares every second
batch while the other records.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from ledger.errors import RollbackError
from service.errors import BusyError, ServiceError, SettingsError
from service.garbage import collect_seldom
from service.imports import jobs
from service.imports.errors import FileRefusedError
from service.imports.jobs import Job, State
from service.imports.opening import kept_rows, look_at
from service.imports.outcomes import Outcome, Status, refused
from service.imports.preparing import Prepared, Preparer
from service.imports.rehearsing import Seen, rehearse
from service.imports.rows import Row
from service.imports.turns import PartnerGoneError, Turns
from service.recording.recorder import Place, Recorder, SparedError
from service.settings import Settings
from service.work import Register

BATCH = 1_000
"""Rows in one commit: bounds how long the log is locked, and what a crash makes us do again."""
ALONE_BELOW = 5_000
"""Rows for which a second process is not worth its start."""
BUSY_SECONDS = 0.5


class StoppedError(Exception):
    """The process is to end. The job is as its last batch left it."""


class Tick(Protocol):
    """Is told how many rows were counted, or done, and of how many."""

    def __call__(self, phase: str, done: int, total: int) -> None: ...


class Run(NamedTuple):
    """stopping: whether the process is to end. processes: 1 or 2."""

    processes: int = 1
    stopping: Callable[[], bool] = lambda: False
    tick: Tick = lambda phase, done, total: None


def run_job(recorder: Recorder, id_: str, run: Run | None = None) -> Job:
    """Do a job to its end, or go on with it; gives it as it ended. Who calls has claimed it.

    Raises StoppedError, or what kept it from going on; it can then be run again.
    """
    register, run = recorder.register, run or Run()
    with register.read() as reader:
        job = jobs.load_job(reader.connection, id_)
    if not job.is_open:
        return job
    try:
        if job.dry_run and job.done:  # what it learnt of earlier rows is gone
            with register.write_beside() as connection:
                job = jobs.begin_again(connection, id_)
        job = look_at(register, job, lambda count: run.tick("checking", count, -1))
        _Worker(recorder, job, run).work()
    except FileRefusedError as error:
        return _end(register, id_, State.FAILED, {"row": error.row, **_words(error)})
    except (ServiceError, RollbackError, OSError, StoppedError):
        raise
    except Exception as error:
        _end(register, id_, State.FAILED, _INTERNAL | {"row": None})
        raise error
    with register.read() as reader:
        job = jobs.load_job(reader.connection, id_)
    if job.done < job.total and not job.cancelled:
        raise SettingsError(f"import {id_} stopped at row {job.done} of {job.total}: it is gone on with")
    return _end(register, id_, State.CANCELLED if job.done < job.total else State.FINISHED, None)


_INTERNAL = {"code": "internal", "en": "something failed on our side", "zh": "服务器内部错误"}


def _words(error: FileRefusedError) -> dict[str, str]:
    fault = error.faults[0]
    return {"code": fault.code, "en": fault.message_en, "zh": fault.message_zh}


def _end(register: Register, id_: str, state: State, error: dict[str, object] | None) -> Job:
    with register.write_beside() as connection:
        jobs.end_job(connection, id_, state, now=register.clock(), error=error)
        return jobs.load_job(connection, id_)


class _CancelledError(Exception):
    """The job's operator does not want the rest."""


class _Worker:
    """One process's share of a job. share: every `shares`-th batch, from this one on. turns: with the other process."""

    def __init__(self, recorder: Recorder, job: Job, run: Run, share: int = 0, turns: Turns | None = None) -> None:
        self._recorder, self._register, self._job, self._run = recorder, recorder.register, job, run
        self._share, self._turns = share, turns
        self._preparer = Preparer(self._register, job)
        self._seen = Seen() if job.dry_run else None

    def work(self) -> None:
        """Do what is left of the job."""
        together = self._run.processes > 1 and not self._job.atomic and not self._job.dry_run
        try:
            if together and self._job.total - self._job.done >= ALONE_BELOW:
                with _partner(self._register.settings, self._job) as turns:
                    self._turns = turns
                    self.do_batches()
                    turns.finish()
            else:
                self.do_batches()
        except _CancelledError:
            return
        except PartnerGoneError:
            raise SettingsError("the second process of an import has ended early: it is gone on with") from None

    def do_batches(self) -> None:
        done, shares = self._job.done, 2 if self._turns else 1
        most = self._register.settings.imports.atomic_rows
        size = max(most, self._job.total) if self._job.atomic and not self._job.dry_run else BATCH
        if self._job.dry_run:
            size = most
        with kept_rows(self._register, self._job) as rows:
            for number, first in enumerate(range(done, self._job.total, size)):
                if number % shares == self._share:
                    self._do(number, first, rows.read(first, size))

    def _do(self, number: int, first: int, rows: Sequence[Row]) -> None:
        self._check()
        prepared = self._preparer.prepare(rows)
        if self._turns:
            try:
                self._turns.wait(number)
            except PartnerGoneError:
                self._check()  # it may have ended because it was told to, as this one is then
                raise
        while True:
            self._check()
            try:
                self._settle(first, prepared)
                break
            except BusyError:
                time.sleep(BUSY_SECONDS)
        if self._turns:
            self._turns.pass_on()
        self._run.tick("recording", first + len(rows), self._job.total)

    def _check(self) -> None:
        if self._run.stopping():
            raise StoppedError
        with self._register.read() as reader:
            if jobs.load_job(reader.connection, self._job.id).cancelled:
                raise _CancelledError

    def _settle(self, first: int, batch: Prepared) -> None:
        """Record a batch, or say why not, together with what became of it."""
        id_ = self._job.id
        if self._seen is not None:
            self._save(first, rehearse(self._register, batch, self._seen))
        elif not batch.admitted or (self._job.atomic and batch.outcomes):
            spared = {at: Outcome(batch.rows[at], Status.NOT_TRIED) for at in batch.places}
            self._save(first, _in_order(batch, spared))
        else:

            def beside(connection: Connection, found: Sequence[Place | ServiceError]) -> None:
                settled = {at: _outcome(batch.rows[at], each) for at, each in zip(batch.places, found, strict=True)}
                jobs.add_batch(connection, id_, first, _in_order(batch, settled))

            self._recorder.record(batch.admitted, atomic=self._job.atomic, beside=beside)

    def _save(self, first: int, outcomes: Sequence[Outcome]) -> None:
        with self._register.write_beside() as connection:
            jobs.add_batch(connection, self._job.id, first, outcomes)


def _in_order(batch: Prepared, others: dict[int, Outcome]) -> list[Outcome]:
    outcomes = batch.outcomes | others
    return [outcomes[at] for at in range(len(batch.rows))]


def _outcome(row: int, found: Place | ServiceError) -> Outcome:
    if isinstance(found, Place):
        return Outcome(row, Status.UNCHANGED if found.again else Status.RECORDED, found.index)
    if isinstance(found, SparedError):
        return Outcome(row, Status.NOT_TRIED)
    return refused(row, found)


@contextmanager
def _partner(settings: Settings, job: Job) -> Iterator[Turns]:
    """A second process that does every other batch, as long as the block lasts."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_help, args=(settings, job, theirs, os.getpid()), daemon=True)
    process.start()
    theirs.close()
    turns = Turns(ours)
    try:
        yield turns
    finally:
        turns.close()
        process.join(BUSY_SECONDS)
        if process.is_alive():
            process.terminate()
            process.join()


def _help(settings: Settings, job: Job, pipe: Pipe, parent: int) -> None:
    """What the second process does. `job` is as it was when the two began, so that both count batches alike."""
    collect_seldom()
    turns, register = Turns(pipe), Register(settings)
    try:
        run = Run(stopping=lambda: os.getppid() != parent)
        _Worker(Recorder(register), job, run, share=1, turns=turns).do_batches()
    except (_CancelledError, StoppedError, PartnerGoneError):
        return
    finally:
        turns.close()
        register.close()
