"""Files of packs, and short ways to import them."""

from collections.abc import Iterable
from typing import Any

from service.imports import jobs
from service.imports.jobs import Job
from service.imports.running import Run, run_job
from service.imports.storing import Ask, take_in
from tests.service.town import Town, pack

HEADER = "电池编码,发生时间,型号,质量（千克）,额定容量（毫安时）,额定能量（瓦时）,生产日期,生产厂"
WHEN = "2026-05-01 12:00"
OWN = 5_000_000
"""Codes from here on are not in the shared register."""


def pack_row(number: int, *, code: str = "", mass: str = "300.5", site: str = "重庆两江工厂") -> str:
    return f"{code or pack(OWN + number)},{WHEN},CQ-150,{mass},150000,52000,2026-02-26,{site}"


def pack_file(numbers: Iterable[int], *others: str) -> bytes:
    """A CSV of packs, and after them other rows."""
    return "\r\n".join([HEADER, *map(pack_row, numbers), *others, ""]).encode()


def import_bytes(town: Town, data: bytes, content: str = "packs", **more: Any) -> Job:
    """Take a file in and do it. more: as in Ask, and `run`."""
    run: Run | None = more.pop("run", None)
    asked = {"operator": "cq-cells", "atomic": False} | more
    taken = take_in(town.register, Ask(content=content, **asked), [data[:100], data[100:]])
    return taken.job if taken.again else run_job(town.recorder, taken.job.id, run)


def load(town: Town, job: Job) -> Job:
    with town.register.read() as reader:
        return jobs.load_job(reader.connection, job.id)


def sum_of(job: Job) -> int:
    return job.recorded + job.unchanged + job.refused + job.undecided + job.not_tried
