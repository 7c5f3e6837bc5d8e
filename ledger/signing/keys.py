"""What entries about keys say: the bodies of `open_log`, `register_key`, `rotate_key` and the rest, read strictly.

Formats: ledger/README.md, sections 5 and 15. A body has exactly the members named there. Whether what it says may
stand at its place in the log is for `ledger.signing.keyring`.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ledger import canonical
from ledger.errors import MalformedError
from ledger.notes.note import Verifier, parse_vkey, split_note
from ledger.notes.treehead import Checkpoint, parse_checkpoint
from ledger.notes.vkey import ED25519, MLDSA44_COSIGNATURE, split_vkey
from ledger.signing.jws import EventSigner, Header, check_public_key, is_kid, verify_signature
from ledger.strict import parse_base64

MAX_LOG_KEYS = 8
POSSESSION = b"packtrail-possession-v1\n"

_KEY = ["alg", "custody", "kid", "public_key"]
_ROTATION = sorted([*_KEY, "possession", "replaces"])
_EPOCH = ["epoch", "kept", "log_keys", "lost_checkpoint", "origin", "previous_origin", "reason"]


@dataclass(frozen=True, slots=True)
class Key:
    """An operator's public key, valid for indexes `since <= index < until`. Entry `until` ended it."""

    header: Header
    public_key: bytes
    since: int
    until: int | None = None

    def is_valid_at(self, index: int) -> bool:
        return self.since <= index and (self.until is None or index < self.until)


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new key in place of the one with the id `replaces`. `possession`: the new key's signature over `proven`."""

    key: Key
    replaces: str
    possession: bytes
    proven: bytes


@dataclass(frozen=True, slots=True)
class Dispute:
    """Entries `start <= index < end` signed with `kid` are disputed, as entry `index` says."""

    index: int
    kid: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The log's verifier keys as entry `index` names them: those of checkpoints of a larger size than that."""

    index: int
    origin: str
    vkeys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Epoch:
    """The log's life under one origin, from entry `start` on. Of the epoch before, `lost` entries were lost."""

    number: int
    start: int
    origin: str
    lost: int = 0
    lost_checkpoint: bytes = b""
    reason: str = ""


def key_body(header: Header, public_key: bytes) -> dict[str, str]:
    """The body of `register_key`, and the `authority_key` of `open_log`."""
    return {
        "alg": header.alg,
        "custody": "service" if header.custodial else "operator",
        "kid": header.kid,
        "public_key": b64encode(public_key).decode(),
    }


def rotation_body(new: EventSigner, public_key: bytes, *, replaces: str, origin: str) -> dict[str, str]:
    """The body of `rotate_key`, with the new key's proof that its owner has it."""
    body = key_body(new.header, public_key) | {"replaces": replaces}
    return body | {"possession": b64encode(new.sign(possession_message(origin, body))).decode()}


def possession_message(origin: str, body: dict[str, str]) -> bytes:
    """What the new key of a rotation signs: `body` is that of `rotate_key` without `possession`."""
    return POSSESSION + origin.encode() + b"\n" + canonical.encode(body)


def parse_key(body: Any, *, since: int) -> Key:
    """Parse what `key_body` writes. Raises MalformedError, also for a key that may not be registered."""
    _expect(body, _KEY, "a key")
    alg, custody, kid, text = (body[name] for name in _KEY)
    if not isinstance(kid, str) or not is_kid(kid) or custody not in ("operator", "service"):
        raise MalformedError("a key has an id operator/key and is in custody of operator or service")
    public_key = _base64(text, "public_key")
    check_public_key(alg, public_key)
    return Key(Header(alg, kid, custody == "service"), public_key, since)


def parse_opening(body: Any, *, origin: str) -> tuple[Key, LogKeys]:
    """The authority's first key, and the log's keys. Raises MalformedError."""
    _expect(body, ["authority_key", "log_keys"], "the opening of a log")
    return parse_key(body["authority_key"], since=0), LogKeys(0, origin, _parse_log_keys(body["log_keys"], origin))


def parse_rotation(body: Any, *, origin: str, since: int) -> Rotation:
    """Parse what `rotation_body` writes. Raises MalformedError, and leaves `possession` to `verify_possession`."""
    _expect(body, _ROTATION, "a rotation")
    key = parse_key({name: body[name] for name in _KEY}, since=since)
    replaces = _kid(body["replaces"])
    if replaces == key.header.kid or replaces.partition("/")[0] != key.header.operator:
        raise MalformedError("a key replaces another one of the same operator")
    possession = _base64(body["possession"], "possession")
    if len(possession) != 64:
        raise MalformedError("possession is a signature of 64 bytes")
    unproven = {name: value for name, value in body.items() if name != "possession"}
    return Rotation(key, replaces, possession, possession_message(origin, unproven))


