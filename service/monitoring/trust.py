"""Whether a checkpoint may be believed: the log's own signatures, and those of witnesses.

At first the given verifier keys vouch, all of them. Once all entries held were read, the keys in force are known from
them. A checkpoint then must bear, of each kind among the keys in force at the size held, the signature of one of them:
so a log may change its keys while the monitor runs, and whoever breaks one kind of key can not. The new keys then must
be those in force by the entries themselves (ledger/README.md, section 7). Keys that are given anew, none of which was
in force, vouch as at first: for a monitor that missed the change.
"""

from collections.abc import Sequence

from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.cosignature import cosignature_time
from ledger.notes.note import Verifier, open_note, split_note
from ledger.notes.policy import Policy
from ledger.notes.vkey import split_vkey
from ledger.signing.keyring import KeyRing
from ledger.signing.keys import LogKeys, log_verifiers, read_head
from service.errors import SettingsError
from service.monitoring.misbehaviour import Exhibit, Kind, MisbehaviourError
from service.monitoring.state import Head
from service.verification.remote import RemoteError


def open_shown(note: bytes, held: Head, given: Sequence[Verifier], ring: KeyRing | None) -> Checkpoint:
    """The checkpoint in `note`, if the log signed it; `ring` is that of all entries held, if these were read.

    Raises RemoteError for what is no checkpoint at all, MisbehaviourError for one that is not signed as it must be.
    """
    try:
        shown = read_head(note)
    except MalformedError as error:
        raise RemoteError(f"the answer is no checkpoint: {error}") from None
    try:
        if held.size and shown.origin != held.origin:
            raise SignatureError(
                f"the log {held.origin} is now called {shown.origin}: if it began a new epoch, entries were lost; "
                "look into that, then follow the new log with its new keys in a new state file"
            )
        keys = ring.log_keys_at(held.size) if ring and held.size else None
        if keys is not None and _goes_on(note, keys):
            return shown
        if keys is not None and any(key.vkey in keys.vkeys for key in given):
            raise SignatureError("the log has not signed this checkpoint with the keys that were in force")
        return open_checkpoint(note, given, origin=given[0].name, require_all=True)
    except LedgerError as error:
        raise MisbehaviourError(Kind.CHECKPOINT, f"checkpoint: {error}", Exhibit(note)) from None


def check_in_force(note: bytes, given: Sequence[Verifier], ring: KeyRing) -> None:
    """Hold a checkpoint to the keys that all its entries put in force, `given` among them. Raises MisbehaviourError."""
    try:
        ring.open_checkpoint(note, given)
    except LedgerError as error:
        raise MisbehaviourError(Kind.CONTENT, f"checkpoint: {error}", Exhibit(note)) from None


def check_given(given: Sequence[Verifier], ring: KeyRing) -> None:
    """Raise SettingsError if a key that is given was never one of the log's."""
    known = {(key.name, key.key_id) for keys in ring.log_keys for key in log_verifiers(keys)}
    for key in given:
        if known and (key.name, key.key_id) not in known:
            raise SettingsError(f"{key.name}+{key.key_id.hex()} is no key of the log that this state is about")


def witnesses_of(note: bytes, policy: Policy | None) -> tuple[str, ...]:
    """Who cosigned, of those the policy names. Raises LedgerError where that is not enough."""
    return policy.check(note) if policy else ()


def cosigned_at(note: bytes, policy: Policy | None) -> int:
    """Since when, in seconds since 1970, the checkpoint meets the policy by its newest cosignatures; 0 if never.

    The note's cosignatures must have been verified.
    """
    if policy is None:
        return 0
    names = {(each.verifier.name, each.verifier.key_id): each.name for each in policy.witnesses}
    times = sorted(
        ((cosignature_time(made), names[name, key]) for name, key, made in split_note(note)[1] if (name, key) in names),
        reverse=True,
    )
    cosigners: list[str] = []
    for time, name in times:
        cosigners.append(name)
        if policy.is_met(cosigners):
            return time
    return 0


def _goes_on(note: bytes, keys: LogKeys) -> bool:
    """Whether one of `keys` of each kind among them signed the note. Raises SignatureError for a wrong signature."""
    try:
        signed = open_note(note, log_verifiers(keys)).verified
    except SignatureError as error:
        if "no known key" in str(error):
            return False
        raise
    kinds = {(each.name, each.key_id): split_vkey(each.vkey)[1] for each in log_verifiers(keys)}
    return {kinds[each] for each in signed} == set(kinds.values())
