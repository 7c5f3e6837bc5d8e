"""Which key may sign what, at which index: known from the log's own entries, so that no one needs to be asked.

Rules:
- Entry 0 is `open_log`. Its body names the authority's first key, its signature is by that key. The log's checkpoint
  signature over the entry is what ties that key to the log.
- `register_key` makes a key valid from the next index on. It is signed by a key of the same operator (rotation) or by
  one of the authority's (enrolment). A key id is used once, for ever.
- `revoke_key` ends a key's validity at the index of the entry itself. It is signed by a key of the same operator or of
  the authority. A key can sign its own revocation.
- The actor of every event is the operator in its key id.
"""

from base64 import b64encode
from binascii import Error, a2b_base64
from dataclasses import dataclass, replace
from typing import Any

from ledger.entry import Event
from ledger.errors import AuthorityError, MalformedError
from ledger.jws import Header, Jws, check_public_key, is_kid, verify_event

OPEN_LOG = "open_log"
REGISTER_KEY = "register_key"
REVOKE_KEY = "revoke_key"

_KEY_MEMBERS = ["alg", "custody", "kid", "public_key"]


@dataclass(frozen=True, slots=True)
class Key:
    """An operator's public key, valid for indexes `since <= index < until`. Entry `until` revoked it."""

    header: Header
    public_key: bytes
    since: int
    until: int | None = None

    def is_valid_at(self, index: int) -> bool:
        return self.since <= index and (self.until is None or index < self.until)


class KeyRing:
    """The keys that the entries read so far have made and ended. Feed entries in index order."""

    def __init__(self) -> None:
        self.authority = ""
        self.origin = ""
        self.keys: dict[str, Key] = {}

    def check(self, index: int, event: Event, jws: Jws, *, signature: bool = True) -> None:
        """Raise AuthorityError or SignatureError unless `jws` may stand under `event` at `index`."""
        if event.actor != jws.header.operator:
            raise AuthorityError(f"{event.actor} did not sign with a key of its own")
        if event.type == OPEN_LOG:
            key = self._opening_key(index, event)
        else:
            if event.log != self.origin:
                raise AuthorityError("the event was signed for another log")
            found = self.keys.get(jws.header.kid)
            if found is None or not found.is_valid_at(index):
                raise AuthorityError(f"key {jws.header.kid} is not valid at entry {index}")
            key = found
        if key.header != jws.header:
            raise AuthorityError(f"key {jws.header.kid} is registered with another algorithm or custody")
        if signature:
            verify_event(event.data, jws, key.public_key)

    def apply(self, index: int, event: Event) -> None:
        """Take in what the entry says of keys. Raises AuthorityError or MalformedError, and then changes nothing."""
        if event.type == OPEN_LOG:
            key = self._opening_key(index, event)
            self.authority, self.origin = event.actor, event.log
            self.keys[key.header.kid] = key
        elif event.type == REGISTER_KEY:
            key = parse_key(event.body, since=index + 1)
            self._check_owner(event, key.header.kid)
            if key.header.kid in self.keys:
                raise AuthorityError(f"key id {key.header.kid} was used before")
            self.keys[key.header.kid] = key
        elif event.type == REVOKE_KEY:
            kid = event.body.get("kid")
            found = self.keys.get(kid) if isinstance(kid, str) else None
            if found is None or found.until is not None:
                raise AuthorityError("only a valid key can be revoked")
            self._check_owner(event, found.header.kid)
            self.keys[found.header.kid] = replace(found, until=index)

    def check_origin(self, origin: str) -> None:
        """Raise AuthorityError unless the log was opened, by its first entry, as the one that signs checkpoints."""
        if self.origin != origin:
            raise AuthorityError(f"the log was opened as {self.origin}, its checkpoint is of {origin}")

    def _opening_key(self, index: int, event: Event) -> Key:
        if index != 0:
            raise AuthorityError("a log is opened once, by its first entry")
        key = parse_key(event.body.get("authority_key"), since=0)
        if key.header.operator != event.actor:
            raise AuthorityError("the first key belongs to the authority that opens the log")
        return key

    def _check_owner(self, event: Event, kid: str) -> None:
        if event.actor not in (kid.partition("/")[0], self.authority):
            raise AuthorityError(f"{event.actor} may not register or revoke {kid}")


def key_body(header: Header, public_key: bytes) -> dict[str, str]:
    """The body of `register_key`, and the `authority_key` of `open_log`."""
    return {
        "alg": header.alg,
        "custody": "service" if header.custodial else "operator",
        "kid": header.kid,
        "public_key": b64encode(public_key).decode(),
    }


def parse_key(body: Any, *, since: int) -> Key:
    """Parse what `key_body` writes. Raises MalformedError, also for a key that may not be registered."""
    if not isinstance(body, dict) or sorted(body) != _KEY_MEMBERS:
        raise MalformedError("a key has exactly the members " + ", ".join(_KEY_MEMBERS))
    alg, custody, kid, text = (body[name] for name in _KEY_MEMBERS)
    if not isinstance(kid, str) or not is_kid(kid) or custody not in ("operator", "service"):
        raise MalformedError("a key has an id operator/key and is in custody of operator or service")
    try:
        public_key = a2b_base64(text, strict_mode=True) if isinstance(text, str) else b""
    except (Error, ValueError):
        raise MalformedError("public_key is base64") from None
    check_public_key(alg, public_key)
    return Key(Header(alg, kid, custody == "service"), public_key, since)
