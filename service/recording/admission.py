"""Admission: everything about an event that can be judged without knowing the state of any battery.

It happens in the thread that received the event, before the log's lock is asked for: shape, body, key and signature.
What is admitted is canonical, signed, and complete; what remains to be judged depends on what is recorded.

An event arrives in one of two ways. An operator with keys of its own sends the whole event and its detached JWS. An
operator that lets the service hold its key sends what happened, and the service completes and signs it.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from ledger import entry as entries
from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.log import Submission, check_event_size
from ledger.signing.jws import Ed25519EventSigner, Header, Jws, parse_jws, sign_event, verify_event
from service.domain.events import KINDS, Event
from service.domain.fields import Body
from service.domain.uuid7 import make_uuid7
from service.errors import Fault, NotPermittedError, RefusedError
from service.keys.key_events import LEDGER_KINDS, OWN_KINDS, check_form
from service.private.commitments import OpenBody, Private
from service.private.disclosure import (
    MakeSalt,
    Places,
    check_disclosed,
    commit_body,
    places_signed,
    places_told,
    random_salt,
    read_body,
)
from service.recording.registry import Registry

_GIVEN = frozenset({"id", "type", "occurred_at", "subjects", "body"})


class Admitted(NamedTuple):
    """An event that may go before the log. `facts` is the event as the battery rules read it, None for key events."""

    submission: Submission
    header: Header
    facts: Event | None
    privates: tuple[Private, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What admission needs: the log's origin, the registry as last seen, the time, and where salts come from.

    `refresh` reads the registry anew, for a key that is not known yet.
    """

    origin: str
    registry: Registry
    now: datetime
    refresh: Callable[[], Registry]
    make_salt: MakeSalt = random_salt

    def held_key(self, operator: str) -> str | None:
        """The id of the key that the service holds for `operator`, if any."""
        return self.registry.held.get(operator) or self.refresh().held.get(operator)

    def admit_signed(self, members: Mapping[str, Any], jws: str, private: Mapping[str, Any]) -> Admitted:
        """An event signed by its operator. Raises RefusedError or NotPermittedError."""
        event = _build(dict(members))
        parsed = _parse_jws(jws)
        if parsed.header.operator != event.actor:
            raise NotPermittedError("an event is signed by its actor")
        if event.log != self.origin and event.log != self.refresh().origin:
            raise _refused("/log", "log", f"the event is for another log than {self.origin}", "事件不属于本登记簿")
        self._verify(event, parsed)
        privates = check_disclosed(event.type, event.body, private)
        return self._admit(Submission(event, jws), parsed.header, privates, lambda: places_signed(event.type, privates))

    def admit_custodial(
        self, given: Mapping[str, Any], private: Mapping[str, Any], *, operator: str, signer: Ed25519EventSigner
    ) -> Admitted:
        """What happened, told by `operator`: completed and signed with the key the service holds for it."""
        unknown = sorted(given.keys() - _GIVEN)
        if unknown:
            raise _refused(f"/{unknown[0]}", "unknown", "not a member of an event told in custody", "未知字段")
        members = {"subjects": [], "body": {}, **given, "v": entries.EVENT_VERSION, "log": self.origin}
        members["actor"] = operator
        members.setdefault("id", self._make_id())
        privates = self._take_out(members, private)
        event = _build(members)
        submission = Submission(event, sign_event(event.data, signer))
        return self._admit(submission, signer.header, privates, lambda: places_told(event.type, private))

    def _admit(self, submission: Submission, header: Header, privates: tuple[Private, ...], places: Places) -> Admitted:
        event = submission.event
        opened = self._parse_body(event, privates, places)
        if event.type in LEDGER_KINDS:
            return Admitted(submission, header, None, privates)
        return Admitted(submission, header, facts_of(event, opened), privates)

    def _parse_body(self, event: entries.Event, privates: tuple[Private, ...], places: Places) -> OpenBody:
        kind = KINDS.get(event.type)
        if kind is None:
            raise _refused("/type", "kind", f"no such kind of event: {event.type}", "没有此类事件")
        if event.type in OWN_KINDS:
            raise _refused("/type", "kind", "only the register itself records this", "此类条目由登记簿自行记录")
        try:
            if event.type in LEDGER_KINDS:
                check_form(event)
                return OpenBody(Body(), None, {})
            return read_body(event, privates, places)
        except LedgerError as error:
            raise _refused("/body", "malformed", str(error), "密钥格式错误") from None

    def _verify(self, event: entries.Event, jws: Jws) -> None:
        key = self.registry.keys.get(jws.header.kid) or self.refresh().keys.get(jws.header.kid)
        if key is None or key.until is not None or key.header != jws.header:
            raise NotPermittedError(f"key {jws.header.kid} is not valid in this register")
        try:
            verify_event(event.data, jws, key.public_key)
        except SignatureError:
            raise NotPermittedError("the signature does not match the event") from None

    def _take_out(self, members: dict[str, Any], private: Mapping[str, Any]) -> tuple[Private, ...]:
        """Put commitments in the place of the restricted values that were told."""
        kind, body, id_ = members.get("type"), members["body"], members["id"]
        if not isinstance(body, dict) or not isinstance(kind, str):
            return ()  # which is said when the event is built
        members["body"], made = commit_body(kind, body, private, lambda name: self.make_salt(id_, name))
        return made

    def _make_id(self) -> str:
        return make_uuid7(int(self.now.timestamp() * 1000), os.urandom(10))


def facts_of(event: entries.Event, opened: OpenBody) -> Event:
    """The event as the battery rules read it."""
    subjects, commitments = event.subjects, opened.commitments
    return Event(
        event.id, event.type, event.actor, event.occurred_at, subjects, opened.body, opened.vehicle, commitments
    )


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


def _refused(pointer: str, code: str, en: str, zh: str) -> RefusedError:
    return RefusedError([Fault(pointer, code, en, zh)])
