"""Restricted values on their way in: taken out of the body, or disclosed beside it, and read by the rules.

An operator that lets the service sign tells restricted values plainly, in the body or under `private`; the service
commits to them before it signs. An operator that signs for itself puts the commitments into the body and discloses
value and salt of each under `private`. Either way the register gets every value: it has to show it to those who may
see it.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ledger.entry import Event, parse_entry, parse_hash
from ledger.errors import LedgerError, MalformedError
from service.domain.errors import InvalidBody
from service.domain.restricted import SUFFIX, find_commitments, restricted_in
from service.errors import Fault, RefusedError
from service.private.commitments import SALT, OpenBody, Private, commitments_of, make_private, open_body, same_event
from service.private.values import Cabinet

MakeSalt = Callable[[str, str], bytes]
"""From an event's id and a field's name to 32 bytes. Only invented values may have a salt that is not random."""

Places = Callable[[], Mapping[str, str]]
"""Asked only where something is wrong: by restricted field, where its value was told."""


def random_salt(_event_id: str, _name: str) -> bytes:
    """The salt of a real value."""
    return os.urandom(SALT)


def commit_body(
    kind: str, body: Mapping[str, Any], private: Mapping[str, Any], make_salt: Callable[[str], bytes]
) -> tuple[dict[str, Any], tuple[Private, ...]]:
    """The body to be signed for an operator, and the values taken out of it. Raises RefusedError."""
    rows = restricted_in(kind)
    if private or any(row.commitment in body for row in rows.values()):
        faults = [_fault(f"/private/{name}", "unknown", _UNKNOWN) for name in private if name not in rows]
        faults += [_fault(f"/private/{name}", "twice", _TWICE) for name in private if name in rows and name in body]
        faults += [_fault(f"/body/{r.commitment}", "commitment", _OURS) for r in rows.values() if r.commitment in body]
        if faults:
            raise RefusedError(faults)
    told, made = dict(body), []
    for name, row in rows.items():
        if name in private or name in body:
            value = told.pop(name) if name in body else private[name]
            try:
                each = make_private(name, value, make_salt(name))
            except MalformedError as error:
                where = f"/private/{name}" if name in private else f"/body/{name}"
                raise RefusedError([Fault(where, "malformed", str(error), "格式错误")]) from None
            told[row.commitment] = each.text
            made.append(each)
    return told, tuple(made)


def check_disclosed(kind: str, body: Mapping[str, Any], private: Mapping[str, Any]) -> tuple[Private, ...]:
    """The values that an operator disclosed beside the event it signed. Raises RefusedError."""
    rows, commitments = restricted_in(kind), find_commitments(kind, body)
    if private.keys() != commitments.keys() or not rows.keys().isdisjoint(body):
        faults = [_fault(f"/body/{name}", "restricted", _PLAIN) for name in rows if name in body]
        faults += [_fault(f"/private/{name}", "unknown", _UNKNOWN) for name in private if name not in rows]
        faults += [_fault(f"/private/{name}", "missing", _UNDISCLOSED) for name in commitments if name not in private]
        if faults:
            raise RefusedError(faults)
    opened = []
    for name, given in private.items():
        each = _parse_disclosed(name, given)
        if commitments.get(name) != each.text:
            raise RefusedError([_fault(f"/body/{name}{SUFFIX}", "commitment", _MISFIT)])
        opened.append(each)
    return tuple(opened)


def read_body(event: Event, privates: Iterable[Private], places: Places) -> OpenBody:
    """The body as the rules read it. Raises RefusedError."""
    try:
        return open_body(event.type, event.body, {each.name: each.value for each in privates})
    except InvalidBody as error:
        where = places()
        faults = [Fault(_place(p.pointer, where), p.code, p.message_en, p.message_zh) for p in error.problems]
        raise RefusedError(faults) from None


def places_told(kind: str, private: Mapping[str, Any]) -> dict[str, str]:
    """Where an operator in custody told its restricted values."""
    return {name: f"/private/{name}" for name in restricted_in(kind) if name in private}


def places_signed(kind: str, privates: Iterable[Private]) -> dict[str, str]:
    """Where an operator that signs for itself told its restricted values, or should have."""
    places = {name: f"/body/{row.commitment}" for name, row in restricted_in(kind).items()}
    return places | {each.name: f"/private/{each.name}/value" for each in privates}


def is_told_again(cabinet: Cabinet, entry: bytes, event: Event, privates: Iterable[Private]) -> bool:
    """Whether `entry` records the event that an operator tells again: the same but for the salts."""
    recorded = parse_entry(entry).event
    commitments = commitments_of(recorded)
    values = cabinet.values(commitments.values())
    known = {name: values[commitment] for name, commitment in commitments.items() if commitment in values}
    return same_event(recorded, event, (known, {each.name: each.value for each in privates}))


def _parse_disclosed(name: str, given: object) -> Private:
    if not isinstance(given, dict) or given.keys() != {"value", "salt"}:
        raise RefusedError([_fault(f"/private/{name}", "shape", _SHAPE)])
    try:
        salt = parse_hash(given["salt"])
    except LedgerError:
        salt = b""
    if not salt:
        raise RefusedError([_fault(f"/private/{name}/salt", "salt", _SALT)])
    try:
        return make_private(name, given["value"], salt)
    except MalformedError as error:
        raise RefusedError([Fault(f"/private/{name}/value", "malformed", str(error), "格式错误")]) from None


def _place(pointer: str, places: Mapping[str, str]) -> str:
    _, _, path = pointer.partition("/")
    name, slash, rest = path.partition("/")
    return (places.get(name) or f"/body/{name}") + slash + rest if path else f"/body{pointer}"


def _fault(pointer: str, code: str, message: tuple[str, str]) -> Fault:
    return Fault(pointer, code, *message)


_UNKNOWN = ("this kind of event has no such restricted value", "该事件没有此受限字段")
_TWICE = ("stands in the body too", "该字段在正文中已填写")
_OURS = ("the service commits to the value itself: tell the value", "由服务生成承诺值：请直接填写该值")
_PLAIN = (
    "is restricted and must not stand in an entry: sign its commitment, and give value and salt in private",
    "该值受限，不得写入记录：请签署其承诺值，并在private中提供值与盐",
)
_UNDISCLOSED = ("value and salt of this commitment are needed", "须提供该承诺值对应的值与盐")
_MISFIT = ("does not commit to the value", "承诺值不符")
_SHAPE = ("a restricted value comes as value and salt", "应含 value 与 salt")
_SALT = ("a salt is base64 of 32 bytes", "盐值应为32字节的base64")
