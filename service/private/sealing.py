"""Sealing what older versions kept unsealed beside the log. It happens once, when the register is opened.

They also kept a stand-in of the vehicle with the state of each battery; in its place goes the commitment to its VIN.
"""

from sqlalchemy import Connection, select

from ledger.entry import Event, format_hash, parse_entry
from ledger.errors import LedgerError
from service.db import tables
from service.db.store import SqlReader
from service.db.views import load_states, save_states
from service.domain.states import BatteryState
from service.keys.vault import Vault
from service.private.commitments import commitments_of, make_private
from service.private.values import Cabinet, Kept, subject_of

MARK = b'_commitment":"'
_ENTERS = {"install": 0, "swap": 1}
"""Which subject of these events enters the vehicle."""


def is_unsealed(connection: Connection) -> bool:
    """Whether values of an older version wait to be sealed."""
    return connection.execute(select(tables.unsealed_value.c.commitment).limit(1)).first() is not None


def seal_old(connection: Connection, vault: Vault) -> int:
    """Seal them under keys of their batteries; gives their number. Reads all entries, once."""
    rows = {bytes(row.commitment): row for row in connection.execute(select(tables.unsealed_value))}
    reader, kept, vehicles = SqlReader(connection), list[Kept](), dict[str, str]()
    for index, data in enumerate(reader.entries(0, reader.size())):
        if MARK not in data:
            continue
        event = parse_entry(data).event
        for name, commitment in _commitments(event).items():
            if (row := rows.pop(commitment, None)) is not None:
                kept.append(Kept(make_private(name, row.value, bytes(row.salt)), subject_of(event), index))
            if name == "vin" and event.type in _ENTERS:
                vehicles[event.subjects[_ENTERS[event.type]]] = format_hash(commitment)
    Cabinet(connection, vault).keep(kept)
    connection.execute(tables.unsealed_value.delete())
    states = {code: state for code, state in load_states(connection, list(vehicles)).items() if state.vehicle}
    save_states(connection, {code: _in_vehicle(state, vehicles[code]) for code, state in states.items()})
    return len(kept)


def _in_vehicle(state: BatteryState, commitment: str) -> BatteryState:
    committed = dict(state.committed) | {"vehicle": commitment}
    return state.changed({"committed": tuple(sorted(committed.items()))})


def _commitments(event: Event) -> dict[str, bytes]:
    try:
        return commitments_of(event)
    except LedgerError:
        return {}
