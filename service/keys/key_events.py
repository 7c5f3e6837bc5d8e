"""Entries about keys and origins: their form at admission, and what is recorded about keys that they must fit.

What they may say is the ledger's rule (`ledger.signing.keyring`), which every verifier applies too. Here it is told as
errors of the service, and a few rules are added that only a register knows: a key belongs to an enrolled operator.
"""

from ledger.entry import Event
from ledger.errors import AuthorityError, LedgerError, MalformedError
from ledger.map import COMMIT_MAP, parse_commitment
from ledger.signing.jws import Header, Jws
from ledger.signing.keyring import (
    ANNOUNCE_LOG_KEYS,
    DISPUTE_KEY,
    KEY_KINDS,
    NEW_EPOCH,
    OPEN_LOG,
    REGISTER_KEY,
    REVOKE_KEY,
    ROTATE_KEY,
)
from ledger.signing.keys import (
    parse_announcement,
    parse_dispute,
    parse_epoch,
    parse_key,
    parse_opening,
    parse_revocation,
    parse_rotation,
    verify_possession,
)
from service.errors import ConflictError, Fault, NotPermittedError, RefusedError
from service.recording.registry import Registry

LEDGER_KINDS = KEY_KINDS | {COMMIT_MAP}
"""The kinds whose bodies the ledger reads."""
OWN_KINDS = frozenset({COMMIT_MAP, ANNOUNCE_LOG_KEYS, NEW_EPOCH})
"""The kinds that the register records by itself, or by a command of who runs it: nobody sends them."""
EVER = 2**53


def check_form(event: Event) -> None:
    """Raise MalformedError or SignatureError unless an event of `LEDGER_KINDS` is formed as its type asks."""
    if event.subjects:
        raise MalformedError("an event about a key names no battery")
    kind, body = event.type, event.body
    if kind == COMMIT_MAP:
        parse_commitment(body)
    elif kind == OPEN_LOG:
        parse_opening(body, origin=event.log)
    elif kind == REGISTER_KEY:
        parse_key(body, since=0)
    elif kind == REVOKE_KEY:
        parse_revocation(body)
    elif kind == ROTATE_KEY:
        verify_possession(parse_rotation(body, origin=event.log, since=0))
    elif kind == DISPUTE_KEY:
        parse_dispute(body, index=EVER)
    elif kind == ANNOUNCE_LOG_KEYS:
        parse_announcement(body, index=0, origin=event.log)
    elif kind == NEW_EPOCH:
        parse_epoch(body, index=body.get("kept", 0))


def check_signer(registry: Registry, index: int, event: Event, header: Header) -> None:
    """Raise a FaultyError unless its actor takes part and the key in `header` may sign `event` as entry `index`."""
    if event.type == OPEN_LOG and index:
        raise ConflictError("the register is open already")
    if event.type not in (OPEN_LOG, NEW_EPOCH) and event.log != registry.origin:
        raise RefusedError([Fault("/log", "log", f"the log is {registry.origin} now", "登记簿标识已变更")])
    registry.require_active(event.actor)
    try:
        registry.ring.check(index, event, Jws(header, b"", b""), signature=False)
    except AuthorityError as error:
        raise NotPermittedError(str(error)) from None


def judge(registry: Registry, index: int, event: Event) -> Registry:
    """The registry after a key event of which the signer was checked. Raises a FaultyError."""
    body = event.body
    kid = body.get("kid", "")
    if event.type in (REGISTER_KEY, ROTATE_KEY):
        owner = kid.partition("/")[0]
        if kid in registry.keys:
            raise ConflictError(f"key id {kid} was used before")
        if owner not in registry.operators:
            raise RefusedError([Fault("/body/kid", "operator", f"{owner} is not enrolled", "该经营者未登记")])
    if event.type == REVOKE_KEY and (kid not in registry.keys or registry.keys[kid].until is not None):
        raise ConflictError(f"key {kid} is not valid: there is nothing to revoke")
    try:
        return registry.with_event(index, event)
    except LedgerError as error:
        raise ConflictError(str(error)) from None
