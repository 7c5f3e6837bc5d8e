"""Which key may sign what, at which index: known from the log's own entries, so that no one needs to be asked.

Rules, of which ledger/README.md has the whole (sections 5 and 15):
- Entry 0 is `open_log`. Its body names the authority's first key, its signature is by that key. The log's checkpoint
  signature over the entry is what ties that key to the log.
- A key is valid from the index after the entry that made it up to the one that ended it. A key id is used once.
- The actor of every event is the operator in its key id, its `log` the origin in force.
- Who may sign what about keys, epochs and maps stands in `MAY_SIGN`.

A ring that has read all entries answers for every index, so entries may be checked in any order once those of
`KEY_KINDS` were taken in, each checked before it is applied.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum, auto

from ledger.entry import Event
from ledger.errors import AuthorityError, SignatureError
from ledger.map import COMMIT_MAP
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import Verifier, open_note
from ledger.signing.jws import Jws, verify_event
from ledger.signing.keys import (
    Dispute,
    Epoch,
    Key,
    LogKeys,
    key_body,
    log_verifiers,
    parse_announcement,
    parse_dispute,
    parse_epoch,
    parse_key,
    parse_opening,
    parse_revocation,
    parse_rotation,
    read_head,
    verify_possession,
)
from ledger.verification.findings import Anchor

__all__ = ["Dispute", "Epoch", "Key", "KeyRing", "LogKeys", "key_body", "parse_key"]

OPEN_LOG = "open_log"
REGISTER_KEY = "register_key"
REVOKE_KEY = "revoke_key"
ROTATE_KEY = "rotate_key"
DISPUTE_KEY = "dispute_key"
ANNOUNCE_LOG_KEYS = "announce_log_keys"
NEW_EPOCH = "new_epoch"

KEY_KINDS = frozenset({OPEN_LOG, REGISTER_KEY, REVOKE_KEY, ROTATE_KEY, DISPUTE_KEY, ANNOUNCE_LOG_KEYS, NEW_EPOCH})
"""The kinds of entry that change a ring."""


class Who(Enum):
    """Who may sign an entry of the log's own kinds. Of other kinds, anyone with a valid key may."""

    AUTHORITY = auto()
    OWNER_OR_AUTHORITY = auto()
    REPLACED_KEY = auto()
    NOT_ITSELF = auto()
    """The owner or the authority, but with another key than the entry is about."""


MAY_SIGN: Mapping[str, Who] = {
    REGISTER_KEY: Who.OWNER_OR_AUTHORITY,
    REVOKE_KEY: Who.OWNER_OR_AUTHORITY,
    ROTATE_KEY: Who.REPLACED_KEY,
    DISPUTE_KEY: Who.NOT_ITSELF,
    ANNOUNCE_LOG_KEYS: Who.AUTHORITY,
    NEW_EPOCH: Who.AUTHORITY,
    COMMIT_MAP: Who.AUTHORITY,
}
"""`open_log` is signed by the key it names. Who may sign `erase_values` depends on the entries it is about."""
WITHOUT_SUBJECTS = KEY_KINDS | {COMMIT_MAP}


