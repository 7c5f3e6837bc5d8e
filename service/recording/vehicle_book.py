"""Which packs are in which vehicle, while events are judged. Without a vault no vehicle is known."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from service.domain.bodies import EraseValues
from service.domain.events import Event
from service.domain.states import UNKNOWN_VEHICLE, BatteryState
from service.private.values import Cabinet
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

    def look_up(self, events: Iterable[Event]) -> None:
        """Learn which packs are in the vehicles that these events name."""
        tokens = {token for event in events if (token := self._token(event.vehicle)) is not None}
        if tokens:
            self._stored = find_packs(self._connection, tokens)

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
            elif isinstance(event.body, EraseValues) and dict(state.committed).get("vehicle") in event.body.commitments:
                self._slots[code] = None

    def save(self, connection: Connection) -> None:
        """Store who is in which vehicle now."""
        if self._slots and self._vault is not None:
            save_slots(connection, sorted(self._slots.items()))

    def mark(self) -> Slots:
        """Remember the present point."""
        return dict(self._slots)

    def back_to(self, mark: Slots) -> None:
        """Forget what came since."""
        self._slots = dict(mark)

    def _token(self, vehicle: str | None) -> bytes | None:
        if vehicle is None or vehicle == UNKNOWN_VEHICLE or self._vault is None:
            return None
        token = self._tokens.get(vehicle)
        if token is None:
            if not self._tokens:
                self._vault.attach(self._secrets)
            token = self._tokens[vehicle] = vehicle_token(self._vault, vehicle)
        return token
