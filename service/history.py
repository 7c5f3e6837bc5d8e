"""One battery: what it is now, and everything that was recorded of it, with proofs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.entry import parse_entry
from ledger.epoch import look_up
from ledger.map import Lookup
from ledger.receipt import Receipt
from service.access import Caller
from service.db import views
from service.domain.events import KINDS
from service.domain.gbt34014 import fold_code, parse_code
from service.domain.gs1 import parse_gtin, parse_serial
from service.domain.roles import Role
from service.domain.states import BatteryState, Model
from service.errors import NotFoundError
from service.recording.judging import gs1_identifier
from service.recording.registry import Operator, Registry
from service.work import ProvenEntry, Register, RegisterReader

MAX_STEPS = 1000
"""Steps shown at once; a battery that lives longer is read in pages of the log."""


@dataclass(frozen=True, slots=True)
class BatteryNow:
    """The present state, as of the register's first `size` entries, which `checkpoint` signs."""

    code: str
    state: BatteryState
    model: Model | None
    maker: Operator | None
    size: int
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a battery's life. `public`: its kind may be told to everyone, its body never without leave.

    `disputed`: the key that signed it is said to have been in wrong hands. `private`: restricted values beside the
    entry, where they were asked for; see `service.private.shown`.
    """

    seq: int
    index: int
    leaf_hash: bytes
    receipt: Receipt
    kind: str
    public: bool
    actor: str
    roles: frozenset[Role]
    occurred_at: datetime
    received_at: datetime
    event: Mapping[str, Any]
    entry: bytes
    disputed: bool = False
    private: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completeness:
    """What proves that nothing was left out: the entry that commits to the register's map, and the lookup under it."""

    commitment: ProvenEntry
    at: datetime
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class History:
    """A battery's life so far, oldest step first, all proofs under the checkpoint of `now`. `count`: of all steps.

    `complete` is missing where the register has no map yet.
    """

    now: BatteryNow
    steps: tuple[Step, ...]
    count: int
    complete: Completeness | None

    def public_steps(self) -> tuple[Step, ...]:
        """What anyone who scans the battery may see to have happened."""
        return tuple(step for step in self.steps if step.public)


def resolve_battery(register: Register, text: str) -> str:
    """The code of a battery from any of its identifiers: a GB/T 34014 code, or GTIN "/" serial.

    Typed codes are folded (case, full-width, blanks). Raises InvalidCode for what cannot be an identifier,
    NotFoundError for what is not in this register.
    """
    gtin, slash, serial = text.partition("/")
    with register.read() as reader:
        if slash:
            name = gs1_identifier(parse_gtin(gtin), parse_serial(serial))
            code = views.find_codes(reader.connection, [name]).get(name)
        else:
            code = parse_code(fold_code(text)).text
            if code not in views.load_states(reader.connection, [code]):
                code = None
    if code is None:
        raise NotFoundError(f"{text} is not in this register")
    return code


def battery_now(register: Register, code: str) -> BatteryNow:
    """The present state. Raises NotFoundError."""
    with register.read() as reader:
        return _now(register, reader, code)


def battery_history(register: Register, code: str, *, limit: int = MAX_STEPS) -> History:
    """State and steps as of one moment. Raises NotFoundError."""
    with register.read() as reader:
        now = _now(register, reader, code)
        registry = register.current_registry(reader.connection)
        indexes = [index for index in reader.history(code) if index < now.size]
        proven = reader.all_proven(indexes[:limit])
        complete = _complete(reader, code)
    steps = []
    for seq, found in enumerate(proven, 1):
        entry = parse_entry(found.entry)
        kind = KINDS.get(entry.event.type)
        steps.append(
            Step(
                seq=seq,
                index=found.index,
                leaf_hash=found.leaf_hash,
                receipt=found.receipt,
                kind=entry.event.type,
                public=kind is not None and kind.public,
                actor=entry.event.actor,
                roles=registry.roles_of(entry.event.actor),
                occurred_at=entry.event.occurred_at,
                received_at=entry.at,
                event={"id": entry.event.id, "subjects": entry.event.subjects, "body": entry.event.body},
                entry=found.entry,
                disputed=registry.ring.is_disputed(found.index, entry.jws.header.kid),
            )
        )
    return History(now, tuple(steps), len(indexes), complete)


def may_read_all(caller: Caller | None, history: History, registry: Registry) -> bool:
    """Whether the caller sees events whole: who took part in this battery's life, regulators and the authority."""
    if caller is None or "read" not in caller.scopes:
        return False
    if registry.roles_of(caller.operator) & {Role.REGULATOR, Role.AUTHORITY}:
        return True
    state = history.now.state
    parties = {state.maker, state.holder, *(step.actor for step in history.steps)}
    return caller.operator in parties


def _complete(reader: RegisterReader, code: str) -> Completeness | None:
    answer = look_up(reader, code)
    if answer is None:
        return None
    commitment = reader.proven(answer.index)
    return Completeness(commitment, parse_entry(commitment.entry).at, answer.lookup)


def _now(register: Register, reader: RegisterReader, code: str) -> BatteryNow:
    size, note = reader.size(), reader.checkpoint()
    state = views.load_states(reader.connection, [code]).get(code)
    if state is None:
        raise NotFoundError(f"{code} is not in this register")
    registry = register.current_registry(reader.connection)
    model = registry.models.get(state.model_id) if state.model_id else None
    return BatteryNow(code, state, model, registry.operators.get(state.maker), size, note)