class KeyRing:
    """What the entries read so far say of keys, origins and disputes. Feed entries in index order."""

    def __init__(self) -> None:
        self.authority = ""
        self.keys: dict[str, Key] = {}
        self.epochs: list[Epoch] = []
        self.log_keys: list[LogKeys] = []
        self.disputes: list[Dispute] = []

    @property
    def origin(self) -> str:
        """The origin now in force, empty before the log is opened."""
        return self.epochs[-1].origin if self.epochs else ""

    def copy(self) -> "KeyRing":
        """A ring that may go on without this one."""
        ring = KeyRing()
        ring.authority, ring.keys = self.authority, dict(self.keys)
        ring.epochs, ring.log_keys, ring.disputes = list(self.epochs), list(self.log_keys), list(self.disputes)
        return ring

    def origin_at(self, index: int) -> str:
        """The origin that the event of entry `index` names as its log, and a checkpoint of size `index` + 1 bears."""
        if self.epochs and index >= self.epochs[-1].start:
            return self.epochs[-1].origin
        return next((epoch.origin for epoch in reversed(self.epochs) if epoch.start <= index), "")

    def log_keys_at(self, size: int) -> LogKeys | None:
        """The log's keys that sign a checkpoint of `size` entries; None before the log is opened."""
        return next((keys for keys in reversed(self.log_keys) if keys.index < size), None)

    @property
    def lost_entries(self) -> int:
        """How many entries the log itself says were lost, in all its epochs."""
        return sum(epoch.lost for epoch in self.epochs)

    def is_disputed(self, index: int, kid: str) -> bool:
        """Whether entry `index`, signed with `kid`, is disputed by any entry read so far."""
        return any(each.kid == kid and each.start <= index < each.end for each in self.disputes)

    def check(self, index: int, event: Event, jws: Jws, *, signature: bool = True) -> None:
        """Raise AuthorityError or SignatureError unless `jws` may stand under `event` at `index`."""
        kid = jws.header.kid
        if event.actor != jws.header.operator:
            raise AuthorityError(f"{event.actor} did not sign with a key of its own")
        if event.type == OPEN_LOG:
            key = self._opening(index, event)[0]
        else:
            if event.type != NEW_EPOCH and event.log != self.origin_at(index):
                raise AuthorityError("the event was signed for another log")
            found = self.keys.get(kid)
            if found is None or not (found.is_valid_at(index) or _ends_itself(found, index, event)):
                raise AuthorityError(f"key {kid} is not valid at entry {index}")
            key = found
        if key.header != jws.header:
            raise AuthorityError(f"key {kid} is registered with another algorithm or custody")
        self._check_signer(event, kid)
        if signature:
            verify_event(event.data, jws, key.public_key)

    def apply(self, index: int, event: Event) -> None:
        """Take in what the entry says of keys, after `check`.

        Raises AuthorityError, MalformedError or SignatureError, and then changes nothing.
        """
        if event.type == OPEN_LOG:
            key, log_keys = self._opening(index, event)
            self.authority, self.keys[key.header.kid] = event.actor, key
            self.epochs, self.log_keys = [Epoch(1, 0, event.log)], [log_keys]
        elif event.type == REGISTER_KEY:
            self._add(parse_key(event.body, since=index + 1))
        elif event.type == REVOKE_KEY:
            self._revoke(index, event)
        elif event.type == ROTATE_KEY:
            self._rotate(index, event)
        elif event.type == DISPUTE_KEY:
            dispute = parse_dispute(event.body, index=index)
            if dispute.kid not in self.keys:
                raise AuthorityError(f"there is no key {dispute.kid} to dispute")
            self.disputes.append(dispute)
        elif event.type == ANNOUNCE_LOG_KEYS:
            self.log_keys.append(parse_announcement(event.body, index=index, origin=self.origin))
        elif event.type == NEW_EPOCH:
            self._begin_epoch(index, event)

    def open_checkpoint(self, note: bytes, trusted: Iterable[Verifier] = ()) -> Checkpoint:
        """Read a checkpoint and hold it to the entries read so far: origin and keys are those in force at its size.

        All keys in force must have signed, and all that are `trusted`, which must be among them. Raises MalformedError
        or SignatureError. The rule is that of ledger/README.md, section 7.
        """
        head = read_head(note)
        size, keys = head.size, self.log_keys_at(head.size)
        if keys is None:
            raise SignatureError(f"the entries name no log keys for a checkpoint of size {size}")
        if head.origin != keys.origin:
            raise SignatureError(f"the log is {keys.origin} at size {size}, the checkpoint is of {head.origin}")
        in_force = {(each.name, each.key_id) for each in log_verifiers(keys)}
        for each in trusted:
            if (each.name, each.key_id) not in in_force:
                known = f"{each.name}+{each.key_id.hex()}"
                raise SignatureError(f"key {known} is not one of the log's at size {size}: see entry {keys.index}")
        return open_checkpoint(note, log_verifiers(keys), origin=keys.origin, require_all=True)

    def require_signed(self, anchors: Iterable[Anchor]) -> None:
        """Raise MalformedError or SignatureError unless the keys in force signed the checkpoint of each anchor."""
        for anchor in anchors:
            if anchor.note:
                self.open_checkpoint(anchor.note)

    def check_origin(self, origin: str) -> None:
        """Raise AuthorityError unless the newest entries are of the log that signs checkpoints as `origin`."""
        if self.origin != origin:
            raise AuthorityError(f"the log is {self.origin}, its checkpoint is of {origin}")

    def _opening(self, index: int, event: Event) -> tuple[Key, LogKeys]:
        if index != 0:
            raise AuthorityError("a log is opened once, by its first entry")
        key, log_keys = parse_opening(event.body, origin=event.log)
        if key.header.operator != event.actor:
            raise AuthorityError("the first key belongs to the authority that opens the log")
        return key, log_keys

    def _add(self, key: Key) -> None:
        if key.header.kid in self.keys:
            raise AuthorityError(f"key id {key.header.kid} was used before")
        self.keys[key.header.kid] = key

    def _revoke(self, index: int, event: Event) -> None:
        found = self._valid(parse_revocation(event.body))
        kid, operator = found.header.kid, found.header.operator
        valid = [key for key in self.keys.values() if key.header.operator == operator and key.until is None]
        if operator == self.authority and valid == [found]:
            raise AuthorityError("the authority does not end its last key: it rotates it")
        self.keys[kid] = replace(found, until=index)

    def _rotate(self, index: int, event: Event) -> None:
        rotation = parse_rotation(event.body, origin=self.origin, since=index + 1)
        old = self._valid(rotation.replaces)
        verify_possession(rotation)
        self._add(rotation.key)
        self.keys[rotation.replaces] = replace(old, until=index)

    def _begin_epoch(self, index: int, event: Event) -> None:
        epoch, log_keys, previous = parse_epoch(event.body, index=index)
        used = {each.origin for each in self.epochs}
        if previous != self.origin or epoch.origin in used or event.log != epoch.origin:
            raise AuthorityError("a new epoch goes on from the origin in force, under one never used before")
        if epoch.number != self.epochs[-1].number + 1:
            raise AuthorityError(f"epoch {epoch.number} does not follow epoch {self.epochs[-1].number}")
        kept = self.log_keys_at(index)
        open_note(epoch.lost_checkpoint, log_verifiers(kept) if kept else ())
        self.epochs.append(epoch)
        self.log_keys.append(log_keys)

    def _valid(self, kid: str) -> Key:
        found = self.keys.get(kid)
        if found is None or found.until is not None:
            raise AuthorityError("only a valid key can be revoked or replaced")
        return found

    def _check_signer(self, event: Event, kid: str) -> None:
        """Raise AuthorityError unless the owner of key `kid` may sign this kind of entry about what it names."""
        if event.subjects and event.type in WITHOUT_SUBJECTS:
            raise AuthorityError(f"an entry {event.type} names no subjects")
        who = MAY_SIGN.get(event.type)
        if who is None:
            return
        about = event.body.get("kid")
        owner = about.partition("/")[0] if isinstance(about, str) else ""
        if who is Who.AUTHORITY and event.actor != self.authority:
            raise AuthorityError(f"only the authority may sign {event.type}")
        if who in (Who.OWNER_OR_AUTHORITY, Who.NOT_ITSELF) and event.actor not in (owner, self.authority):
            raise AuthorityError(f"{event.actor} may not register, revoke or dispute {about}")
        if who is Who.NOT_ITSELF and about == kid:
            raise AuthorityError("a key does not dispute its own entries")
        if who is Who.REPLACED_KEY and (event.body.get("replaces") != kid or owner != event.actor):
            raise AuthorityError("a rotation is signed with the key it replaces, of the same operator")


def _ends_itself(key: Key, index: int, event: Event) -> bool:
    """Whether entry `index` is the one by which `key` itself was ended: that one it may still sign."""
    named = {REVOKE_KEY: "kid", ROTATE_KEY: "replaces"}.get(event.type)
    return named is not None and key.until == index and event.body.get(named) == key.header.kid
