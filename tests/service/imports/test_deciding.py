"""What is decided about a file that was tried: it is done anew under its id, once, and never twice recorded."""

import pytest

from service.errors import ConflictError, NotFoundError
from service.imports import jobs
from service.imports.deciding import Decision, decide, is_open_to_decision
from service.imports.errors import FileRefusedError
from service.imports.jobs import Job, State
from service.imports.results import result_rows
from service.imports.running import run_job
from service.imports.storing import Ask, file_of, take_in
from tests.service.imports.packs import HEADER, import_bytes, load, pack_file, pack_row, sum_of
from tests.service.town import Town

OWNER = "cq-cells"
RECORD = Decision(dry_run=False, atomic=False)


def done(town: Town, job: Job, decision: Decision) -> Job:
    taken = decide(town.register, job.id, OWNER, decision)
    return run_job(town.recorder, taken.job.id)


def test_a_file_that_was_tried_is_recorded_under_its_id(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    job = import_bytes(town, pack_file([1, 2], pack_row(3, mass="1E5")), dry_run=True)
    assert (job.recorded, job.refused, town.size()) == (2, 1, before)
    ended = done(town, job, RECORD)
    assert (ended.id, ended.recorded, ended.refused, ended.dry_run) == (job.id, 2, 1, False)
    assert sum_of(ended) == ended.total == 3 and town.size() == before + 2
    assert [outcome.index for _, outcome in result_rows(town.register, ended)] == [before, before + 1, None]


def test_a_file_whose_columns_were_not_understood_tells_them_and_is_tried_again(town: Town) -> None:
    data = pack_file([1]).decode().replace("质量（千克）", "重量").encode("gb18030")
    job = import_bytes(town, data, dry_run=True)
    assert (job.state, job.form, job.encoding, job.total) == (State.FAILED, "csv", "gb18030", -1)
    assert [header for header, _ in job.columns] == HEADER.replace("质量（千克）", "重量").split(",")
    assert list(result_rows(town.register, job)) == []
    columns = {header: "质量（千克）" if header == "重量" else header for header, _ in job.columns}
    tried = done(town, job, Decision(dry_run=True, columns=columns))
    assert (tried.state, tried.recorded, tried.error, town.size()) == (State.FINISHED, 1, None, town.size())
    assert done(town, tried, RECORD).recorded == 1


def test_what_has_recorded_anything_is_under_way_or_gone_is_not_decided_about(town: Town) -> None:
    job = import_bytes(town, pack_file([1]), dry_run=True)
    decide(town.register, job.id, OWNER, RECORD)
    with pytest.raises(ConflictError):
        decide(town.register, job.id, OWNER, RECORD)
    assert run_job(town.recorder, job.id).recorded == 1
    with pytest.raises(ConflictError):
        decide(town.register, job.id, OWNER, RECORD)
    other = import_bytes(town, pack_file([2]), dry_run=True)
    with pytest.raises(NotFoundError):
        decide(town.register, other.id, "cq-lab", RECORD)
    file_of(town.settings, other.id).unlink()
    assert not is_open_to_decision(town.register, other)


def test_a_file_that_another_import_recorded_gives_that_one(town: Town) -> None:
    first = import_bytes(town, pack_file([1]))
    tried = import_bytes(town, pack_file([1]), dry_run=True)
    taken = decide(town.register, tried.id, OWNER, RECORD)
    assert (taken.job.id, taken.again) == (first.id, True)
    assert load(town, tried) == tried
    again = done(town, tried, Decision(dry_run=False, atomic=False, again=True))
    assert (again.id, again.recorded, again.refused) == (tried.id, 0, 1)


def test_a_decision_opens_no_more_jobs_than_an_operator_may_have(town: Town) -> None:
    job = import_bytes(town, pack_file([1]), dry_run=True)
    for _ in range(town.settings.imports.waiting):
        take_in(town.register, Ask(OWNER, "packs", dry_run=True), [b"x"])
    with pytest.raises(FileRefusedError):
        decide(town.register, job.id, OWNER, RECORD)
    with town.register.read() as reader:
        assert jobs.load_job(reader.connection, job.id).state is State.FINISHED
