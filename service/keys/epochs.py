"""A new epoch: how a register goes on whose newest entries are lost for ever, though others know their checkpoint.

Going on under the old origin would sign a second history. So the log takes another origin and other keys, and an entry
says how many entries were lost, with the signed checkpoint that proves it. Source: ledger/README.md, section 15.

What a crash leaves: before the commit, keys in the key file that sign nothing yet, and are taken up again; after it, a
pin of the epoch before, which the entry itself declares lost, and which the next start moves on.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from ledger.errors import MalformedError, RollbackError
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.note import Signer, open_note
from ledger.signing.keyring import NEW_EPOCH
from ledger.signing.keys import log_verifiers, read_head
from ledger.store import Batch
from service.db.store import SqlTransaction
from service.errors import ConflictError, NotFoundError
from service.keys import key_events
from service.keys.logkeys import add_log_keys, read_signing_keys
from service.pin import find_pin, root_of
from service.recording import registry as registries
from service.recording.own_entries import sign_own
from service.recording.registry import Registry
from service.witnessing.roll import forget_sizes
from service.work import Register

_NUMBERED = re.compile(r"/e[1-9][0-9]*\Z")


def begin_epoch(register: Register, lost: bytes, reason: str) -> tuple[Batch, Registry]:
    """Append the entry that starts the next epoch, after checkpoint `lost`; gives the batch and the registry after it.

    Raises ConflictError where nothing is lost or more is than `lost` says, RollbackError where the entries are not
    those that were signed: a new epoch is for what is missing, never for what was changed.
    """
    with register.store.append() as tx:
        registry = register.current_registry(tx.connection)
        head = _check_lost(register, tx, registry, lost)
        number = registry.epoch + 1
        origin = f"{_NUMBERED.sub('', registry.origin)}/e{number}"
        body = {
            "epoch": number,
            "kept": tx.size(),
            "log_keys": [signer.vkey for signer in _keys_for(register, origin)],
            "lost_checkpoint": lost.decode(),
            "origin": origin,
            "previous_origin": head.origin,
            "reason": reason,
        }
        kid = registry.held.get(registry.authority)
        if kid is None:
            raise NotFoundError(f"the service holds no key of {registry.authority}, and cannot sign for it")
        signer = register.vault.signer(tx.connection, kid)
        submission = sign_own(signer, NEW_EPOCH, body, origin=origin, now=register.clock())
        key_events.check_signer(registry, tx.size(), submission.event, signer.header)
        after = key_events.judge(registry, tx.size(), submission.event)
        batch = register.log_of(after).append(tx, [submission], register.clock())
        registries.save(tx.connection, submission.event, after)
        forget_sizes(tx.connection)
    register.registry = after
    register.pin(batch.state.checkpoint)
    return batch, after


def read_lost(register: Register, file: Path) -> bytes:
    """The checkpoint in `file`: a signed one, or what a rollback pin holds, signed once more.

    The pin's was signed before it was pinned; to say the same again forks nothing. Raises MalformedError.
    """
    data = file.read_bytes()
    try:
        read_head(data)
    except MalformedError as no_note:
        try:
            pin = find_pin(file)
        except RollbackError:  # nor is it a pin
            raise no_note from None
        if pin is None or not pin.is_of(register.origin):
            raise
        return sign_checkpoint(Checkpoint(register.origin, pin.checkpoint.size, pin.checkpoint.root), register.signers)
    return data


def _check_lost(register: Register, tx: SqlTransaction, registry: Registry, lost: bytes) -> Checkpoint:
    head, size = read_head(lost), tx.size()
    if head.origin != registry.origin:
        raise ConflictError(f"the checkpoint is of {head.origin}, this register is {registry.origin}")
    open_note(lost, log_verifiers(registry.log_keys))
    signed = registry.ring.open_checkpoint(tx.checkpoint())
    if (signed.size, signed.root) != (size, root_of(tx, size)):
        raise RollbackError("the entries are not those that were signed: run packtrail verify")
    if head.size <= size:
        raise ConflictError(f"nothing is lost: the checkpoint signs {head.size} entries, the database holds {size}")
    pin = find_pin(register.settings.pin_file)
    if pin is None:
        return head
    if pin.epoch > registry.epoch:
        raise ConflictError(f"this copy is older than epoch {pin.epoch}, which began already: restore a newer one")
    if pin.checkpoint.size > head.size:
        raise ConflictError(
            f"{pin.checkpoint.size} entries were signed, the checkpoint given knows of {head.size}: give a newer one, "
            f"or the pin itself ({register.settings.pin_file})"
        )
    if pin.checkpoint.size <= size and root_of(tx, pin.checkpoint.size) != pin.checkpoint.root:
        raise RollbackError(f"the first {pin.checkpoint.size} entries are not those that were signed")
    return head


def _keys_for(register: Register, origin: str) -> Sequence[Signer]:
    """The keys of the new origin: those that an earlier attempt made, or new ones."""
    made = [signer for signer in read_signing_keys(register.settings) if signer.name == origin]
    return made or add_log_keys(register.settings, origin)
