"""From rows to admitted events: everything about a batch of rows that needs no lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ledger.signing.jws import Ed25519EventSigner
from service.domain.uuid7 import uuid7_time_ms
from service.errors import Fault, FaultyError, NotFoundError, NotPermittedError
from service.imports.building import Builder, RowError, Told
from service.imports.jobs import Job
from service.imports.kinds import CONTENTS
from service.imports.opening import columns_of
from service.imports.outcomes import Outcome, Status, refused
from service.imports.rows import Row
from service.operators import custody_signer, desk
from service.recording.admission import Admitted, Desk
from service.work import Register


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch. places: of the rows that were admitted, in their order; outcomes: of the others, by place."""

    rows: Sequence[int]
    admitted: Sequence[Admitted]
    places: Sequence[int]
    outcomes: dict[int, Outcome]


class Preparer:
    """Prepares the rows of one job."""

    def __init__(self, register: Register, job: Job) -> None:
        self._register, self._job = register, job
        ms = uuid7_time_ms(job.id)
        self.builder = Builder(CONTENTS[job.content], columns_of(job), job=job.id, at=job.created_at, ms=ms)

    def prepare(self, rows: Sequence[Row]) -> Prepared:
        """Read, complete and sign a batch of rows, or say what is wrong with each."""
        counter = _Counter(self._register, self._job.operator)
        admitted, places, outcomes = [], [], {}
        for at, row in enumerate(rows):
            try:
                admitted.append(counter.admit(self.builder.build(row)))
                places.append(at)
            except RowError as error:
                outcomes[at] = Outcome(row.number, Status.REFUSED, faults=error.faults)
            except FaultyError as error:
                outcomes[at] = refused(row.number, error)
        return Prepared([row.number for row in rows], admitted, places, outcomes)


class _Counter:
    """The desk for one batch, and who stands before it."""

    def __init__(self, register: Register, operator: str) -> None:
        self._register, self._operator = register, operator
        self._desk: Desk = desk(register)

    def admit(self, told: Told) -> Admitted:
        if told.jws is None:
            signer = self._signer
            return self._desk.admit_custodial(told.members, told.private, operator=self._operator, signer=signer)
        if told.members.get("actor") != self._operator:
            en = f"the import is of {self._operator}, which is not the actor of the event"
            raise NotPermittedError(
                en, [Fault("/actor", "actor", en, f"导入任务属于{self._operator}，与事件的主体不符")]
            )
        return self._desk.admit_signed(told.members, told.jws, told.private)

    @cached_property
    def _signer(self) -> Ed25519EventSigner:
        try:
            return custody_signer(self._register, self._desk, self._operator)
        except NotFoundError as error:
            fault = Fault("/jws", "custody", str(error), "本登记簿未托管该经营者的密钥，请提交已签名的事件")
            raise NotPermittedError(str(error), [fault]) from None