def verify_possession(rotation: Rotation) -> None:
    """Raise SignatureError unless the new key signed for itself."""
    verify_signature(rotation.key.header.alg, rotation.key.public_key, rotation.possession, rotation.proven)


def parse_revocation(body: Any) -> str:
    """The key id that ends. Raises MalformedError."""
    _expect(body, ["kid", "reason"], "a revocation")
    _text(body["reason"], "reason")
    return _kid(body["kid"])


def parse_dispute(body: Any, *, index: int) -> Dispute:
    """What entry `index` disputes. Raises MalformedError."""
    _expect(body, ["from", "kid", "reason", "to"], "a dispute")
    start, end = body["from"], body["to"]
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= index:
        raise MalformedError("a dispute is about entries from <= index < to, all of them before its own")
    return Dispute(index, _kid(body["kid"]), start, end, _text(body["reason"], "reason"))


def parse_announcement(body: Any, *, index: int, origin: str) -> LogKeys:
    """The log's keys after entry `index`. Raises MalformedError."""
    _expect(body, ["log_keys"], "an announcement of log keys")
    return LogKeys(index, origin, _parse_log_keys(body["log_keys"], origin))


def parse_epoch(body: Any, *, index: int) -> tuple[Epoch, LogKeys, str]:
    """The epoch that entry `index` starts, its log keys, and the origin before. Raises MalformedError."""
    _expect(body, _EPOCH, "a new epoch")
    number, kept, origin = body["epoch"], body["kept"], _text(body["origin"], "origin")
    if type(number) is not int or type(kept) is not int or kept != index:
        raise MalformedError("a new epoch has a number, and keeps the entries before its own")
    note = _text(body["lost_checkpoint"], "lost_checkpoint").encode()
    head = read_head(note)
    previous = _text(body["previous_origin"], "previous_origin")
    if head.origin != previous or head.size <= kept or origin == previous:
        raise MalformedError("a new epoch names a checkpoint of the origin before, of more entries than are kept")
    reason = _text(body["reason"], "reason")
    keys = LogKeys(index, origin, _parse_log_keys(body["log_keys"], origin))
    return Epoch(number, index, origin, head.size - kept, note, reason), keys, previous


def read_head(note: bytes) -> Checkpoint:
    """What the checkpoint says; who signed it is not looked at. Raises MalformedError."""
    return parse_checkpoint(split_note(note)[0])


@lru_cache(maxsize=64)
def log_verifiers(keys: LogKeys) -> tuple[Verifier, ...]:
    """The verifiers of the log's keys."""
    return tuple(parse_vkey(vkey) for vkey in keys.vkeys)


def _parse_log_keys(value: object, origin: str) -> tuple[str, ...]:
    """1 to 8 different verifier keys under the origin, each of a kind that signs checkpoints, Ed25519 among them."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LOG_KEYS:
        raise MalformedError(f"log_keys are 1 to {MAX_LOG_KEYS} verifier keys")
    vkeys = tuple(_text(each, "a verifier key") for each in value)
    split = [split_vkey(vkey) for vkey in vkeys]
    kinds = {kind for _, kind, _ in split}
    if {name for name, _, _ in split} != {origin} or not kinds <= {ED25519, MLDSA44_COSIGNATURE}:
        raise MalformedError("the log's keys bear its origin, and are of type 0x01 or 0x06")
    for vkey in vkeys:
        parse_vkey(vkey)
    if ED25519 not in kinds or len(set(_ids(vkeys))) < len(vkeys):
        raise MalformedError("the log's keys are different ones, and one of them is of type 0x01")
    return vkeys


def _ids(vkeys: Sequence[str]) -> list[str]:
    return [vkey.split("+")[1] for vkey in vkeys]


def _expect(body: Any, members: Sequence[str], what: str) -> None:
    if not isinstance(body, dict) or sorted(body) != list(members):
        raise MalformedError(f"{what} has exactly the members " + ", ".join(members))


def _kid(value: object) -> str:
    if not isinstance(value, str) or not is_kid(value):
        raise MalformedError("a key id is operator/key")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise MalformedError(f"{name} is a text")
    return value


def _base64(value: object, name: str) -> bytes:
    if not isinstance(value, str) or not value:
        raise MalformedError(f"{name} is base64")
    return parse_base64(value)
