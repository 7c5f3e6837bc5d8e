"""What is known of one battery after its events so far, and what is known of a model.

Four axes stand apart on purpose: where the battery is in its life (`op_state`), what it legally is (`life_status`, the
closed list of Regulation (EU) 2023/1542, Annex XIII, 4(c)), the status of its passport, and who has to do with it: who
has it in hand (`holder`), who owns it, who is responsible for it by law. Flags stand beside them.
A state is a value: rules read it, `lifecycle.decide` gives a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any, NamedTuple

from service.domain.bodies import PublishModel
from service.domain.words import Decision, Level


class OpState(StrEnum):
    REGISTERED = "REGISTERED"
    ASSEMBLED = "ASSEMBLED"
    INSTALLED = "INSTALLED"
    IN_USE = "IN_USE"
    IN_SWAP_POOL = "IN_SWAP_POOL"
    UNDER_SERVICE = "UNDER_SERVICE"
    REMOVED = "REMOVED"
    RETIRED = "RETIRED"
    COLLECTED = "COLLECTED"
    TESTED = "TESTED"
    DISMANTLED = "DISMANTLED"
    CONSUMED = "CONSUMED"
    RECYCLED = "RECYCLED"
    EXPORTED = "EXPORTED"
    LOST = "LOST"
    VOIDED = "VOIDED"


class LifeStatus(StrEnum):
    ORIGINAL = "original"
    RE_USED = "re-used"
    REPURPOSED = "repurposed"
    REMANUFACTURED = "remanufactured"
    WASTE = "waste"


class PassportStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"
    CEASED = "ceased"


COMMITTED = {"vehicle": "vin", "owner": "new_owner", "soce_ppm": "soce_ppm",
             "remaining_capacity_mah": "remaining_capacity_mah", "full_cycles": "full_cycles",
             "throughput_wh": "throughput_wh", "odometer_km": "odometer_km"}  # fmt: skip
"""The restricted values of a state, and the field of an event's body that each comes from."""
UNKNOWN_VEHICLE = "?"
"""Some vehicle, whose VIN is not at hand or was erased."""
TERMINAL = frozenset({OpState.RECYCLED, OpState.CONSUMED, OpState.VOIDED, OpState.DISMANTLED})
WHOLE_ENDS = frozenset({OpState.RECYCLED, OpState.CONSUMED, OpState.VOIDED})
"""How a battery ends together with all that is built into it; what is taken apart goes on under its own codes."""
UNSAFE = "unsafe"
QUARANTINED = "quarantined"
RECALLED = "recalled"
STOLEN = "stolen"
DISPUTED = "disputed"
BLOCKING_FLAGS = frozenset({UNSAFE, QUARANTINED, RECALLED, STOLEN})
"""What keeps a battery out of vehicles and off the market."""


class Model(NamedTuple):
    """A published model: who published it, and what was published."""

    maker: str
    body: PublishModel


