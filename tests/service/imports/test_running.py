"""Doing a job: what is recorded, what is refused and why, and counts that add up whatever happens."""

import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.entry import build_event, parse_entry
from ledger.signing.jws import sign_event
from service.imports import jobs
from service.imports.errors import FileRefusedError
from service.imports.jobs import Job, State
from service.imports.outcomes import Status
from service.imports.results import result_rows, write_csv, write_ndjson
from service.imports.running import BATCH, Run, StoppedError, run_job
from service.imports.storing import Ask, file_of, take_in
from service.imports.templates import csv_template
from tests.service.conftest import later
from tests.service.imports.packs import HEADER, OWN, import_bytes, load, pack_file, pack_row, sum_of
from tests.service.imports.workbooks import text_row, workbook
from tests.service.town import WORKSHOP, Town, committed, copy_town, module, pack, usual_body


def statuses(town: Town, job: Job) -> list[Status]:
    return [outcome.status for _, outcome in result_rows(town.register, job)]


def limited(town: Town, **limits: int) -> None:
    """The town with other limits."""
    changed = dataclasses.replace(town.settings, imports=dataclasses.replace(town.settings.imports, **limits))
    town.settings = town.register.settings = changed


def test_good_rows_are_recorded_and_each_row_has_its_outcome(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    data = pack_file(range(1, 4), pack_row(4, mass="1E5"), pack_row(1), pack_row(5))
    job = import_bytes(town, data)
    assert (job.state, job.total, job.done, job.recorded, job.refused) == (State.FINISHED, 6, 6, 4, 2)
    assert (job.form, job.encoding) == ("csv", "utf-8")
    found = list(result_rows(town.register, job))
    assert [(row.number, outcome.row) for row, outcome in found] == [(n, n) for n in range(2, 8)]
    for row, outcome in found:
        if outcome.index is not None:
            event = parse_entry(town.entries()[outcome.index]).event
            assert (event.subjects[0], event.type) == (row.cells[0], "register")
    assert [each.faults[0].code for _, each in found if each.faults] == ["scientific", "already-registered"]
    assert town.size() == before + 4


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_what_is_read_is_what_is_recorded(town: Town, encoding: str) -> None:
    job = import_bytes(town, pack_file([1]).decode().encode(encoding))
    [(_, outcome)] = result_rows(town.register, job)
    assert outcome.index is not None
    event = parse_entry(town.entries()[outcome.index]).event
    assert event.body == usual_body("register", {"mass_g": 300_500})
    assert event.data.count(b"2026-05-01T04:00:00.000Z") == 1
    assert job.encoding == ("gb18030" if encoding == "gb18030" else "utf-8")


def test_a_workbook_is_imported_like_the_same_csv(town: Town) -> None:
    rows = [text_row(1, *HEADER.split(","))] + [text_row(n + 1, *pack_row(n).split(",")) for n in (1, 2)]
    job = import_bytes(town, workbook(rows))
    assert (job.state, job.form, job.recorded) == (State.FINISHED, "xlsx", 2)


def test_all_or_nothing_is_nothing_where_one_row_is_refused(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    for bad in (pack_row(9, mass="1E5"), pack_row(9, code=pack(1)), pack_row(1)):
        job = import_bytes(town, pack_file(range(1, 6), bad), atomic=True)
        assert (job.state, job.recorded, job.refused, job.not_tried) == (State.FINISHED, 0, 1, 5)
        assert statuses(town, job) == [Status.NOT_TRIED] * 5 + [Status.REFUSED]
    assert town.size() == before
    whole = import_bytes(town, pack_file(range(1, 6)), atomic=True)
    assert (whole.recorded, town.size()) == (5, before + 5)


def test_all_or_nothing_has_a_limit_that_is_told_before_anything_is_done(town: Town) -> None:
    limited(town, atomic_rows=3)
    job = import_bytes(town, pack_file(range(1, 5)), atomic=True)
    assert (job.state, job.recorded, job.not_tried) == (State.FAILED, 0, 0)
    assert job.error is not None and job.error["code"] == "atomic-rows" and "试运行" in job.error["zh"]


def test_a_dry_run_tells_the_same_and_records_nothing(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    data = pack_file(range(1, 4), pack_row(4, mass="x"), pack_row(1), pack_row(8, code=pack(1)))
    dry = import_bytes(town, data, dry_run=True)
    assert (dry.recorded, dry.refused, town.size()) == (3, 3, before)
    real = import_bytes(town, data)
    assert (real.recorded, real.refused) == (3, 3)
    told = [[each.faults for _, each in result_rows(town.register, job)] for job in (dry, real)]
    assert told[0] == told[1]


def test_a_dry_run_in_stretches_says_what_it_cannot_decide(town: Town) -> None:
    limited(town, atomic_rows=2)
    rows = ["type,code,time,model_id,mass_g,capacity_mah,energy_wh,made_on,site,vin,odometer_km"]
    code = pack(OWN + 1)
    rows += [f"register,{code},2026-05-01 12:00,CQ-150,300000,150000,52000,2026-02-26,a,,"]
    rows += [f"register,{pack(OWN + n)},2026-05-01 12:00,CQ-150,300000,150000,52000,2026-02-26,a,," for n in (2, 3)]
    rows += [f"register,{code},2026-05-01 12:00,CQ-150,300000,150000,52000,2026-02-26,a,,"]
    job = import_bytes(town, "\n".join(rows).encode(), "events", dry_run=True)
    assert statuses(town, job) == [Status.ACCEPTED] * 3 + [Status.UNDECIDED]
    assert (job.recorded, job.undecided, sum_of(job)) == (3, 1, 4)


def test_the_same_file_is_recognised_by_its_bytes_unless_it_is_wanted_again(town: Town) -> None:
    data = pack_file(range(1, 3))
    dry = import_bytes(town, data, dry_run=True)
    first = import_bytes(town, data)
    assert first.id != dry.id
    asked = Ask("cq-cells", "packs", "other.csv", atomic=False)
    again = take_in(town.register, asked, [data])
    assert again.again and again.job.id == first.id
    assert not take_in(town.register, dataclasses.replace(asked, operator="cq-motors"), [data]).again
    assert not take_in(town.register, asked, [data + b"\r\n"]).again
    once_more = import_bytes(town, data, again=True)
    assert (once_more.recorded, once_more.refused) == (0, 2)


def test_columns_are_remembered_for_the_operator_and_the_content(town: Town) -> None:
    strange = pack_file([1]).decode().replace("质量（千克）", "重量").replace(HEADER[:4], "编号")
    refused = import_bytes(town, strange.encode())
    assert refused.error is not None and "'编号', '重量'" in refused.error["en"]
    told = import_bytes(town, strange.encode(), columns={"编号": "电池编码", "重量": "质量（千克）"})
    assert told.recorded == 1
    assert dict(told.columns)["重量"] == "mass_g [kg]"
    assert import_bytes(town, strange.replace("5000001", "5000002").encode()).recorded == 1
    other = import_bytes(town, strange.encode(), operator="cq-motors")
    assert other.state is State.FAILED


def test_events_of_several_kinds_stand_in_one_file(town: Town) -> None:
    code = pack(OWN + 1)
    data = f"""业务类型,{HEADER},车辆（车架号）,行驶里程,颜色
登记,{code},2026-05-01 12:00,CQ-150,300,150000,52000,2026-02-26,厂,,,
Installed in a vehicle,{code},2026-05-01 13:00,,,,,,,LSVAU2A34N2183294,12,
draw,{code},2026-05-01 13:00,,,,,,,,,
"""
    job = import_bytes(town, data.encode(), "events", columns={"颜色": ""})
    assert statuses(town, job) == [Status.RECORDED, Status.REFUSED, Status.REFUSED]
    faults = [each.faults[0].code for _, each in result_rows(town.register, job) if each.faults]
    assert faults == ["role", "kind"]
    motors = import_bytes(town, data.encode(), "events", operator="cq-motors", columns={"颜色": ""})
    assert statuses(town, motors) == [Status.REFUSED, Status.RECORDED, Status.REFUSED]


def test_a_pack_is_registered_with_its_units(town: Town) -> None:
    head = f"{HEADER},模块.1.编码,模块.1.质量（千克）,模块.1.单体.1.起始编码,模块.1.单体.1.编码数量"
    head += ",模块.2.编码,模块.2.质量（千克）"
    first = "001CE12ABCDEFGG2R8000001"
    units = f"{module(800_001)},90,{first},8,{module(800_002)},90"
    job = import_bytes(town, f"{head}\n{pack_row(1)},{units}\n{pack_row(2)}\n".encode())
    assert job.recorded == 2, list(write_ndjson(town.register, job))
    kinds = [parse_entry(entry).event for entry in town.entries()[-2:]]
    assert [event.type for event in kinds] == ["register_pack", "register"]
    assert kinds[0].body["modules"][0]["cells"] == [{"first": first, "count": 8}]
    assert [each["mass_g"] for each in kinds[0].body["modules"]] == [90_000, 90_000]


def test_lines_of_json_may_be_events_fields_or_signed(town: Town) -> None:
    code, when = pack(1), "2026-05-01T05:00:00.000Z"
    members = town.members("cq-repair", "report_soh", code, full_cycles=702)
    told, private = committed(members)
    jws = sign_event(build_event(told).data, WORKSHOP)
    lines = [
        {"event": told, "jws": jws, "private": private},
        {"event": told | {"actor": "cq-cells"}, "jws": jws, "private": private},
        {"type": "report_soh", "code": code, "occurred_at": when, "full_cycles": 1},
        {"type": "set_deadline", "occurred_at": when, "body": {}},
        {"type": [], "code": [], "occurred_at": 1},
    ]
    data = b"\n".join(map(orjson.dumps, lines))
    job = import_bytes(town, data, "events", operator="cq-repair")
    assert statuses(town, job) == [Status.RECORDED, *[Status.REFUSED] * 4]
    codes = [each.faults[0].code for _, each in result_rows(town.register, job) if each.faults]
    assert codes == ["actor", "custody", "kind", "kind"]
    again = import_bytes(town, data, "events", operator="cq-repair", again=True)
    assert statuses(town, again)[0] is Status.UNCHANGED


def test_without_a_key_in_custody_a_table_is_refused_as_a_whole(town: Town) -> None:
    job = import_bytes(town, pack_file([1]), operator="cq-repair")
    assert job.error is not None and job.error["code"] == "custody"


def test_a_job_that_is_stopped_goes_on_where_it_was(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    data = pack_file(range(1, 2 * BATCH + 501), pack_row(1))
    told: list[int] = []

    def note(phase: str, done: int, _: int) -> None:
        if phase == "recording":
            told.append(done)

    run = Run(stopping=lambda: len(told) >= 1, tick=note)
    taken = take_in(town.register, Ask("cq-cells", "packs", atomic=False), [data])
    with pytest.raises(StoppedError):
        run_job(town.recorder, taken.job.id, run)
    halfway = load(town, taken.job)
    assert (halfway.state, halfway.done, halfway.recorded) == (State.RUNNING, BATCH, BATCH)
    assert len(list(result_rows(town.register, halfway))) == BATCH
    job = run_job(town.recorder, taken.job.id)
    assert (job.state, job.recorded, job.refused) == (State.FINISHED, 2 * BATCH + 500, 1)
    assert town.size() >= before + 2 * BATCH + 500


def test_a_cancelled_job_says_which_rows_are_in(town: Town) -> None:
    data = pack_file(range(1, 2 * BATCH + 1))
    taken = take_in(town.register, Ask("cq-cells", "packs", atomic=False), [data])

    def cancel(phase: str, done: int, _: int) -> None:
        if phase == "recording":
            with town.register.write_beside() as connection:
                jobs.change_job(connection, taken.job.id, cancelled=1)

    job = run_job(town.recorder, taken.job.id, Run(tick=cancel))
    assert (job.state, job.recorded, job.not_tried, job.done) == (State.CANCELLED, BATCH, BATCH, 2 * BATCH)
    found = statuses(town, job)
    assert found == [Status.RECORDED] * BATCH + [Status.NOT_TRIED] * BATCH


@pytest.mark.slow
def test_two_processes_do_one_job_in_order(town: Town) -> None:
    count = 6 * BATCH + 7
    data = pack_file(range(1, count + 1))
    job = import_bytes(town, data, run=Run(processes=2))
    assert (job.state, job.recorded) == (State.FINISHED, count)
    indexes = [outcome.index for _, outcome in result_rows(town.register, job)]
    assert indexes == sorted(each for each in indexes if each is not None)


def test_a_file_that_breaks_off_is_refused_before_anything_is_recorded(town: Town) -> None:
    before = town.size()
    broken = (pack_file(range(1, 2_000)) + b'"open', pack_file([1]) + b"\xff\xfe")
    for data in (*broken, HEADER.encode(), csv_template("packs", "en")):
        job = import_bytes(town, data)
        assert (job.state, job.recorded, job.done) == (State.FAILED, 0, 0)
        assert job.error is not None and job.error["zh"]
    assert town.size() == before


def test_too_many_rows_and_too_many_jobs_are_refused(town: Town) -> None:
    limited(town, rows=3)
    job = import_bytes(town, pack_file(range(1, 5)))
    assert job.error is not None and (job.error["code"], job.error["row"]) == ("rows", 5)


def test_the_file_lies_sealed_and_nothing_of_it_is_left_when_it_is_refused(town: Town) -> None:
    limited(town, bytes=1_000)
    taken = take_in(town.register, Ask("cq-cells", "packs"), [pack_file([1])])
    assert "重庆".encode() not in file_of(town.settings, taken.job.id).read_bytes()
    with pytest.raises(FileRefusedError, match="more than 1,000 bytes"):
        take_in(town.register, Ask("cq-cells", "packs"), [b"x" * 600] * 2)
    assert [file.stem for file in file_of(town.settings, "x").parent.iterdir()] == [taken.job.id]
    run_job(town.recorder, taken.job.id)
    files = sorted(file_of(town.settings, "x").parent.iterdir())
    assert [file.suffix for file in files] == [".rows", ".sealed"]
    assert all("重庆".encode() not in file.read_bytes() for file in files)


def test_what_is_refused_can_be_put_right_and_sent_in_again(town: Town) -> None:
    data = pack_file([1], pack_row(2, mass="-1", site="=cmd|' /C calc'!A1"), pack_row(3, mass="1E5", site="+86"))
    job = import_bytes(town, data)
    told = b"".join(write_csv(town.register, job, only_refused=True)).decode("utf-8-sig")
    assert "'=cmd|" in told and "'+86" in told and ",-1," in told
    raw = b"".join(write_ndjson(town.register, job, only_refused=True))
    assert b'"=cmd|' in raw and b'"+86"' in raw
    mended = told.replace(",-1,", ",300,").replace(",1E5,", ",300,")
    again = import_bytes(town, mended.encode())
    assert again.recorded == 2, list(write_ndjson(town.register, again))
    assert [parse_entry(entry).event.body["site"] for entry in town.entries()[-2:]] == ["=cmd|' /C calc'!A1", "+86"]


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.sampled_from(("good", "bad", "twice", "blank")), min_size=1, max_size=12), atomic=st.booleans())
def test_counts_add_up_and_no_row_is_lost(counting_town: Town, rows: list[str], atomic: bool) -> None:
    town = counting_town
    written, next_ = [HEADER], int(town.size()) * 20
    for number, row in enumerate(rows):
        text = {"good": pack_row(next_ + number), "bad": pack_row(1, mass="?"), "twice": pack_row(1, code=pack(1))}
        written.append(text.get(row, ""))
    before = town.size()
    job = import_bytes(town, "\n".join(written).encode(), atomic=atomic, again=True)
    count = len([row for row in rows if row != "blank"])
    if not count:
        assert job.state is State.FAILED
        return
    assert sum_of(job) == job.done == job.total == count
    assert len(statuses(town, job)) == count
    assert town.size() == before + job.recorded
    assert job.recorded in (0, count) if atomic else job.recorded == rows.count("good")


@pytest.fixture(scope="module")
def counting_town(young_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    opened = Town(copy_town(young_folder, tmp_path_factory.mktemp("counting") / "data"), later())
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_end_as_a_finished_or_a_refused_job(counting_town: Town, data: bytes) -> None:
    try:
        job = import_bytes(counting_town, data, "events", again=True)
    except FileRefusedError:
        assert not data
        return
    assert job.state in (State.FINISHED, State.FAILED)
    assert io.BytesIO(b"".join(write_csv(counting_town.register, job))).read()
