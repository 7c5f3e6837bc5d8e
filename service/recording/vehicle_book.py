"""Which packs are in which vehicle, while events are judged. Without a vault no vehicle is known."""

from collections.abc import Iterable, Mapping
from itertools import chain

from sqlalchemy import Connection

from ledger.entry import parse_entry, parse_hash
from service.db.store import SqlReader
from service.db.views import load_states
from service.domain.bodies import EraseValues
from service.domain.events import Event
from service.domain.states import UNKNOWN_VEHICLE, BatteryState
from service.private.values import Cabinet, find_rows
from service.private.vehicles import find_packs, save_slots, vehicle_token

Slots = dict[str, bytes | None]
"""By code, the vehicle that a pack entered since the commit began; None: it left, or its VIN was erased."""


class VehicleBook:
    """The vehicles that a commit's events name, and the packs in them."""

    def __init__(self, connection: Connection, cabinet: Cabinet) -> None:
        self._connection = connection
        self._secrets = cabinet.connection
        self._vault = cabinet.vault
        self._tokens: dict[str, bytes] = {}
        self._stored: dict[bytes, frozenset[str]] = {}
        self._slots: Slots = {}
        self._replaying = cabinet.replaying
        self._committed: dict[str, str | None] = {}

    def look_up(self, events: Iterable[Event], others: Iterable[str | None] = ()) -> None:
        """Learn which packs are in the vehicles that these events name, in `others`, and by VINs that are erased."""
        told = list(events)
        vehicles = chain((event.vehicle for event in told), others)
        tokens = {token for vehicle in vehicles if (token := self._token(vehicle)) is not None}
        if tokens:
            self._stored = find_packs(self._connection, tokens)
        erased = [text for event in told if isinstance(event.body, EraseValues) for text in event.body.commitments]
        if erased and not self._replaying:
            self._look_up_erased(erased)

    def fitted(self, vehicle: str | None) -> frozenset[str]:
        """The packs in a vehicle; none where its VIN is not known."""
        token = self._token(vehicle)
        if token is None:
            return frozenset()
        stored = {code for code in self._stored.get(token, ()) if code not in self._slots}
        return frozenset(stored | {code for code, each in self._slots.items() if each == token})

    def note(self, event: Event, before: Mapping[str, BatteryState], after: Mapping[str, BatteryState]) -> None:
        """Take in who entered or left a vehicle by an accepted event, or whose VIN it erases."""
        for code, state in after.items():
            known = before.get(code)
            if (known.vehicle if known else None) != state.vehicle:
                self._slots[code] = self._token(state.vehicle)
            self._committed[code] = dict(state.committed).get("vehicle")
        if isinstance(event.body, EraseValues):
            erased = set(event.body.commitments)
            self._slots |= {code: None for code, commitment in self._committed.items() if commitment in erased}

    def save(self, connection: Connection) -> None:
        """Store who is in which vehicle now."""
        if self._slots and self._vault is not None:
            save_slots(connection, sorted(self._slots.items()))

    def mark(self) -> tuple[Slots, dict[str, str | None]]:
        """Remember the present point."""
        return dict(self._slots), dict(self._committed)

    def back_to(self, mark: tuple[Slots, dict[str, str | None]]) -> None:
        """Forget what came since."""
        self._slots, self._committed = dict(mark[0]), dict(mark[1])

    def _look_up_erased(self, commitments: Iterable[str]) -> None:
        """Learn which packs are in a vehicle by the very entries whose VINs are erased: a swap names two of them."""
        rows = find_rows(self._secrets, [parse_hash(text) for text in commitments])
        entries = SqlReader(self._secrets).entries_at(sorted({row.idx for row in rows if row.name == "vin"}))
        codes = {code for entry in entries.values() for code in parse_entry(entry).event.subjects}
        for code, state in load_states(self._connection, sorted(codes)).items():
            self._committed[code] = dict(state.committed).get("vehicle")

    def _token(self, vehicle: str | None) -> bytes | None:
        if vehicle is None or vehicle == UNKNOWN_VEHICLE or self._vault is None:
            return None
        token = self._tokens.get(vehicle)
        if token is None:
            if not self._tokens:
                self._vault.attach(self._secrets)
            token = self._tokens[vehicle] = vehicle_token(self._vault, vehicle)
        return token
