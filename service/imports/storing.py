"""Taking a file in: it is written to the data folder, sealed, while it comes, and becomes a job.

A file that its operator had recorded before, byte for byte and as the same content, gives the job of that time.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ledger.entry import format_time
from service.domain.uuid7 import make_uuid7
from service.errors import NotFoundError
from service.imports import jobs
from service.imports.errors import FileRefusedError
from service.imports.jobs import Job, State
from service.imports.sealed_file import SealingWriter, open_sealed
from service.keys.vault import Vault
from service.settings import Settings
from service.work import Register

FOLDER = "imports"
KINDS = (".sealed", ".rows")
"""Of files in that folder. Others are of a process that ended while it wrote."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What an operator wants done with a file. columns: by header, what it means. again: also if it was done before."""

    operator: str
    content: str
    name: str = ""
    atomic: bool = True
    dry_run: bool = False
    again: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """again: the job is of an earlier time."""

    job: Job
    again: bool = False


def take_in(register: Register, ask: Ask, pieces: Iterable[bytes]) -> Taken:
    """Store a file and what is to be done with it. Raises FileRefusedError for one that is too large."""
    now = register.clock()
    id_ = make_uuid7(int(now.timestamp() * 1000), os.urandom(10))
    file = file_of(register.settings, id_)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        writer = _write(file, register, pieces)
        job = Job(
            id=id_, operator=ask.operator, content=ask.content, name=_clean(ask.name), digest=writer.digest,
            bytes=writer.size, atomic=ask.atomic, dry_run=ask.dry_run, state=State.WAITING, cancelled=False, form="",
            encoding="", columns=tuple(ask.columns.items()), total=-1, done=0, recorded=0, unchanged=0, refused=0,
            undecided=0, not_tried=0, error=None, created_at=format_time(now), started_at="", finished_at="",
            has_rows=True,
        )  # fmt: skip
        with register.write_beside() as connection:
            same = (
                None if ask.again or ask.dry_run else jobs.find_same(connection, ask.operator, ask.content, job.digest)
            )
            if same is None:
                check_open(jobs.count_open(connection, ask.operator), register.settings.imports.waiting)
                jobs.add_job(connection, job)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    if same is not None:
        file.unlink(missing_ok=True)
        return Taken(same, again=True)
    return Taken(job)


def file_of(settings: Settings, id_: str) -> Path:
    """Where the file of a job is; `id_` is one that was looked up."""
    return settings.data / FOLDER / f"{id_}.sealed"


def rows_of(settings: Settings, id_: str) -> Path:
    """Where the rows of that file are kept once it was looked at."""
    return settings.data / FOLDER / f"{id_}.rows"


def delete_files(settings: Settings, id_: str) -> None:
    """Delete the file of a job and its rows."""
    for file in (file_of(settings, id_), rows_of(settings, id_)):
        file.unlink(missing_ok=True)


@contextmanager
def opened(settings: Settings, vault: Vault, id_: str) -> Iterator[BinaryIO]:
    """The file of a job. Raises NotFoundError where it was deleted, or stands on another host."""
    try:
        stream = open_sealed(file_of(settings, id_), vault)
    except FileNotFoundError:
        raise NotFoundError(f"the file of import {id_} is not here any more") from None
    with stream:
        yield stream


@contextmanager
def claimed(settings: Settings, id_: str) -> Iterator[bool]:
    """Whether the job is this process's to do, as long as the block lasts. The kernel frees that of one that dies."""
    try:
        descriptor = os.open(file_of(settings, id_), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _write(file: Path, register: Register, pieces: Iterable[bytes]) -> SealingWriter:
    most = register.settings.imports.bytes
    writer = SealingWriter(file, register.vault)
    try:
        for piece in pieces:
            if writer.size + len(piece) > most:
                raise FileRefusedError("too-large", f"the file has more than {most:,} bytes", f"文件超过{most:,}字节")
            writer.write(piece)
        writer.finish()
    finally:
        writer.close()
    if not writer.size:
        raise FileRefusedError("empty", "the file is empty", "文件为空")
    return writer


def check_open(open_: int, most: int) -> None:
    """Raise FileRefusedError where an operator has as many jobs that have not ended as it may have."""
    if open_ >= most:
        en = f"{most} imports of yours have not ended yet: wait for one of them, or cancel it"
        raise FileRefusedError("waiting", en, f"已有{most}个导入任务未结束，请等待或取消其中一个")


def _clean(name: str) -> str:
    """The name of a file as it is shown: without folders, without characters that nobody sees."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in plain if letter.isprintable())[:200]
