"""Recording: admitted events become entries, all that are waiting in one commit.

Each request thread queues its job and tries for the process's turn. Whoever has it commits everything that is queued,
its own and others', and the others find their answers ready. One refused event never fails its neighbours, unless its
sender asked for all or nothing. Under the log's lock only what depends on the state is left to judge.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from ledger.log import batch_receipts, moment_of_receipt
from ledger.receipt import Receipt, format_receipt
from ledger.shared_receipts import SharedReceipts
from ledger.store import Batch
from service.db.store import SqlTransaction
from service.errors import ConflictError, ServiceError
from service.failpoints import reach
from service.private.commitments import same_event
from service.private.disclosure import is_told_again
from service.private.values import Cabinet, Kept, subject_of
from service.recording.admission import Admitted
from service.recording.judging import Docket, Mark
from service.recording.mapping import commit_if_full
from service.recording.registry import Registry
from service.witnessing.guard import require_abreast, require_not_behind_pin
from service.work import Register

MAX_BATCH = 2000
"""Events in one commit: bounds how long the lock is held."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event that is in the register. `replayed`: it already was. The receipt is made when it is asked for."""

    index: int
    leaf_hash: bytes
    entry: bytes
    receipts: SharedReceipts | Receipt = field(repr=False, compare=False)
    replayed: bool = False

    @property
    def receipt(self) -> Receipt:
        """The proof that the entry is in the register, under a signed checkpoint."""
        found = self.receipts
        return found if isinstance(found, Receipt) else found.receipt(self.index)

    @property
    def proof(self) -> str:
        """The receipt as text."""
        found = self.receipts
        return format_receipt(found).decode() if isinstance(found, Receipt) else found.text(self.index)


Outcome = Recorded | ServiceError


class SparedError(ConflictError):
    """Nothing stands against the event itself: another one of the same all-or-nothing batch was refused."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands in the register. `again`: it did before this commit."""

    index: int
    again: bool


Beside = Callable[[Connection, Sequence[Place | ServiceError]], None]
"""What a sender stores in the very commit that records its events, told what became of each."""


@dataclass(eq=False)
class _Job:
    events: Sequence[Admitted]
    atomic: bool
    beside: Beside | None = None
    done: threading.Event = field(default_factory=threading.Event)
    outcomes: list[Outcome] = field(default_factory=list)
    failure: BaseException | None = None
    batch: Batch | None = None
    accepted: dict[int, int] = field(default_factory=dict)
    shared: dict[int, int] = field(default_factory=dict)
    replayed: dict[int, int] = field(default_factory=dict)
    refused: dict[int, ServiceError] = field(default_factory=dict)


