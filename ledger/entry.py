"""An entry: the bytes that are hashed into the tree, stored, served and exported, always the same.

    {"event":{...},"jws":"<header>..<signature>","log":{"at":"...","chain":[["<subject>",<seq>,"<hash>"],...],"prev":"<hash>"}}

`event` and `jws` come from the organisation, `log` from the log: `at` is the time of receipt, `chain` holds for each
subject of the event, in its order, the subject's sequence number (from 1) and the leaf hash of its previous entry,
`prev` is the leaf hash of the register's previous entry. Hashes are base64 of 32 bytes, or "" where nothing precedes.
"""

import re
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn, TypeGuard

from ledger import canonical
from ledger.errors import MalformedError
from ledger.signing.jws import Jws, parse_jws

EVENT_VERSION = 1
MAX_SUBJECTS = 64

_ENVELOPE = frozenset({"actor", "body", "id", "log", "occurred_at", "subjects", "type", "v"})

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OPERATOR = re.compile(r"[a-z][a-z0-9-]{1,39}")
_SUBJECT = re.compile(r"[A-Z0-9]{1,64}")
_NAMES = re.compile(rf"{_ID.pattern}\n{_NAME.pattern}\n{_OPERATOR.pattern}(?:\n{_SUBJECT.pattern}){{0,{MAX_SUBJECTS}}}")
"""All names of an event at once, a line each: on the path of every event."""
LOG_MARK = b',"log":{"at":'
"""Where the log's part of canonical entry bytes starts, if this is the last such place. It starts 7 bytes further."""


class Link(NamedTuple):
    """A subject's place in its own chain: `seq` counts from 1, `previous` is 32 bytes or empty for the first."""

    subject: str
    seq: int
    previous: bytes


class Event(NamedTuple):
    """The signed part of an entry. `data` are its canonical bytes, `body` the members that its type defines."""

    id: str
    log: str
    type: str
    actor: str
    occurred_at: datetime
    subjects: tuple[str, ...]
    body: dict[str, Any]
    data: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A parsed entry."""

    event: Event
    jws: Jws
    at: datetime
    chain: tuple[Link, ...]
    previous: bytes


def format_time(moment: datetime) -> str:
    """UTC with milliseconds, `2026-05-01T12:30:01.123Z`. Finer digits are cut off."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text[:-6] + "Z"


