"""Admission: everything about an event that can be judged without knowing the state of any battery.

It happens in the thread that received the event, before the log's lock is asked for: shape, body, time, key and
signature. What is admitted is canonical, signed, and complete; what remains to be judged depends on what is recorded.

An event arrives in one of two ways. An operator with keys of its own sends the whole event and its detached JWS. An
operator that lets the service hold its key sends what happened, and the service completes and signs it.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import digest as hmac_digest
from typing import Any

from ledger import entry as entries
from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.jws import Ed25519EventSigner, Header, Jws, parse_jws, sign_event, verify_event
from ledger.keyring import OPEN_LOG, REGISTER_KEY, REVOKE_KEY, parse_key
from ledger.log import Submission, check_event_size
from service.commitments import Private
from service.domain.errors import InvalidBody, InvalidCode
from service.domain.events import KINDS, Event, parse_body
from service.domain.fields import Body
from service.domain.uuid7 import make_uuid7
from service.domain.vin import parse_vin
from service.errors import Fault, NotPermittedError, RefusedError
from service.registry import Registry

CLOCK_SKEW = timedelta(minutes=5)
VEHICLE = "vin"

_LEDGER_KINDS = frozenset({OPEN_LOG, REGISTER_KEY, REVOKE_KEY})
_GIVEN = frozenset({"id", "type", "occurred_at", "subjects", "body"})


@dataclass(frozen=True, slots=True)
class Admitted:
    """An event that may go before the log. `facts` is the event as the battery rules read it, None for key events."""

    submission: Submission
    header: Header
    facts: Event | None
    privates: tuple[Private, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What admission needs: the log's origin, the registry as last seen, the time, and a secret to blind with.

    `refresh` reads the registry anew, for a key that is not known yet.
    """

    origin: str
    registry: Registry
    now: datetime
    secret: bytes
    refresh: Callable[[], Registry]

    def held_key(self, operator: str) -> str | None:
        """The id of the key that the service holds for `operator`, if any."""
        return self.registry.held.get(operator) or self.refresh().held.get(operator)

    def admit_signed(self, members: Mapping[str, Any], jws: str, private: Mapping[str, Any]) -> Admitted:
        """An event signed by its operator. Raises RefusedError or NotPermittedError."""
        event = _build(dict(members))
        parsed = _parse_jws(jws)
        if parsed.header.operator != event.actor:
            raise NotPermittedError("an event is signed by its actor")
        if event.log != self.origin:
            raise _refused("/log", "log", f"the event is for another log than {self.origin}", "事件不属于本登记簿")
        self._verify(event, parsed)
        return self._admit(Submission(event, jws), parsed.header, self._open_private(event.body, private))

    def admit_custodial(
        self, given: Mapping[str, Any], private: Mapping[str, Any], *, operator: str, signer: Ed25519EventSigner
    ) -> Admitted:
        """What happened, told by `operator`: completed and signed with the key the service holds for it."""
        unknown = sorted(given.keys() - _GIVEN)
        if unknown:
            raise _refused(f"/{unknown[0]}", "unknown", "not a member of an event told in custody", "未知字段")
        members = {"subjects": [], "body": {}, **given, "v": entries.EVENT_VERSION, "log": self.origin}
        members["actor"] = operator
        members.setdefault("id", self._make_id(members))
        privates = self._make_private(members, private)
        event = _build(members)
        return self._admit(Submission(event, sign_event(event.data, signer)), signer.header, privates)

    def _admit(self, submission: Submission, header: Header, privates: tuple[Private, ...]) -> Admitted:
        event = submission.event
        if event.occurred_at > self.now + CLOCK_SKEW:
            raise _refused("/occurred_at", "future", "the event lies in the future", "事件时间在未来")
        body = self._parse_body(event)
        vehicle = next((each.value for each in privates if each.name == VEHICLE), None)
        if event.type in _LEDGER_KINDS:
            return Admitted(submission, header, None, privates)
        token = None if vehicle is None else vehicle_token(self.secret, vehicle)
        facts = Event(event.id, event.type, event.actor, event.occurred_at, event.subjects, body, token)
        return Admitted(submission, header, facts, privates)

    def _parse_body(self, event: entries.Event) -> Body:
        kind = KINDS.get(event.type)
        if kind is None:
            raise _refused("/type", "kind", f"no such kind of event: {event.type}", "没有此类事件")
        try:
            if event.type in _LEDGER_KINDS:
                check_key_event(event)
                return Body()
            return parse_body(event.type, event.body)
        except InvalidBody as error:
            faults = [Fault("/body" + p.pointer, p.code, p.message_en, p.message_zh) for p in error.problems]
            raise RefusedError(faults) from None
        except MalformedError as error:
            raise _refused("/body", "malformed", str(error), "密钥格式错误") from None

    def _verify(self, event: entries.Event, jws: Jws) -> None:
        key = self.registry.keys.get(jws.header.kid) or self.refresh().keys.get(jws.header.kid)
        if key is None or key.until is not None or key.header != jws.header:
            raise NotPermittedError(f"key {jws.header.kid} is not valid in this register")
        try:
            verify_event(event.data, jws, key.public_key)
        except SignatureError:
            raise NotPermittedError("the signature does not match the event") from None

    def _open_private(self, body: Mapping[str, Any], private: Mapping[str, Any]) -> tuple[Private, ...]:
        """The restricted values that the sender disclosed to the service, checked against the commitments."""
        opened = []
        for name, given in private.items():
            each = _parse_private(name, given)
            if body.get(f"{name}_commitment") != each.text:
                raise _refused(f"/body/{name}_commitment", "commitment", "does not commit to the value", "承诺值不符")
            opened.append(each)
        return tuple(opened)

    def _make_private(self, members: dict[str, Any], private: Mapping[str, Any]) -> tuple[Private, ...]:
        """Commit to plain restricted values. The salt follows from the event's id: a retry is the same event."""
        made = []
        body = dict(members["body"]) if isinstance(members["body"], dict) else {}
        for name, value in private.items():
            seed = f"salt\n{members['id']}\n{name}".encode()
            each = Private(name, _check_private(name, value), hmac_digest(self.secret, seed, "sha256"))
            body[f"{name}_commitment"] = each.text
            made.append(each)
        if made:
            members["body"] = body
        return tuple(made)

    def _make_id(self, members: Mapping[str, Any]) -> str:

        return make_uuid7(int(self.now.timestamp() * 1000), os.urandom(10))