class Recorder:
    """The one way into the log, shared by all threads of a process."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._queue: list[_Job] = []
        self._guard = threading.Lock()
        self._turn = threading.Lock()

    def record(
        self, events: Sequence[Admitted], *, atomic: bool = False, beside: Beside | None = None
    ) -> list[Outcome]:
        """Record events in order; gives for each its receipt or the reason it was refused.

        `beside` is called before the commit, even where no event is accepted; what it raises undoes all of it.
        Returns after the commit. Raises BusyError, and has stored nothing, when the lock is not to be had.
        """
        require_abreast(self.register)
        job = _Job(events, atomic, beside)
        with self._guard:
            self._queue.append(job)
        with self._turn:
            if not job.done.is_set():
                self._commit(self._take(job))
        if job.failure is not None:
            raise job.failure
        return self._answer(job)

    def _take(self, own: _Job) -> list[_Job]:
        """Own job and as many of the waiting ones as fit into one commit, oldest first."""
        with self._guard:
            taken, size = [own], len(own.events)
            for job in self._queue:
                if job is not own and size + len(job.events) <= MAX_BATCH:
                    taken.append(job)
                    size += len(job.events)
            self._queue = [job for job in self._queue if job not in taken]
        return taken

    def _commit(self, jobs: list[_Job]) -> None:
        try:
            with self.register.store.append() as tx:
                reach("locked")
                batch, registry = self._write(tx, jobs)
                reach("written")
            self.register.registry = registry  # only now: a commit that failed must leave no trace in memory either
            if batch is not None:
                reach("committed")
                self.register.pin(batch.state.checkpoint)
                reach("pinned")
        except BaseException as error:
            for job in jobs:
                job.failure = error
                job.done.set()
            raise
        for job in jobs:
            job.batch = batch
            job.done.set()

    def _write(self, tx: SqlTransaction, jobs: list[_Job]) -> tuple[Batch | None, Registry]:
        register = self.register
        everything = [item for job in jobs for item in job.events]
        register.require_pinned()
        require_not_behind_pin(register.settings, tx.size())
        registry = register.current_registry(tx.connection)
        mapped = commit_if_full(register, tx, registry)
        cabinet = Cabinet(tx.connection, register.vault)
        sitting = _Sitting(
            docket=Docket.open(tx.connection, registry, everything, size=tx.size(), cabinet=cabinet),
            known=tx.find([item.submission.event.id for item in everything]),
            is_in=lambda index, item: _holds(tx.entry(index), item, cabinet),
            now=moment_of_receipt(tx.state(), register.clock()),
        )
        for job in jobs:
            sitting.judge(job)
        if not sitting.accepted:
            _settle(tx, jobs, first=tx.size())
            return mapped, registry
        log = register.log_of(sitting.docket.registry)
        batch = log.append(tx, [item.submission for item in sitting.accepted], sitting.now)
        reach("signed")
        sitting.docket.save(tx.connection)
        cabinet.keep(_kept(sitting.accepted, batch.first))
        _settle(tx, jobs, first=batch.first)
        return batch, sitting.docket.registry

    def _answer(self, job: _Job) -> list[Outcome]:
        outcomes: dict[int, Outcome] = dict(job.refused)
        if job.batch is not None:
            batch, receipts = job.batch, batch_receipts(job.batch)
            for places, again in ((job.accepted, False), (job.shared, True)):
                for position, offset in places.items():
                    index = batch.first + offset
                    entry, leaf = batch.entries[offset], batch.leaf_hashes[offset]
                    outcomes[position] = Recorded(index, leaf, entry, receipts, replayed=again)
        for position, index in job.replayed.items():
            outcomes[position] = self._replay(job.events[position], index)
        return [outcomes[position] for position in range(len(job.events))]

    def _replay(self, item: Admitted, index: int) -> Outcome:
        """The answer that the event got when it was recorded, under the newest checkpoint."""
        with self.register.read() as reader:
            found = reader.proven(index)
            holds = _holds(found.entry, item, Cabinet(reader.connection, self.register.vault))
        if not holds:
            return _taken(item, index)
        return Recorded(index, found.leaf_hash, found.entry, found.receipt, replayed=True)


@dataclass
class _Sitting:
    """The judging of one commit. `accepted` grows by what will be appended, `places` says where, by event id."""

    docket: Docket
    known: dict[str, int]
    is_in: Callable[[int, Admitted], bool]
    now: datetime
    accepted: list[Admitted] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def judge(self, job: _Job) -> None:
        """Sort a job's events into accepted, shared (the same event twice in this commit), replayed and refused."""
        mark, before = self.docket.mark() if job.atomic else None, len(self.accepted)
        for position, item in enumerate(job.events):
            id_ = item.submission.event.id
            if id_ in self.known:
                self._recall(job, position, item)
            elif id_ in self.places:
                self._share(job, position, item)
            else:
                try:
                    self.docket.judge(item, received_at=self.now)
                except ServiceError as error:
                    job.refused[position] = error
                else:
                    self.places[id_] = job.accepted[position] = len(self.accepted)
                    self.accepted.append(item)
        if mark is not None and job.refused:
            self._undo(job, mark, before)

    def _recall(self, job: _Job, position: int, item: Admitted) -> None:
        """The id is recorded. What it stands for is looked up after the commit, unless others hang on it."""
        index = self.known[item.submission.event.id]
        if (job.atomic or job.beside) and not self.is_in(index, item):
            job.refused[position] = _taken(item, index)
        else:
            job.replayed[position] = index

    def _share(self, job: _Job, position: int, item: Admitted) -> None:
        event, place = item.submission.event, self.places[item.submission.event.id]
        if _is_same(self.accepted[place], item):
            job.shared[position] = place
        else:
            job.refused[position] = ConflictError(f"event id {event.id} stands for another event of the same commit")

    def _undo(self, job: _Job, mark: Mark, before: int) -> None:
        """All or nothing, and it is nothing."""
        self.docket.back_to(mark, accepted=len(self.accepted) - before)
        for item in self.accepted[before:]:
            del self.places[item.submission.event.id]
        del self.accepted[before:]
        reason = "not recorded: another event of the same all-or-nothing batch was refused"
        undone = [position for position, place in (job.accepted | job.shared).items() if place >= before]
        for position in undone:
            job.refused[position] = SparedError(reason)
            job.accepted.pop(position, None)
            job.shared.pop(position, None)


def _settle(tx: SqlTransaction, jobs: Sequence[_Job], *, first: int) -> None:
    """Tell the senders that store something beside. `first` is the entry of the first event that was accepted."""
    for job in jobs:
        if job.beside is not None:
            found: dict[int, Place | ServiceError] = dict(job.refused)
            found |= {at: Place(first + offset, False) for at, offset in job.accepted.items()}
            found |= {at: Place(first + offset, True) for at, offset in job.shared.items()}
            found |= {at: Place(index, True) for at, index in job.replayed.items()}
            job.beside(tx.connection, [found[at] for at in range(len(job.events))])


def _holds(entry: bytes | None, item: Admitted, cabinet: Cabinet) -> bool:
    """Whether `entry` records this event. One that the service signs has other salts each time it is told."""
    event = item.submission.event
    if entry is None:
        return False
    if entry.startswith(b'{"event":' + event.data + b',"jws":'):
        return True
    return item.header.custodial and is_told_again(cabinet, entry, event, item.privates)


def _kept(items: Sequence[Admitted], first: int) -> list[Kept]:
    """The restricted values of these events, the first of which is entry `first`."""
    kept = []
    for n, item in enumerate(items, first):
        kept += [Kept(each, subject_of(item.submission.event), n) for each in item.privates]
    return kept


def _is_same(one: Admitted, other: Admitted) -> bool:
    ours, theirs = ({each.name: each.value for each in item.privates} for item in (one, other))
    if one.submission.event.data == other.submission.event.data:
        return True
    custodial = one.header.custodial and other.header.custodial
    return custodial and same_event(one.submission.event, other.submission.event, (ours, theirs))


def _taken(item: Admitted, index: int) -> ConflictError:
    return ConflictError(f"event id {item.submission.event.id} stands for another event, entry {index}", index=index)
