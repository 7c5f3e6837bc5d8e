"""The chain of an owner's readings: what it is made of, and how anybody who was shown them checks it.

    chain(n) = SHA-256("access/v1\\n" || chain(n-1) || JCS(reading n))        chain(0) = 32 zero bytes

Each owner has a chain of its own, so that it can check all that it is shown: a reading that was taken out, changed or
put in between later does not fit what the owner saw before.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from ledger import canonical
from ledger.entry import format_hash, parse_hash
from ledger.errors import LedgerError

START = bytes(32)
OWN = ("seq", "id", "at", "operator", "person", "key_id", "owner", "subject", "parts", "route", "purpose", "size")
"""The members of a reading that the chain covers."""


def next_link(before: bytes, members: Mapping[str, Any]) -> bytes:
    """The chain's value after a reading."""
    return sha256(b"access/v1\n" + before + canonical.encode({name: members[name] for name in OWN})).digest()


def find_break(readings: Sequence[Mapping[str, Any]], *, before: bytes | None = None) -> int | None:
    """The first of these readings, oldest first and as they were answered, that does not follow; None: all do.

    `before` is the chain as the reader knew it before the first of them; without it the first one is taken as it is,
    unless it is the first of all.
    """
    value = before
    for place, members in enumerate(readings):
        try:
            given = parse_hash(members["chain"])
            follows = place == 0 or members["seq"] == readings[place - 1]["seq"] + 1
            start = START if members["seq"] == 1 else value
            if not follows or (start is not None and next_link(start, members) != given):
                return place
        except (KeyError, TypeError, LedgerError):
            return place
        value = given
    return None


def format_link(value: bytes) -> str:
    """A value of the chain as it is told."""
    return format_hash(value)
