"""Opening the file of a job: what it is, what its columns mean, which rows it has.

Looking at a file reads all of it, once. So what is wrong with it as a whole is found before anything is recorded, and
from then on its rows are kept beside it.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from ledger.entry import format_time
from service.imports import jobs
from service.imports.columns import Column, read_columns
from service.imports.errors import FileRefusedError
from service.imports.jobs import Job, State
from service.imports.kept_rows import KeptRows, NotKeptError, RowsWriter
from service.imports.kinds import CONTENTS
from service.imports.limits import Limits
from service.imports.rows import Rows
from service.imports.sniffing import Encoding, Form, sniff_encoding, sniff_form
from service.imports.storing import opened, rows_of
from service.imports.text_rows import CsvRows, NdjsonRows
from service.imports.xlsx_rows import XlsxRows
from service.limits.quotas import QuotaError, take_quota
from service.operators import desk
from service.work import Register

TICK = 5_000
Tick = Callable[[int], None]


def open_rows(stream: BinaryIO, form: Form, encoding: Encoding, limits: Limits) -> Rows:
    """The rows of a file. Raises FileRefusedError."""
    match form:
        case Form.XLSX:
            return XlsxRows(stream, limits)
        case Form.NDJSON:
            return NdjsonRows(stream, limits)
    return CsvRows(stream, encoding, limits)


def look_at(register: Register, job: Job, tick: Tick | None = None) -> Job:
    """The job after its file was looked at; changes nothing where it was before. Raises FileRefusedError."""
    if job.form:
        return job
    limits = register.settings.imports
    with opened(register.settings, register.vault, job.id) as stream:
        form = sniff_form(stream)
        encoding = Encoding.UTF_8 if form is Form.XLSX else sniff_encoding(stream)
        if form is Form.NDJSON and encoding is not Encoding.UTF_8:
            raise FileRefusedError("encoding", "NDJSON is UTF-8", "NDJSON文件应为UTF-8编码")
        rows = open_rows(stream, form, encoding, limits)
        try:
            columns = _columns(register, job, rows)
        except FileRefusedError:
            _note_header(register, job, form, encoding, rows)
            raise
        total = _keep(register, job.id, rows, tick)
    _check_rows(register, job, form, total)
    if not job.dry_run:
        _take_rows(register, job.operator, total)
    pairs = tuple((column.header, column.text) for column in columns)
    with register.write_beside() as connection:
        jobs.change_job(
            connection, job.id, form=form.value, encoding="" if form is Form.XLSX else encoding.value, columns=pairs,
            total=total, state=State.RUNNING, started_at=format_time(register.clock()),
        )  # fmt: skip
        if columns:
            named = {column.header: column.text for column in columns if not column.header.startswith("packtrail_")}
            jobs.remember(connection, job.operator, job.content, named)
        return jobs.load_job(connection, job.id)


def kept_rows(register: Register, job: Job) -> KeptRows:
    """The rows of a job whose file was looked at. Raises NotFoundError where the file was deleted."""
    file = rows_of(register.settings, job.id)
    with suppress(NotKeptError):
        return KeptRows(file, register.vault)
    with opened(register.settings, register.vault, job.id) as stream:
        form, encoding = Form(job.form), Encoding(job.encoding or "utf-8")
        _keep(register, job.id, open_rows(stream, form, encoding, register.settings.imports))
    return KeptRows(file, register.vault)


def columns_of(job: Job) -> tuple[Column, ...]:
    """The columns of a job whose file was looked at."""
    return read_columns(CONTENTS[job.content], [header for header, _ in job.columns], dict(job.columns))


def _columns(register: Register, job: Job, rows: Rows) -> tuple[Column, ...]:
    """By what the operator says now, else by what the headers say, else by what it said before."""
    if not rows.header:
        return ()
    with register.read() as reader:
        before = jobs.remembered(reader.connection, job.operator, job.content)
    given = dict(job.columns)
    if strangers := [header for header in given if header not in rows.header]:
        named = ", ".join(repr(each[:80]) for each in strangers[:20])
        en, zh = f"columns are mapped that the file does not have: {named}", f"映射中的列在文件中不存在：{named}"
        raise FileRefusedError("columns", en, zh)
    return read_columns(CONTENTS[job.content], rows.header, before | given)


def _note_header(register: Register, job: Job, form: Form, encoding: Encoding, rows: Rows) -> None:
    """Keep what is known of a file whose columns are not understood, for whoever says what they mean."""
    told = "" if form is Form.XLSX else encoding.value
    columns = tuple((header, "") for header in rows.header)
    with register.write_beside() as connection:
        jobs.change_job(connection, job.id, form=form.value, encoding=told, columns=columns)


def _keep(register: Register, id_: str, rows: Rows, tick: Tick | None = None) -> int:
    """Keep the rows beside the file; gives how many there are."""
    most, count = register.settings.imports.rows, 0
    writer = RowsWriter(rows_of(register.settings, id_), register.vault)
    try:
        for row in rows:
            count += 1
            if count > most:
                en, zh = f"more than {most:,} rows: split the file", f"超过{most:,}行，请拆分文件"
                raise FileRefusedError("rows", en, zh, row=row.number)
            writer.add(row)
            if tick and count % TICK == 0:
                tick(count)
        writer.finish()
    finally:
        writer.close()
    return count


def _take_rows(register: Register, operator: str, total: int) -> None:
    """Count the rows against what the operator may import in a day."""
    try:
        take_quota(register, "import_rows", operator, total)
    except QuotaError as error:
        [fault] = error.faults
        raise FileRefusedError(fault.code, fault.message_en, fault.message_zh) from None


def _check_rows(register: Register, job: Job, form: Form, total: int) -> None:
    most = register.settings.imports.atomic_rows
    if not total:
        raise FileRefusedError("empty", "the file has no rows", "文件没有数据行")
    if job.atomic and not job.dry_run and total > most:
        en = (
            f"all or nothing is for {most:,} rows at most; this file has {total:,}: try it with a dry run, then record "
        )
        zh = f"“全部或全不”最多{most:,}行，该文件有{total:,}行：请先试运行，再选择“仅合格行”，或拆分文件"
        raise FileRefusedError("atomic-rows", en + "the good rows, or split the file", zh)
    if form is not Form.NDJSON and desk(register).held_key(job.operator) is None:
        en = "the service holds no key of this operator to sign with: have one made, or send signed events as NDJSON"
        raise FileRefusedError(
            "custody", en, "本登记簿未托管该经营者的密钥，无法签名：请先创建托管密钥，或以NDJSON提交已签名事件"
        )
