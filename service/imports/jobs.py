"""Import jobs as they are stored: begun, looked up, moved on batch by batch, ended, cleared away.

The counts of a job add up at any time: recorded + unchanged + refused + accepted + undecided + not_tried = done, and
done = total at the end, whatever way it ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, select

from ledger.entry import format_time
from service.db.import_tables import import_batch, import_job, import_mapping
from service.errors import NotFoundError
from service.imports.outcomes import Outcome, Status, count, pack, unpack

PAGE = 50
MOST_HEADERS = 2_000
"""Of those that are remembered for one operator and content."""


class State(StrEnum):
    """failed: the file was refused as a whole. What a job that did not finish recorded before stays recorded."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN = (State.WAITING.value, State.RUNNING.value)
_job = import_job.c
_batch = import_batch.c


@dataclass(frozen=True, slots=True)
class Job:
    """columns: header and path of each. error: `en` and `zh`, and the number of the row, if any. total: -1 for unknown.

    recorded: entries; of a dry run, the rows that would become some.
    """

    id: str
    operator: str
    content: str
    name: str
    digest: bytes
    bytes: int
    atomic: bool
    dry_run: bool
    state: State
    cancelled: bool
    form: str
    encoding: str
    columns: tuple[tuple[str, str], ...]
    total: int
    done: int
    recorded: int
    unchanged: int
    refused: int
    undecided: int
    not_tried: int
    error: Mapping[str, Any] | None
    created_at: str
    started_at: str
    finished_at: str
    has_rows: bool

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state.value in OPEN


def add_job(connection: Connection, job: Job) -> None:
    """Store a job that is to be done."""
    row = {column.name: getattr(job, column.name) for column in import_job.columns}
    row |= {"state": job.state.value, "columns": _dump(job.columns), "error": _dump(job.error)}
    row |= {name: int(row[name]) for name in ("atomic", "dry_run", "cancelled", "has_rows")}
    connection.execute(import_job.insert().values(row))


def load_job(connection: Connection, id_: str, *, operator: str | None = None) -> Job:
    """A job, of this operator where one is named. Raises NotFoundError."""
    query = select(import_job).where(_job.id == id_)
    if operator is not None:
        query = query.where(_job.operator == operator)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no import {id_}")
    return _read(row)


def is_known(connection: Connection, id_: str) -> bool:
    """Whether there is such a job, its rows still told."""
    return connection.execute(select(_job.id).where(_job.id == id_, _job.has_rows == 1)).first() is not None


def list_jobs(connection: Connection, operator: str, *, before: str | None = None, limit: int = PAGE) -> list[Job]:
    """The jobs of an operator, newest first, from the one before `before` on."""
    query = select(import_job).where(_job.operator == operator)
    if before is not None:
        query = query.where(_job.id < before)
    return [_read(row) for row in connection.execute(query.order_by(_job.id.desc()).limit(limit))]


def find_same(connection: Connection, operator: str, content: str, digest: bytes) -> Job | None:
    """The newest job that recorded this very file, or is about to."""
    wanted = (*OPEN, State.FINISHED.value)
    query = select(import_job).where(
        _job.operator == operator, _job.content == content, _job.digest == digest, _job.dry_run == 0
    )
    found = connection.execute(query.where(_job.state.in_(wanted)).order_by(_job.id.desc()).limit(1)).one_or_none()
    return None if found is None else _read(found)


def open_jobs(connection: Connection, operator: str | None = None) -> list[Job]:
    """The jobs that have not ended, oldest first."""
    query = select(import_job).where(_job.state.in_(OPEN)).order_by(_job.id)
    if operator is not None:
        query = query.where(_job.operator == operator)
    return [_read(row) for row in connection.execute(query)]


def change_job(connection: Connection, id_: str, **values: Any) -> None:
    """Set columns of a job."""
    if "columns" in values:
        values["columns"] = _dump(values["columns"])
    if "error" in values:
        values["error"] = _dump(values["error"])
    if "state" in values:
        values["state"] = values["state"].value
    connection.execute(import_job.update().where(_job.id == id_).values(**values))


def require_rows(job: Job) -> None:
    """Raises NotFoundError where what became of the rows was deleted, or they were never read."""
    if not job.has_rows:
        raise NotFoundError(f"what became of the rows of import {job.id} was deleted")


def add_batch(connection: Connection, id_: str, first: int, outcomes: Sequence[Outcome]) -> None:
    """Store what became of the rows from place `first` on, and move the job on, in one transaction."""
    refused = count(outcomes, Status.REFUSED)
    row = {"job": id_, "first": first, "rows": len(outcomes), "refused": refused, "outcomes": pack(outcomes)}
    connection.execute(import_batch.insert().values(row))
    recorded = count(outcomes, Status.RECORDED) + count(outcomes, Status.ACCEPTED)
    moved = {
        "done": first + len(outcomes),
        "recorded": _job.recorded + recorded,
        "unchanged": _job.unchanged + count(outcomes, Status.UNCHANGED),
        "refused": _job.refused + refused,
        "undecided": _job.undecided + count(outcomes, Status.UNDECIDED),
        "not_tried": _job.not_tried + count(outcomes, Status.NOT_TRIED),
    }
    connection.execute(import_job.update().where(_job.id == id_, _job.done == first).values(**moved))