class BatteryState(NamedTuple):
    """One battery now. A tuple, because every event reads one, makes one and writes one.

    holder: the operator who last had it. owner: an operator, or the pseudonym of somebody else; None where nobody told.
    responsible: the operator that answers for it by law. vehicle: stands for the vehicle it is in. parent: the code it
    is built into. handed_to: whom the holder says it gave it to, who has not confirmed. taken_from: who gave it
    according to the holder, and has not said so.
    committed: for each restricted value below that an event committed to, the field's name and the commitment. Such a
    value is not kept with the state: it is None (0 cycles, an unknown vehicle) until it is looked up beside the log.
    capacity_mah, energy_wh: as registered for this one; rated_*: of its model, which for a battery of a
    second life are its own. full_cycles, throughput_wh: the highest reported. count: how many events name it so far.
    resumes: the op_state it goes back to after service or from abroad. notices: the open ones, as kind/issuer/number.
    moved_at: when it last changed hands or op_state, None: with the newest event. measured_at: the newest measurement.
    seen_at: the newest event that took the battery itself and not only paper, None: the newest event. owned_at: when it
    last changed its owner.
    safe_at: when it last passed a safety test after a repair. labels: printed in all; labels_void: taken out of use.
    """

    code: str
    level: Level
    op_state: OpState
    life_status: LifeStatus
    passport: PassportStatus
    maker: str
    holder: str
    made_on: date
    mass_g: int
    capacity_mah: int
    energy_wh: int
    rated_capacity_mah: int
    rated_energy_wh: int
    count: int  # type: ignore[assignment]  # the field's word; tuple.count is of no use here
    last_occurred_at: datetime
    model_id: str | None = None
    gtin: str | None = None
    vehicle: str | None = None
    parent: str | None = None
    children: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    consumed_into: str | None = None
    soce_ppm: int | None = None
    remaining_capacity_mah: int | None = None
    full_cycles: int = 0
    repaired_since_soh: bool = False
    decision: Decision | None = None
    flags: tuple[str, ...] = ()
    committed: tuple[tuple[str, str], ...] = ()
    owner: str | None = None
    responsible: str | None = None
    handed_to: str | None = None
    taken_from: str | None = None
    resumes: OpState | None = None
    notices: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    void_asked: bool = False
    throughput_wh: int = 0
    odometer_km: int | None = None
    moved_at: datetime | None = None
    measured_at: datetime | None = None
    safe_at: datetime | None = None
    labels: int = 0
    labels_void: int = 0
    seen_at: datetime | None = None
    owned_at: datetime | None = None

    @property
    def since(self) -> datetime:
        """When it last changed hands or op_state."""
        return self.moved_at or self.last_occurred_at

    @property
    def seen(self) -> datetime:
        """The newest event that took the battery itself: its life cannot have ended before."""
        return self.seen_at or self.last_occurred_at

    def changed(self, changes: Mapping[str, Any]) -> BatteryState:
        """This state with some fields replaced. `_replace` takes four times as long."""
        values = list(self)
        for name, value in changes.items():
            values[_PLACES[name]] = value
        return _make(values)

    def to_mapping(self) -> dict[str, Any]:
        """Plain JSON types; what holds its default is left out, and what is committed to is left to its commitment."""
        return {name: _plain(value) for name, value in self.stored().items()}

    def stored(self) -> dict[str, Any]:
        """As `to_mapping`, before dates and lists become plain, which those who write JSON do faster."""
        mapping: dict[str, Any] = dict(zip(_NAMES, self[:_REQUIRED], strict=False))
        for name in _WORDS:
            mapping[name] = mapping[name].value
        for name, value, default in zip(_NAMES[_REQUIRED:], self[_REQUIRED:], _DEFAULTS, strict=True):
            if value is not default and value is not None and value != default:
                mapping[name] = value
        if self.committed:
            mapping["committed"] = committed = dict(self.committed)
            for name in committed:
                mapping.pop(name, None)
        return mapping

    @classmethod
    def from_mapping(cls, mapping: dict[str, Any]) -> BatteryState:
        """Inverse of `to_mapping`, which is the only source it trusts: nothing is checked."""
        values = list(_EMPTY)
        for name, value in mapping.items():
            read = _READ.get(name)
            values[_PLACES[name]] = value if read is None else read(value)
        if "vehicle" in mapping.get("committed", ()):
            values[_PLACES["vehicle"]] = UNKNOWN_VEHICLE
        return _make(values)

    def opened(self, values: Mapping[str, Any]) -> BatteryState:
        """This state with those values that it is committed to and that are known, by commitment."""
        known = {name: values[commitment] for name, commitment in self.committed if commitment in values}
        return self.changed(known) if known else self

    def disclosed(self) -> dict[str, Any]:
        """As `to_mapping`, with the values in place of their commitments: for those who may see all."""
        mapping = self.to_mapping()
        for name in mapping.pop("committed", {}):
            value = getattr(self, name)
            if value not in (None, UNKNOWN_VEHICLE):
                mapping[name] = value
        return mapping

    def current(self) -> dict[str, object]:
        """What may be told to an operator whose event this state refuses. Not the vehicle: it is restricted."""
        return {
            "code": self.code,
            "op_state": self.op_state.value,
            "life_status": self.life_status.value,
            "maker": self.maker,
            "model_id": self.model_id,
            "made_on": self.made_on.isoformat(),
            "holder": self.holder,
            "flags": list(self.flags),
            "in_vehicle": self.vehicle is not None,
            "parent": self.parent,
            "count": self.count,
            "last_occurred_at": self.last_occurred_at.isoformat(),
        }


_NAMES = BatteryState._fields
_PLACES = {name: place for place, name in enumerate(_NAMES)}
_DEFAULTS = tuple(BatteryState._field_defaults.values())
_REQUIRED = len(_NAMES) - len(_DEFAULTS)
_WORDS = ("level", "op_state", "life_status", "passport")
_MOMENTS = ("last_occurred_at", "moved_at", "measured_at", "safe_at", "seen_at", "owned_at")
_EMPTY = (None,) * _REQUIRED + _DEFAULTS
_make = BatteryState._make
_READ: Mapping[str, Callable[[Any], Any]] = {
    "level": {each.value: each for each in Level}.__getitem__,
    "op_state": {each.value: each for each in OpState}.__getitem__,
    "life_status": {each.value: each for each in LifeStatus}.__getitem__,
    "passport": {each.value: each for each in PassportStatus}.__getitem__,
    "resumes": {each.value: each for each in OpState}.__getitem__,
    "decision": Decision,
    "made_on": date.fromisoformat,
    **dict.fromkeys(_MOMENTS, datetime.fromisoformat),
    **dict.fromkeys(("children", "derived_from", "flags", "notices", "markets"), tuple),
    "committed": lambda committed: tuple(sorted(committed.items())),
}
"""How a field is read that is no plain JSON."""


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return list(value) if type(value) is tuple else value
