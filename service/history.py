"""One battery: what it is now, and everything that was recorded of it, with proofs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ledger.entry import parse_entry
from ledger.epoch import look_up
from ledger.map import Lookup
from ledger.receipt import Receipt
from service.absence import find_absence
from service.access import Caller
from service.accounted import accounted_in
from service.db.listings import find_listings
from service.domain.events import KINDS
from service.domain.roles import Role
from service.domain.states import BatteryState, Model
from service.domain.wholes import STEPS, seen_with_its_whole, wholes_of
from service.errors import UnknownBatteryError
from service.parties import Parties
from service.recording.listings import load_known
from service.recording.registry import Operator, Registry
from service.work import ProvenEntry, Register, RegisterReader

CORRECT = "correct"
MAX_STEPS = 1000
"""Steps shown at once; a battery that lives longer is read in pages of the log."""


@dataclass(frozen=True, slots=True)
class BatteryNow:
    """The present state, as of the register's first `size` entries, which `checkpoint` signs.

    wholes: what it is built into, from near to far, where that was looked for.
    """

    code: str
    state: BatteryState
    model: Model | None
    maker: Operator | None
    size: int
    checkpoint: bytes
    wholes: tuple[BatteryState, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a battery's life. `public`: its kind may be told to everyone, its body never without leave.

    `corrected_by`: the id of the newest event that corrects it. `disputed`: the key that signed it is said to have been
    in wrong hands. `private`: restricted values beside the entry, where asked for; see `service.private.shown`.
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
    corrected_by: str | None = None
    private: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completeness:
    """What proves that nothing was left out: the entry that commits to the register's map, and the lookup under it."""

    commitment: ProvenEntry
    at: datetime
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class History:
    """A battery's life so far, oldest step first, all proofs under the checkpoint of `now`.

    `count`: of all entries that name it. `accounted`: of a part that the dismantling of its whole has in a run, that
    entry, which does not name it. `declared`: for a module or cell that was listed with its pack, the entry that
    lists it, which names the pack only; it comes before the steps. `complete` is missing where the register has no map
    yet.
    """

    now: BatteryNow
    steps: tuple[Step, ...]
    count: int
    complete: Completeness | None
    declared: Step | None = None
    accounted: Step | None = None

    def public_steps(self) -> tuple[Step, ...]:
        """What anyone who scans the battery may see to have happened."""
        return tuple(step for step in self.steps if step.public)


def battery_now(register: Register, code: str) -> BatteryNow:
    """The present state. Raises UnknownBatteryError."""
    with register.read() as reader:
        return _now(register, reader, code)


def battery_history(register: Register, code: str, *, limit: int = MAX_STEPS) -> History:
    """State and steps as of one moment. Raises UnknownBatteryError."""
    with register.read() as reader:
        now = _now(register, reader, code)
        registry = register.current_registry(reader.connection)
        indexes = [index for index in reader.history(code) if index < now.size]
        proven = reader.all_proven(indexes[:limit])
        declared = [reader.proven(index) for index in find_listings(reader.connection, [code]).values()]
        apart = [reader.proven(index) for index in accounted_in(reader, code, indexes) if index < now.size]
        complete = _complete(reader, code)
    steps = _marked(_step(seq, found, registry) for seq, found in enumerate(proven, 1))
    listing, ending = (_step(0, found[0], registry) if found else None for found in (declared, apart))
    return History(now, steps, len(indexes), complete, listing, ending)


def _marked(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps, each with the correction that follows it, if any."""
    told = tuple(steps)
    corrected = {step.event["body"]["event_id"]: step.event["id"] for step in told if step.kind == CORRECT}
    return tuple(replace(s, corrected_by=corrected[s.event["id"]]) if s.event["id"] in corrected else s for s in told)


def _step(seq: int, found: ProvenEntry, registry: Registry) -> Step:
    entry = parse_entry(found.entry)
    kind = KINDS.get(entry.event.type)
    return Step(
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


def may_read_all(caller: Caller | None, history: History, registry: Registry) -> bool:
    """Whether the caller sees events whole: who took part in this battery's life, regulators and the authority."""
    if caller is None or "read" not in caller.scopes:
        return False
    others = [history.accounted] if history.accounted else []
    parties = Parties(history.now.state, frozenset(step.actor for step in (*history.steps, *others)))
    return registry.is_supervisor(caller.operator) or parties.took_part(caller.operator)


def _complete(reader: RegisterReader, code: str) -> Completeness | None:
    answer = look_up(reader, code)
    if answer is None:
        return None
    commitment = reader.proven(answer.index)
    return Completeness(commitment, parse_entry(commitment.entry).at, answer.lookup)


def _wholes(reader: RegisterReader, state: BatteryState, registry: Registry) -> dict[str, BatteryState]:
    """What a part is built into, up to the pack."""
    wholes: dict[str, BatteryState] = {}
    parent = state.parent
    while parent is not None and parent not in wholes and len(wholes) < STEPS:
        known = load_known(reader.connection, [parent], registry.models)
        wholes |= known
        parent = known[parent].parent if parent in known else None
    return wholes


def _now(register: Register, reader: RegisterReader, code: str) -> BatteryNow:
    size, note = reader.size(), reader.checkpoint()
    registry = register.current_registry(reader.connection)
    state = load_known(reader.connection, [code], registry.models).get(code)
    if state is None:
        raise UnknownBatteryError(f"{code} is not in this register", find_absence(reader, code))
    around = _wholes(reader, state, registry)
    wholes = tuple(seen_with_its_whole(each, around) for each in wholes_of(state, around))
    state = seen_with_its_whole(state, around)
    model = registry.models.get(state.model_id) if state.model_id else None
    return BatteryNow(code, state, model, registry.operators.get(state.maker), size, note, wholes)
