"""What became of the rows of a batch, packed: recorded rows as numbers, others with the reason.

A batch is JSON of one list a row, packed by zlib:
    [row, "recorded", index]    [row, "unchanged", index]    [row, "refused", [[pointer, code, en, zh, source], ...]]
    [row, "accepted"]           [row, "undecided"]           [row, "not_tried"]
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson

from service.errors import ConflictError, Fault, FaultyError, ServiceError

MOST_FAULTS = 20
"""Of those of a row that are kept."""


class Status(StrEnum):
    """accepted: by a dry run. undecided: by a dry run, because earlier rows of the file are about the same battery."""

    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    UNDECIDED = "undecided"
    NOT_TRIED = "not_tried"


STATUS_ZH = {
    Status.RECORDED: "已记录",
    Status.UNCHANGED: "此前已记录",
    Status.REFUSED: "被拒绝",
    Status.ACCEPTED: "可以记录",
    Status.UNDECIDED: "无法预判",
    Status.NOT_TRIED: "未处理",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """row: as the file's own program counts. index: of the entry."""

    row: int
    status: Status
    index: int | None = None
    faults: tuple[Fault, ...] = ()


def refused(row: int, error: ServiceError) -> Outcome:
    """The outcome of a row whose event was refused."""
    return Outcome(row, Status.REFUSED, faults=faults_of(error))


def faults_of(error: ServiceError) -> tuple[Fault, ...]:
    """What was wrong, never empty."""
    if isinstance(error, FaultyError) and error.faults:
        return error.faults[:MOST_FAULTS]
    zh = "与已记录内容冲突" if isinstance(error, ConflictError) else "无权执行此操作"
    return (Fault("", "conflict" if isinstance(error, ConflictError) else "not-permitted", str(error), zh),)


def count(outcomes: Iterable[Outcome], status: Status) -> int:
    """How many of these have that status."""
    return sum(1 for each in outcomes if each.status is status)


def pack(outcomes: Sequence[Outcome]) -> bytes:
    """The outcomes of a batch as they are stored."""
    return zlib.compress(orjson.dumps([_row(each) for each in outcomes]), 1)


def unpack(packed: bytes) -> list[Outcome]:
    """The inverse of `pack`."""
    return [_outcome(*row) for row in orjson.loads(zlib.decompress(packed))]


def _row(each: Outcome) -> list[object]:
    if each.faults:
        faults = [[f.pointer, f.code, f.message_en, f.message_zh, f.source] for f in each.faults]
        return [each.row, each.status.value, faults]
    return [each.row, each.status.value] if each.index is None else [each.row, each.status.value, each.index]


def _outcome(row: int, status: str, detail: object = None) -> Outcome:
    if isinstance(detail, list):
        return Outcome(row, Status(status), faults=tuple(Fault(*each) for each in detail))
    return Outcome(row, Status(status), detail if isinstance(detail, int) else None)
