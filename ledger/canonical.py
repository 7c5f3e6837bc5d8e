"""Canonical JSON: the one sequence of bytes that stands for a value.

The profile is RFC 8785 narrowed until no two implementations can disagree:
no floats, no null, integers within +/-(2**53 - 1), object keys of `[a-z0-9_]`, no lone surrogates, at most 60,000
bytes and 16 levels. Inside it, sorted compact JSON is byte for byte what RFC 8785 prescribes.
"""

import json
import re
import unicodedata
from typing import Any

import orjson

from ledger.errors import MalformedError

MAX_BYTES = 60_000
MAX_DEPTH = 16
MAX_INTEGER = 2**53 - 1

_KEYS = re.compile(r"[a-z0-9_]+")


def encode(value: object) -> bytes:
    """Canonical bytes of `value`. Raises MalformedError outside the profile."""
    check_profile(value)
    data = _dump(value)
    if len(data) > MAX_BYTES:
        raise MalformedError(f"canonical JSON is longer than {MAX_BYTES} bytes")
    return data


def decode(data: bytes) -> Any:
    """The value of canonical `data`. Raises MalformedError for every other spelling of the same value."""
    if len(data) > MAX_BYTES:
        raise MalformedError(f"canonical JSON is longer than {MAX_BYTES} bytes")
    value = _load(data)
    check_profile(value)
    if _dump(value) != data:
        raise MalformedError("JSON is not in canonical form")
    return value


def parse_json(data: bytes, *, max_depth: int = 64) -> Any:
    """Any strict JSON text: UTF-8, one value per key, finite numbers, no lone surrogates, at most `max_depth` levels.

    Python's own parser keeps the last of two equal keys and accepts NaN; two readers of the same bytes must not
    see different values, so both are refused here. Raises MalformedError.
    """
    value = _load(data)
    _check_depth(value, max_depth)
    if orjson.dumps(value) != data:  # equal bytes cannot hide a key that was given twice; others are read again
        try:
            json.loads(data, object_pairs_hook=_unique_pairs)
        except (ValueError, RecursionError) as error:
            raise MalformedError(f"not strict JSON: {error}") from None
    return value


def require_nfc(data: bytes) -> None:
    """Raise MalformedError unless the text in canonical `data` is in Unicode NFC.

    For who writes. Verifiers do not ask: what is NFC differs between versions of Unicode, and they must agree.
    """
    if not data.isascii() and not unicodedata.is_normalized("NFC", data.decode()):
        raise MalformedError("a string is not in Unicode normalization form C")


def check_profile(value: object) -> None:
    """Raise MalformedError unless `value` is inside the profile."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str:
                if not item.isascii():
                    _check_text(item)
            elif kind is dict:
                if item:
                    _check_keys(item)
                below.extend(item.values())
            elif kind is list or kind is tuple:
                below.extend(item)
            elif kind is int:
                if not -MAX_INTEGER <= item <= MAX_INTEGER:
                    raise MalformedError("an integer is beyond 2**53 - 1")
            elif kind is not bool:
                raise MalformedError(f"{kind.__name__} has no canonical form: use text or a scaled integer")
        if not below:
            return
        level = below
    raise MalformedError(f"JSON is nested deeper than {MAX_DEPTH} levels")


def _check_keys(members: dict[Any, Any]) -> None:
    try:
        joined = "".join(members)
    except TypeError:
        joined = ""
    if "" in members or not _KEYS.fullmatch(joined):
        raise MalformedError("an object key is not made of a-z, 0-9 and _")


def _load(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedError(f"not JSON: {error}") from None


def _dump(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError) as error:  # orjson.JSONEncodeError is a TypeError
        raise MalformedError(f"no JSON form: {error}") from None


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedError("a string holds half of a surrogate pair") from None


def _check_depth(value: object, limit: int) -> None:
    level: list[Any] = [value]
    for _ in range(limit):
        below: list[Any] = []
        for item in level:
            if type(item) is dict:
                below.extend(item.values())
            elif type(item) is list:
                below.extend(item)
        if not below:
            return
        level = below
    raise MalformedError(f"JSON is nested deeper than {limit} levels")


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object names a key twice")
    return members
