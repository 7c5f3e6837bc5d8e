"""A real process that imports is killed: what it recorded stands, nothing stands twice, and the rest follows."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from ledger.entry import parse_entry
from service.errors import NotFoundError, ServiceError
from service.failpoints import VARIABLE
from service.imports import jobs
from service.imports.jobs import Job, State
from service.imports.results import result_rows
from service.imports.running import run_job
from service.imports.storing import Ask, file_of, take_in
from service.imports.working import ImportWork, clear_away, worker_environment
from service.settings import Settings
from tests.programs import run_command
from tests.service.imports.packs import load, pack_file, pack_row, sum_of
from tests.service.town import Town
from tests.service.verification.test_register import verify

ROWS = 2_050
"""Two batches and the beginning of a third."""


def begin(town: Town, *, atomic: bool) -> Job:
    """A job of good rows, one bad row among them unless it is all or nothing."""
    bad = () if atomic else (pack_row(3, mass="?"),)
    return take_in(town.register, Ask("cq-cells", "packs", atomic=atomic), [pack_file(range(1, ROWS), *bad)]).job


def resume(settings: Settings, job: Job, point: str = "") -> int:
    """Run the command that goes on with it, in a session of its own; gives its exit code, or minus the signal."""
    environment = worker_environment(settings) | ({VARIABLE: point} if point else {})
    return run_command("import", "--resume", job.id, environment=environment)


def check_whole(town: Town, job: Job) -> None:
    """Every row told to be recorded is the entry that is told, once; the counts add up; the register is sound."""
    entries = town.entries()
    codes = [parse_entry(entry).event.subjects for entry in entries]
    told = 0
    for row, outcome in result_rows(town.register, job):
        if outcome.index is not None:
            assert codes[outcome.index] == (row.cells[0],)
            told += 1
    assert told == job.recorded
    packs = [each for each in codes if each and each[0] > "001PE12ABCDEFGG2T5000000" and each[0][3] == "P"]
    assert len(packs) == len(set(packs))
    assert sum_of(job) == job.done
    assert verify(town.settings).failures == ()


@pytest.mark.parametrize(
    ("either_settings", "point"),
    [
        *(("sqlite", point) for point in ("locked:2", "entries-written:2", "written:3", "committed:1", "pinned:2")),
        *(("postgresql", point) for point in ("entries-written:2", "committed:1")),
    ],
    indirect=["either_settings"],
)
def test_good_rows_only_survives_a_kill_at_any_point(either_town: Town, point: str) -> None:
    town = either_town
    job = begin(town, atomic=False)
    assert resume(town.settings, job, point) == -signal.SIGKILL
    after = load(town, job)
    assert after.is_open and after.recorded == after.done == len(list(result_rows(town.register, after)))
    assert after.done in (0, 1_000, 2_000)
    assert resume(town.settings, job) == 5
    ended = load(town, job)
    assert (ended.state, ended.recorded, ended.refused) == (State.FINISHED, ROWS - 1, 1)
    check_whole(town, ended)


@pytest.mark.parametrize(("point", "is_in"), [("entries-written", False), ("written", False), ("committed", True)])
def test_all_or_nothing_survives_a_kill_at_any_point(either_town: Town, point: str, is_in: bool) -> None:
    town, before = either_town, either_town.size()
    job = begin(town, atomic=True)
    assert resume(town.settings, job, point) == -signal.SIGKILL
    assert load(town, job).recorded == (ROWS - 1 if is_in else 0)
    assert town.size() - before in ((ROWS - 1, ROWS) if is_in else (0,))  # a map may be among the entries
    assert resume(town.settings, job) == 0
    ended = load(town, job)
    assert (ended.state, ended.recorded) == (State.FINISHED, ROWS - 1)
    check_whole(town, ended)


@pytest.mark.slow
def test_the_worker_of_a_server_is_started_again_until_the_job_is_done(town: Town, tmp_path: Path) -> None:
    job = begin(town, atomic=False)
    stopping = threading.Event()
    told: list[ServiceError] = []

    def work() -> None:
        try:
            ImportWork(town.register, stopping).work()
        except ServiceError as error:
            told.append(error)

    chore = threading.Thread(target=work)
    chore.start()
    while not load(town, job).done:
        time.sleep(0.05)
    [child] = Path(f"/proc/{os.getpid()}/task/{chore.native_id}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)
    chore.join(30)
    assert not chore.is_alive() and len(told) == 1
    ImportWork(town.register, stopping).work()
    ended = load(town, job)
    assert (ended.state, ended.recorded, ended.refused) == (State.FINISHED, ROWS - 1, 1)
    check_whole(town, ended)


def test_files_and_rows_are_deleted_after_their_time_and_the_counts_stay(town: Town) -> None:
    job = run_job(town.recorder, begin(town, atomic=False).id)
    clear_away(town.register)
    assert file_of(town.settings, job.id).exists()
    town.clock.move(days=31)
    clear_away(town.register)
    kept = load(town, job)
    assert list(file_of(town.settings, job.id).parent.iterdir()) == []
    assert (kept.has_rows, kept.recorded, kept.refused) == (False, ROWS - 1, 1)
    with pytest.raises(NotFoundError, match="deleted"):
        list(result_rows(town.register, kept))
    with town.register.read() as reader:
        assert jobs.load_outcomes(reader.connection, job.id, 0) == []