def vehicle_token(secret: bytes, vin: str) -> str:
    """An opaque stand-in for a vehicle: equal for equal vehicles, and nothing without the secret."""
    return hmac_digest(secret, b"vehicle\n" + vin.encode(), "sha256").hex()[:32]


def _build(members: dict[str, Any]) -> entries.Event:
    try:
        event = entries.build_event(members)
        check_event_size(event)
    except MalformedError as error:
        raise _refused("", "malformed", str(error), "事件格式错误") from None
    return event


def _parse_jws(text: str) -> Jws:
    try:
        return parse_jws(text)
    except MalformedError as error:
        raise _refused("/jws", "malformed", str(error), "签名格式错误") from None


def check_key_event(event: entries.Event) -> None:
    """Raise MalformedError unless an event about keys is formed as its type asks."""
    if event.subjects:
        raise MalformedError("an event about a key names no battery")
    if event.type == OPEN_LOG:
        parse_key(event.body.get("authority_key"), since=0)
        return
    if event.type == REGISTER_KEY:
        parse_key(event.body, since=0)
        return
    named = event.body.keys() == {"kid", "reason"} and all(isinstance(v, str) for v in event.body.values())
    if event.type == REVOKE_KEY and not named:
        raise MalformedError("a revocation names kid and reason")


def _parse_private(name: str, given: object) -> Private:
    if not isinstance(given, dict) or given.keys() != {"value", "salt"}:
        raise _refused(f"/private/{name}", "shape", "a restricted value comes as value and salt", "应含 value 与 salt")
    try:
        salt = entries.parse_hash(given["salt"])
    except LedgerError:
        salt = b""
    if not salt:
        raise _refused(f"/private/{name}/salt", "salt", "a salt is base64 of 32 bytes", "盐值应为32字节的base64")
    return Private(name, _check_private(name, given["value"]), salt)


def _check_private(name: str, value: object) -> str:
    if name != VEHICLE or not isinstance(value, str):
        raise _refused(f"/private/{name}", "unknown", "no such restricted value", "没有此受限字段")
    try:
        parse_vin(value)
    except InvalidCode as error:
        raise _refused(f"/private/{name}", "vin", error.reason_en, error.reason_zh) from None
    return value


def _refused(pointer: str, code: str, en: str, zh: str) -> RefusedError:
    return RefusedError([Fault(pointer, code, en, zh)])
