"""Labels that are printed: each print is recorded, with its template, how many and why again.

Up to MOST batteries make one job, which is recorded in one commit, all or nothing, in entries of up to 64 batteries.
The ids of its entries follow from that of the job: the same job sent again is recorded once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select, tuple_

from ledger.entry import format_time, parse_entry
from service.db.epcis_tables import event_facet
from service.domain.events import KINDS
from service.domain.states import BatteryState
from service.domain.uuid7 import make_uuid7, uuid7_time_ms
from service.errors import Fault, FaultyError, NotFoundError, RefusedError, ServiceError
from service.history import BatteryNow
from service.operators import custody_signer, desk
from service.recording.listings import load_known
from service.recording.recorder import Recorded, Recorder, SparedError
from service.work import Register

PRINT, VOID = "print_label", "void_label"
MOST = 2000
"""Batteries in one job: it holds the log's lock for one commit."""
PAGE, WALK = 50, 2000
"""Lines of a page of the log of prints; entries, of whatever operator, that are looked at for it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOGETHER = KINDS[PRINT].subjects.maximum
_c = event_facet.c


@dataclass(frozen=True, slots=True)
class PrintJob:
    """What `operator` prints. `id` is a UUIDv7, whose time is that of the print; `codes` are battery codes."""

    id: str
    operator: str
    codes: tuple[str, ...]
    template: str
    form: str
    copies: int = 1
    reprint_reason: str | None = None

    def with_template(self, template: str) -> "PrintJob":
        """The same job in this template."""
        return replace(self, template=template)

    def check(self) -> None:
        """Raises RefusedError where the same battery is named twice, or more than MOST."""
        if not 1 <= len(self.codes) <= MOST:
            raise _refused("/batteries", "count", f"a job has 1 to {MOST} batteries", f"每次任务为1至{MOST}个电池")
        if len(set(self.codes)) != len(self.codes):
            at = next(at for at, code in enumerate(self.codes) if code in self.codes[:at])
            raise _refused(f"/batteries/{at}", "repeated", f"{self.codes[at]} is named twice", f"{self.codes[at]}重复")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the log of prints, about `codes`; `body` is that of a print or of a voiding."""

    index: int
    kind: str
    id: str
    occurred_at: datetime
    codes: tuple[str, ...]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, newest first. `older`: from where the next page goes on, None where there is nothing more."""

    lines: tuple[Line, ...]
    older: str | None


def batteries_now(register: Register, codes: Sequence[str]) -> list[BatteryNow]:
    """The present state of each, in order, as of one moment. Raises NotFoundError that names the first unknown."""
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        size, note = reader.size(), reader.checkpoint()
        states = load_known(reader.connection, list(codes), registry.models)
    missing = [code for code in codes if code not in states]
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise NotFoundError(f"{missing[0]}{others} is not in this register: no label was made")

    def now(state: BatteryState) -> BatteryNow:
        model = registry.models.get(state.model_id) if state.model_id else None
        return BatteryNow(state.code, state, model, registry.operators.get(state.maker), size, note)

    return [now(states[code]) for code in codes]


def record_print(recorder: Recorder, job: PrintJob) -> list[Recorded]:
    """The entries of a job, all or none. Raises the reason of the first that is refused, with all faults.

    A fault points at the battery's place in the job. Raises NotFoundError where the service holds no key of the
    operator, which then records its prints itself.
    """
    job.check()
    register = recorder.register
    at = desk(register)
    signer = custody_signer(register, at, job.operator)
    events = [at.admit_custodial(each, {}, operator=job.operator, signer=signer) for each in _events(job)]
    outcomes = recorder.record(events, atomic=True)
    recorded = [outcome for outcome in outcomes if isinstance(outcome, Recorded)]
    if len(recorded) < len(outcomes):
        raise _joined(outcomes)
    return recorded


def print_log(register: Register, operator: str, *, before: str | None = None) -> Page:
    """What `operator` printed and voided, newest first. Raises RefusedError for a `before` that is none of ours."""
    place = _place(before)
    with register.read() as reader:
        walked = [row for kind in (PRINT, VOID) for row in _walk(reader.connection, kind, place)]
        walked.sort(reverse=True)
        walked = walked[:WALK]
        found = [row for row in walked if row[2] == operator][:PAGE]
        lines = tuple(_line(row[1], reader.entry(row[1]) or b"") for row in found)
    last = found[-1] if len(found) == PAGE else walked[-1] if len(walked) == WALK else None
    return Page(lines, f"{last[0]}-{last[1]}" if last else None)


def _walk(connection: Connection, kind: str, place: tuple[int, int] | None) -> Iterator[tuple[int, int, str]]:
    query = select(_c.occurred, _c.idx, _c.actor).where(_c.kind == kind)
    if place is not None:
        query = query.where(tuple_(_c.occurred, _c.idx) < place)
    for row in connection.execute(query.order_by(_c.occurred.desc(), _c.idx.desc()).limit(WALK)):
        yield row.occurred, row.idx, row.actor


def _line(index: int, data: bytes) -> Line:
    event = parse_entry(data).event
    return Line(index, event.type, event.id, event.occurred_at, tuple(event.subjects), dict(event.body))


def _place(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    parts = text.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
        raise _refused("/before", "cursor", "this is not from a page of this log", "不是本记录的翻页标记")
    return int(parts[0]), int(parts[1])


def _events(job: PrintJob) -> Iterator[dict[str, Any]]:
    ms = uuid7_time_ms(job.id)
    body: dict[str, Any] = {"template": job.template, "form": job.form, "copies": job.copies}
    if job.reprint_reason is not None:
        body["reprint_reason"] = job.reprint_reason
    for start in range(0, len(job.codes), _TOGETHER):
        id_ = make_uuid7(ms, sha256(f"{job.id} {start}".encode()).digest()[:10])
        subjects = list(job.codes[start : start + _TOGETHER])
        moment = format_time(_EPOCH + timedelta(milliseconds=ms))
        yield {"id": id_, "type": PRINT, "occurred_at": moment, "subjects": subjects, "body": body}


def _joined(outcomes: Sequence[Recorded | ServiceError]) -> ServiceError:
    """The first reason, with the faults of all, each pointing into the list of batteries."""
    faults: list[Fault] = []
    first: ServiceError | None = None
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Recorded | SparedError):
            continue
        first = first or outcome
        if isinstance(outcome, FaultyError):
            faults += [replace(fault, pointer=_pointer(fault.pointer, number)) for fault in outcome.faults]
    if isinstance(first, FaultyError):
        first.faults = tuple(faults)
    assert first is not None
    return first


def _pointer(pointer: str, number: int) -> str:
    if pointer.startswith("/subjects/"):
        return f"/batteries/{number * _TOGETHER + int(pointer.removeprefix('/subjects/'))}"
    return pointer.removeprefix("/body")


def _refused(pointer: str, code: str, en: str, zh: str) -> RefusedError:
    return RefusedError([Fault(pointer, code, en, zh)])