def begin_again(connection: Connection, id_: str) -> Job:
    """Forget what became of the rows of a job that records nothing."""
    connection.execute(import_batch.delete().where(_batch.job == id_))
    change_job(
        connection, id_, **dict.fromkeys(("done", "recorded", "unchanged", "refused", "undecided", "not_tried"), 0)
    )
    return load_job(connection, id_)


def reopen(connection: Connection, id_: str, **values: Any) -> Job | None:
    """Have a job done anew, with columns of it set, as if its file had just been taken in; what was told is forgotten.

    None, and nothing changed, for one that has not ended, or has recorded anything.
    """
    idle = import_job.update().where(
        _job.id == id_, _job.state.not_in(OPEN), (_job.dry_run == 1) | (_job.recorded == 0)
    )
    if not connection.execute(idle.values(state=State.WAITING.value)).rowcount:
        return None
    begin_again(connection, id_)
    fresh = {
        "cancelled": 0,
        "form": "",
        "encoding": "",
        "total": -1,
        "error": None,
        "started_at": "",
        "finished_at": "",
    }
    change_job(connection, id_, **fresh, **values)
    return load_job(connection, id_)


def cancel_job(connection: Connection, id_: str) -> None:
    """Have a job end after the rows that are under way. One that has ended stays as it is."""
    connection.execute(import_job.update().where(_job.id == id_, _job.state.in_(OPEN)).values(cancelled=1))


def end_job(connection: Connection, id_: str, state: State, *, now: datetime, error: Mapping[str, Any] | None) -> None:
    """End a job. Rows that it did not come to were not tried."""
    job = load_job(connection, id_)
    left = max(0, job.total - job.done)
    ended = {"state": state, "finished_at": format_time(now), "error": error}
    change_job(connection, id_, not_tried=job.not_tried + left, done=job.done + left, **ended)


def load_outcomes(connection: Connection, id_: str, first: int) -> list[Outcome]:
    """What became of the rows of the batch that begins at place `first`; empty where there is none."""
    query = select(_batch.outcomes).where(_batch.job == id_, _batch.first == first)
    packed = connection.execute(query).scalar_one_or_none()
    return [] if packed is None else unpack(bytes(packed))


def find_outcomes(
    connection: Connection, id_: str, place: int, limit: int, *, only_refused: bool = False
) -> list[tuple[int, Outcome]]:
    """What became of at most `limit` rows from place `place` on, each with its place, counted from 0."""
    begin = select(func.max(_batch.first)).where(_batch.job == id_, _batch.first <= place).scalar_subquery()
    query = select(_batch.first, _batch.outcomes).where(_batch.job == id_, _batch.first >= func.coalesce(begin, 0))
    if only_refused:
        query = query.where(_batch.refused > 0)
    found: list[tuple[int, Outcome]] = []
    with connection.execute(query.order_by(_batch.first).execution_options(yield_per=1)) as batches:
        for first, packed in batches:
            told = enumerate(unpack(bytes(packed)), first)
            found += [
                (at, each) for at, each in told if at >= place and (each.status is Status.REFUSED or not only_refused)
            ]
            if len(found) >= limit:
                break
    return found[:limit]


def forget_rows(connection: Connection, *, before: str, limit: int) -> list[str]:
    """Delete what became of the rows of jobs that ended before a time; gives the jobs. Their counts stay."""
    query = select(_job.id).where(_job.has_rows == 1, _job.finished_at != "", _job.finished_at < before)
    ids = list(connection.execute(query.limit(limit)).scalars())
    if ids:
        connection.execute(import_batch.delete().where(_batch.job.in_(ids)))
        connection.execute(import_job.update().where(_job.id.in_(ids)).values(has_rows=0))
    return ids


def count_open(connection: Connection, operator: str) -> int:
    """How many jobs of an operator have not ended."""
    query = select(func.count()).select_from(import_job).where(_job.operator == operator, _job.state.in_(OPEN))
    return int(connection.execute(query).scalar_one())


def remembered(connection: Connection, operator: str, content: str) -> dict[str, str]:
    """How the operator's columns were read before: paths by header."""
    column = import_mapping.c
    query = select(column.columns).where(column.operator == operator, column.content == content)
    found = connection.execute(query).scalar_one_or_none()
    return {} if found is None else dict(orjson.loads(found))


def remember(connection: Connection, operator: str, content: str, columns: Mapping[str, str]) -> None:
    """Keep how these headers are read, beside those that are kept already."""
    column = import_mapping.c
    known = remembered(connection, operator, content)
    others = {header: path for header, path in known.items() if header not in columns}
    newest = dict([*columns.items(), *others.items()][:MOST_HEADERS])
    connection.execute(import_mapping.delete().where(column.operator == operator, column.content == content))
    row = {"operator": operator, "content": content, "columns": orjson.dumps(newest)}
    connection.execute(import_mapping.insert().values(row))


def _read(row: Row[Any]) -> Job:
    values = dict(row._mapping)
    values |= {name: bool(values[name]) for name in ("atomic", "dry_run", "cancelled", "has_rows")}
    values |= {"state": State(row.state), "digest": bytes(row.digest), "error": orjson.loads(row.error)}
    values["columns"] = tuple((header, path) for header, path in orjson.loads(row.columns))
    return Job(**values)


def _dump(value: object) -> bytes:
    return orjson.dumps(value)
