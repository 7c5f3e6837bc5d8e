"""The register's map of its batteries: committed to in time, by the authority's key that the service holds.

The commitment is an ordinary entry. It goes in before what a commit brings when much came since the last one, and by
a chore when the last one is some time ago. Where the authority keeps all its keys to itself the register has no map,
and histories say so.
"""

import os
from collections.abc import Callable
from datetime import datetime, timedelta

from ledger.entry import EVENT_VERSION, build_event, format_time
from ledger.epoch import is_map_due, is_map_full
from ledger.log import Submission
from ledger.map import COMMIT_MAP, MAP_SPAN, Commitment
from ledger.signing.jws import EventSigner, sign_event
from ledger.store import Batch
from service.db.store import SqlTransaction
from service.domain.uuid7 import make_uuid7
from service.recording.registry import Registry
from service.witnessing.guard import require_abreast, require_not_behind_pin
from service.work import Register


def commit_if_full(register: Register, tx: SqlTransaction, registry: Registry) -> Batch | None:
    """Append a commitment to the map in `tx` if much came since the last one."""
    state = tx.state()
    batch = _commit(register, tx, registry) if is_map_full(state) else None
    if batch is None and state.size - state.merged >= MAP_SPAN:
        tx.merge()
    return batch


def keep_map(register: Register) -> None:
    """The chore: commit to the map when it is due though nobody records anything. Raises BusyError."""
    wait = timedelta(seconds=register.settings.map_seconds)
    with register.read() as reader:
        if not is_map_due(reader.state(), register.clock(), wait):
            return
    commit_map(register)


def commit_map(register: Register) -> bool:
    """Commit to the map as it is now, due or not; false where nobody may sign it. Raises BusyError."""
    require_abreast(register)
    with register.store.append() as tx:
        register.require_pinned()
        require_not_behind_pin(register.settings, tx.size())
        batch = _commit(register, tx, register.current_registry(tx.connection))
    if batch is not None:
        register.pin(batch.state.checkpoint)
    return batch is not None


def _commit(register: Register, tx: SqlTransaction, registry: Registry) -> Batch | None:
    kid = registry.held.get(registry.authority)
    if kid is None:
        return None
    signer = register.vault.signer(tx.connection, kid)
    log = register.log_of(registry)
    return log.append_map(tx, register.clock(), _maker(log.origin, signer))


def _maker(origin: str, signer: EventSigner) -> Callable[[Commitment, datetime], Submission]:
    def make(commitment: Commitment, at: datetime) -> Submission:
        members = {
            "actor": signer.header.operator,
            "body": commitment.body(),
            "id": make_uuid7(int(at.timestamp() * 1000), os.urandom(10)),
            "log": origin,
            "occurred_at": format_time(at),
            "subjects": [],
            "type": COMMIT_MAP,
            "v": EVENT_VERSION,
        }
        event = build_event(members)
        return Submission(event, sign_event(event.data, signer))

    return make
