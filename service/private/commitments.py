"""Restricted values: a salted commitment stands in the entry, value and salt beside the log, where they can be erased.

commitment = SHA-256("commit/v1\\n" || salt of 32 bytes || JCS(value)), written in base64.

The salt of a value is 32 random bytes, used once: who knows a commitment and guesses at the value learns nothing. So
the same event told twice has two commitments, and whether it is the same is asked of the values; see `same_event`.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from ledger import canonical
from ledger.entry import Event, format_hash, parse_hash
from service.domain.errors import InvalidBody, Problem
from service.domain.events import parse_body
from service.domain.fields import COMMITMENT_PATTERN, Body
from service.domain.restricted import commitments_in, find_commitments
from service.domain.states import UNKNOWN_VEHICLE

SALT = 32
_is_commitment = re.compile(COMMITMENT_PATTERN).fullmatch


class Private(NamedTuple):
    """A restricted value with its salt, and what follows from them. `name` is the field's, e.g. vin.

    data: the value's canonical bytes. commitment: 32 bytes.
    """

    name: str
    value: Any
    salt: bytes
    data: bytes
    commitment: bytes

    @property
    def text(self) -> str:
        """The commitment as it stands in an event."""
        return format_hash(self.commitment)


def make_private(name: str, value: Any, salt: bytes) -> Private:
    """The value with its commitment. Raises MalformedError for a value that has no canonical form."""
    data = canonical.encode(value)
    return Private(name, value, salt, data, _commit(data, salt))


class OpenBody(NamedTuple):
    """A recorded body as the rules read it. `commitments`: text by field."""

    body: Body
    vehicle: str | None
    commitments: Mapping[str, str]


def commit(value: Any, salt: bytes) -> bytes:
    """The 32 bytes that commit to `value`. Raises MalformedError for what has no canonical form."""
    return _commit(canonical.encode(value), salt)


def _commit(data: bytes, salt: bytes) -> bytes:
    return sha256(b"commit/v1\n" + salt + data).digest()


def open_body(kind: str, body: Mapping[str, Any], values: Mapping[str, Any]) -> OpenBody:
    """The body of an entry with the restricted `values` by field; those not among them count as erased.

    Entries made before a field was restricted hold it plainly. Raises InvalidBody.
    """
    commitments = find_commitments(kind, body)
    if not commitments:
        parsed = parse_body(kind, body)
        return OpenBody(parsed, getattr(parsed, "vin", None), commitments)
    members = commitments_in(kind)
    plain = {name: value for name, value in body.items() if name not in members}
    _check_commitments(commitments, plain)
    known = {name: values[name] for name in commitments if name in values}
    parsed = parse_body(kind, plain | known, commitments.keys() - known.keys())
    vehicle = getattr(parsed, "vin", None) or (UNKNOWN_VEHICLE if "vin" in commitments else None)
    return OpenBody(parsed, vehicle, commitments)


def _check_commitments(commitments: Mapping[str, Any], plain: Mapping[str, Any]) -> None:
    problems = []
    for name, text in commitments.items():
        if type(text) is not str or not _is_commitment(text):
            problem = Problem(f"/{name}_commitment", "pattern", "does not have the required form", "格式不正确")
            problems.append(problem)
        if name in plain:
            en = "stands here plainly and as a commitment"
            problems.append(Problem(f"/{name}", "twice", en, "该字段与其承诺值重复"))
    if problems:
        raise InvalidBody(tuple(problems))


def commitments_of(event: Event) -> dict[str, bytes]:
    """The commitments that a recorded event holds, by field. Raises MalformedError for text that is none."""
    return {name: parse_hash(text) for name, text in find_commitments(event.type, event.body).items()}


def same_event(one: Event, other: Event, values: tuple[Mapping[str, Any], Mapping[str, Any]]) -> bool:
    """Whether two events are one told twice: equal but for their salts.

    `values` are the restricted values of each by field. One that was erased cannot be compared and counts as equal.
    """
    if one.data == other.data:
        return True
    if (one.type, one.actor, one.log, one.occurred_at) != (other.type, other.actor, other.log, other.occurred_at):
        return False
    if one.subjects != other.subjects or one.body.keys() != other.body.keys():
        return False
    committed = commitments_in(one.type)
    if any(one.body[name] != other.body[name] for name in one.body if name not in committed):
        return False
    ours, theirs = values
    return all(ours[name] == theirs[name] for name in ours.keys() & theirs.keys())