def parse_time(text: object) -> datetime:
    """The inverse of `format_time`. Raises MalformedError."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise MalformedError("a time is written 2026-05-01T12:30:01.123Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise MalformedError("no such date or time") from None


def format_hash(digest: bytes) -> str:
    """Base64 of a hash; the empty text for no hash."""
    return b2a_base64(digest, newline=False).decode()


def build_event(members: dict[str, Any]) -> Event:
    """Encode and check the members of an event that is to be signed or admitted. Raises MalformedError."""
    data = canonical.encode(members)
    canonical.require_nfc(data)
    return _event(members, data)


def parse_event(data: bytes) -> Event:
    """Parse canonical event bytes. Raises MalformedError."""
    return _event(canonical.decode(data), data)


def build_entry(event: bytes, jws: str, *, at: str, chain: Sequence[Link], previous: bytes) -> bytes:
    """The bytes of an entry, from parts that were checked at admission: nothing is parsed again."""
    links = ",".join([f'["{subject}",{seq},"{format_hash(before)}"]' for subject, seq, before in chain])
    tail = f',"jws":"{jws}","log":{{"at":"{at}","chain":[{links}],"prev":"{format_hash(previous)}"}}}}'
    entry = b'{"event":%b%b' % (event, tail.encode())
    if len(entry) > canonical.MAX_BYTES:
        raise MalformedError(f"an entry is longer than {canonical.MAX_BYTES} bytes")
    return entry


def parse_entry(data: bytes) -> Entry:
    """Parse and check the bytes of an entry, whole. Raises MalformedError."""
    members = canonical.decode(data)
    if not isinstance(members, dict) or members.keys() != {"event", "jws", "log"}:
        raise MalformedError("an entry has exactly the members event, jws and log")
    log, jws = members["log"], members["jws"]
    if not isinstance(log, dict) or log.keys() != {"at", "chain", "prev"} or not isinstance(jws, str):
        raise MalformedError("the log part of an entry has exactly the members at, chain and prev")
    event = _event(members["event"], event_bytes(data))
    chain = tuple(_parse_link(link) for link in _list(log["chain"]))
    if tuple(link.subject for link in chain) != event.subjects:
        raise MalformedError("the chain of an entry does not follow its subjects")
    return Entry(event, parse_jws(jws), parse_time(log["at"]), chain, parse_hash(log["prev"]))


def event_bytes(entry: bytes) -> bytes:
    """The signed event inside canonical `entry` bytes, cut out without parsing. Raises MalformedError."""
    # A quote inside a JSON string is escaped, so the last of these marks is the structural one.
    end = entry.rfind(b',"jws":"', 0, entry.rfind(LOG_MARK) + 1)
    if not entry.startswith(b'{"event":{') or end < 0:
        raise MalformedError("not an entry")
    return entry[9:end]


def is_subject(text: object) -> TypeGuard[str]:
    """Whether this can name a subject: 1 to 64 of `A-Z0-9`."""
    return isinstance(text, str) and _SUBJECT.fullmatch(text) is not None


def parse_hash(text: object) -> bytes:
    """The inverse of `format_hash`: 32 bytes, or none for the empty text. Raises MalformedError."""
    if text == "":
        return b""
    try:
        digest = a2b_base64(text, strict_mode=True) if isinstance(text, str) and len(text) == 44 else b""
    except (Error, ValueError):
        digest = b""
    if len(digest) != 32 or format_hash(digest) != text:
        raise MalformedError("a hash is base64 of 32 bytes")
    return digest


def _parse_link(link: object) -> Link:
    subject, seq, previous = _list(link, length=3)
    if not isinstance(subject, str) or type(seq) is not int or seq < 1:
        raise MalformedError("a chain link is a subject, a number from 1 and a hash")
    digest = parse_hash(previous)
    if (seq == 1) != (digest == b""):
        raise MalformedError("only the first entry of a subject has no previous one")
    return Link(subject, seq, digest)


def _list(value: object, *, length: int | None = None) -> list[Any]:
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise MalformedError("an array of the log part has the wrong shape")
    return value


def _event(members: object, data: bytes) -> Event:
    if not isinstance(members, dict) or members.keys() != _ENVELOPE:
        raise MalformedError("an event has exactly the members " + ", ".join(sorted(_ENVELOPE)))
    if members["v"] != EVENT_VERSION or type(members["v"]) is not int:
        raise MalformedError("the version of an event is 1")
    id_, kind, actor, subjects = members["id"], members["type"], members["actor"], members["subjects"]
    if not isinstance(members["body"], dict) or not isinstance(members["log"], str):
        raise MalformedError("body is an object and log is text")
    if not isinstance(subjects, list) or len(subjects) > MAX_SUBJECTS:
        raise MalformedError(f"subjects is an array of at most {MAX_SUBJECTS}")
    try:
        well_formed = _NAMES.fullmatch("\n".join((id_, kind, actor, *subjects)))
    except TypeError:  # not all of them are text
        well_formed = None
    if not well_formed:
        _explain(members)
    if len(subjects) > 1 and len(set(subjects)) != len(subjects):
        raise MalformedError("a subject is named twice")
    occurred_at = parse_time(members["occurred_at"])
    return Event(id_, members["log"], kind, actor, occurred_at, tuple(subjects), members["body"], data)


def _explain(members: dict[str, Any]) -> NoReturn:
    """Say which of the names of an event is not well formed."""
    _match(_ID, members["id"], "id is a UUID of version 7 in lower case")
    _match(_NAME, members["type"], "type is a lower-case name")
    _match(_OPERATOR, members["actor"], "actor is an operator id")
    raise MalformedError("a subject is a battery's code")


def _match(pattern: re.Pattern[str], value: object, message: str) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedError(message)
