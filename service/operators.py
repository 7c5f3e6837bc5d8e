"""Operators and their keys: each step is an entry that the authority signs.

The authority's own key is in the service's custody, so that its pages and commands can sign with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ledger.entry import format_time
from ledger.jws import EDDSA, Ed25519EventSigner, Header
from ledger.keyring import REGISTER_KEY, REVOKE_KEY, key_body
from service.admission import Admitted, Desk
from service.errors import NotFoundError
from service.recording import Recorded, Recorder
from service.registry import ENROL, Operator, Registry
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
    return Desk(register.log.origin, register.registry, register.clock(), register.vault.blinding, refresh)


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


def record_as(recorder: Recorder, operator: str, kind: str, body: Mapping[str, Any]) -> Recorded:
    """Record an event without batteries as of now, signed with the key held for `operator`. Raises its refusal."""
    register = recorder.register
    members = {"type": kind, "body": dict(body), "occurred_at": format_time(register.clock())}
    [outcome] = recorder.record([admit_custodial(register, operator, CustodialEvent(members, {}))])
    if not isinstance(outcome, Recorded):
        raise outcome
    return outcome


def enrol_operator(recorder: Recorder, body: Mapping[str, Any]) -> Recorded:
    """Enrol an operator, or renew its enrolment."""
    return record_as(recorder, authority(recorder.register), ENROL, body)


def make_custodial_key(recorder: Recorder, operator: str) -> Recorded:
    """Make a signing key that the service holds for `operator`, and register it.

    A key that was made before but never came to be registered, because the log was busy, is registered now.
    """
    register = recorder.register
    registry = current_registry(register)
    number = sum(1 for kid in registry.keys if kid.startswith(f"{operator}/custody-")) + 1
    kid = f"{operator}/custody-{number}"
    with register.write_beside() as connection:
        try:
            signer = register.vault.signer(connection, kid)
        except NotFoundError:
            signer = register.vault.make_key(connection, kid)
    return record_as(recorder, registry.authority, REGISTER_KEY, key_body(signer.header, signer.public_key))


def register_own_key(recorder: Recorder, kid: str, public_key: bytes, *, alg: str = EDDSA) -> Recorded:
    """Register a key that its operator holds itself."""
    body = key_body(Header(alg, kid, custodial=False), public_key)
    return record_as(recorder, authority(recorder.register), REGISTER_KEY, body)


def revoke_key(recorder: Recorder, kid: str, reason: str) -> Recorded:
    """End a signing key."""
    return record_as(recorder, authority(recorder.register), REVOKE_KEY, {"kid": kid, "reason": reason})


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
