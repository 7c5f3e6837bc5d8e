"""Operators and their keys: each step is an entry that the authority signs.

The authority's own key is in the service's custody, so that its pages and commands can sign with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ledger.entry import format_time
from ledger.signing.jws import EDDSA, Ed25519EventSigner, Header
from ledger.signing.keyring import DISPUTE_KEY, REGISTER_KEY, REVOKE_KEY, ROTATE_KEY, key_body
from ledger.signing.keys import rotation_body
from service.errors import ConflictError, NotFoundError
from service.failpoints import reach
from service.recording.admission import Admitted, Desk
from service.recording.recorder import Recorded, Recorder
from service.recording.registry import ENROL, Operator, Registry
from service.work import Register


@dataclass(frozen=True, slots=True)
class CustodialEvent:
    """What happened, told by an operator that lets the service sign: members as in the API, and restricted values."""

    members: Mapping[str, Any]
    private: Mapping[str, Any]


def desk(register: Register) -> Desk:
    """Admission by what this process last knew of keys, which the lock's holder checks again.

    A key that it does not know is looked for in the database before it is refused.
    """
    refresh = partial(current_registry, register)
    return Desk(register.origin, register.registry, register.clock(), refresh)


def custody_signer(register: Register, at: Desk, operator: str) -> Ed25519EventSigner:
    """The signer that the service holds for `operator`. Raises NotFoundError where it holds none."""
    kid = at.held_key(operator)
    if kid is None:
        raise NotFoundError(f"the service holds no key of {operator}: send a signed event, or have a key made")
    with register.read() as reader:
        return register.vault.signer(reader.connection, kid)


def admit_custodial(register: Register, operator: str, event: CustodialEvent) -> Admitted:
    """Complete and sign an event with the key held for `operator`. Raises NotFoundError where none is held."""
    at = desk(register)
    signer = custody_signer(register, at, operator)
    return at.admit_custodial(event.members, event.private, operator=operator, signer=signer)


def record_as(
    recorder: Recorder, operator: str, kind: str, body: Mapping[str, Any], *, signer: Ed25519EventSigner | None = None
) -> Recorded:
    """Record an event without batteries as of now, signed with the key held for `operator`. Raises its refusal."""
    register = recorder.register
    at = desk(register)
    members = {"type": kind, "body": dict(body), "occurred_at": format_time(register.clock())}
    signing = signer or custody_signer(register, at, operator)
    [outcome] = recorder.record([at.admit_custodial(members, {}, operator=operator, signer=signing)])
    if not isinstance(outcome, Recorded):
        raise outcome
    return outcome


def enrol_operator(recorder: Recorder, body: Mapping[str, Any]) -> Recorded:
    """Enrol an operator, or renew its enrolment."""
    return record_as(recorder, authority(recorder.register), ENROL, body)


def make_custodial_key(recorder: Recorder, operator: str) -> Recorded:
    """Make a signing key that the service holds for `operator`, and register it."""
    registry = current_registry(recorder.register)
    signer = _next_custodial(recorder.register, registry, operator)
    return record_as(recorder, registry.authority, REGISTER_KEY, key_body(signer.header, signer.public_key))


def rotate_custodial_key(recorder: Recorder, kid: str) -> Recorded:
    """Make a new key in the place of `kid`, which the service holds and which hands over with its last signature.

    Raises NotFoundError where the service does not hold it, ConflictError where it has ended.
    """
    register = recorder.register
    registry = current_registry(register)
    old = registry.keys.get(kid)
    if old is None or not old.header.custodial:
        raise NotFoundError(f"the service holds no key {kid}: its operator rotates it by an event of its own")
    if old.until is not None:
        raise ConflictError(f"key {kid} ended with entry {old.until}")
    with register.read() as reader:
        signer = register.vault.signer(reader.connection, kid)
    new = _next_custodial(register, registry, old.header.operator)
    body = rotation_body(new, new.public_key, replaces=kid, origin=registry.origin)
    return record_as(recorder, old.header.operator, ROTATE_KEY, body, signer=signer)


def _next_custodial(register: Register, registry: Registry, operator: str) -> Ed25519EventSigner:
    """The next key to hold for `operator`; one that was made before but never came to be registered, because the log
    was busy, is taken now."""
    number = sum(1 for kid in registry.keys if kid.startswith(f"{operator}/custody-")) + 1
    kid = f"{operator}/custody-{number}"
    with register.write_beside() as connection:
        try:
            signer = register.vault.signer(connection, kid)
        except NotFoundError:
            signer = register.vault.make_key(connection, kid)
    reach("key-made")
    return signer


def register_own_key(recorder: Recorder, kid: str, public_key: bytes, *, alg: str = EDDSA) -> Recorded:
    """Register a key that its operator holds itself."""
    body = key_body(Header(alg, kid, custodial=False), public_key)
    return record_as(recorder, authority(recorder.register), REGISTER_KEY, body)


def revoke_key(recorder: Recorder, kid: str, reason: str) -> Recorded:
    """End a signing key. Raises ConflictError for the one that the register itself signs with: that is rotated."""
    registry = current_registry(recorder.register)
    if kid == registry.held.get(registry.authority) and len(_held_of(registry, registry.authority)) == 1:
        raise ConflictError(f"the register signs with {kid}: rotate it (`packtrail key rotate {kid}`)")
    return record_as(recorder, registry.authority, REVOKE_KEY, {"kid": kid, "reason": reason})


def dispute_key(recorder: Recorder, kid: str, reason: str, *, start: int, end: int | None = None) -> Recorded:
    """Mark what `kid` signed as disputed: entries `start <= index < end`, by default up to now.

    Raises ConflictError where no other key of the authority is at hand to say so, or there is no such key.
    """
    register = recorder.register
    registry = current_registry(register)
    signing = next((each for each in reversed(_held_of(registry, registry.authority)) if each != kid), None)
    if signing is None:
        raise ConflictError(f"a key does not dispute its own entries: rotate {kid} first")
    with register.read() as reader:
        size = reader.size()
        signer = register.vault.signer(reader.connection, signing)
    body = {"kid": kid, "from": start, "to": size if end is None else end, "reason": reason}
    return record_as(recorder, registry.authority, DISPUTE_KEY, body, signer=signer)


def _held_of(registry: Registry, operator: str) -> list[str]:
    """The valid keys that the service holds for `operator`, oldest first."""
    own = [key for key in registry.keys.values() if key.header.operator == operator and key.header.custodial]
    return [key.header.kid for key in sorted(own, key=lambda key: key.since) if key.until is None]


def list_operators(register: Register) -> list[Operator]:
    """All operators, by id."""
    operators = current_registry(register).operators
    return [operators[id_] for id_ in sorted(operators)]


def authority(register: Register) -> str:
    """The operator of the register itself."""
    return current_registry(register).authority


def current_registry(register: Register) -> Registry:
    """Operators, keys and models as the database has them now."""
    with register.read() as reader:
        return register.current_registry(reader.connection)
