"""Other spellings of the same JSON: none of them is canonical, and none may be taken for an entry."""

import re
from collections.abc import Callable

Spelling = Callable[[bytes], bytes]


def _first(pattern: bytes, replacement: bytes) -> Spelling:
    return lambda line: re.sub(pattern, replacement, line, count=1)


SPELLINGS: dict[str, Spelling] = {
    "space after a colon": _first(rb":", b": "),
    "space after a comma": _first(rb",", b", "),
    "space at the end": lambda line: line + b" ",
    "space at the start": lambda line: b" " + line,
    "carriage return": lambda line: line + b"\r",
    "tab inside": _first(rb"\{", b"{\t"),
    "byte order mark": lambda line: b"\xef\xbb\xbf" + line,
    "letter escaped": _first(rb'"type":"(.)', lambda m: b'"type":"\\u%04x' % m[1][0]),  # type: ignore[arg-type]
    "member name escaped": lambda line: line.replace(b'"event"', b'"\\u0065vent"', 1),
    "slash escaped": _first(rb'"kid"|"log":"([^"/]*)/', lambda m: m[0].replace(b"/", b"\\/")),  # type: ignore[arg-type]
    "one as a float": _first(rb'"v":1', b'"v":1.0'),
    "one with an exponent": _first(rb'"v":1', b'"v":1e0'),
    "one with a zero before": _first(rb'"v":1', b'"v":01'),
    "one with a sign": _first(rb'"v":1', b'"v":+1'),
    "minus zero": _first(rb'"v":1', b'"v":-0'),
    "member twice": _first(rb'"v":1', b'"v":1,"v":1'),
    "other value first": _first(rb'"v":1', b'"v":2,"v":1'),
    "members in another order": _first(rb'("type":"[^"]*"),("v":1)', rb"\2,\1"),
    "comma at the end": _first(rb'"v":1', b'"v":1,'),
    "comment": _first(rb'"v":1', b'"v":1/**/'),
    "nothing": lambda line: b"",
    "empty object": lambda line: b"{}",
    "empty array": lambda line: b"[]",
    "null": lambda line: b"null",
    "not a number": _first(rb'"v":1', b'"v":NaN'),
    "second value": lambda line: line + b"{}",
    "zero byte": lambda line: line + b"\0",
    "cut": lambda line: line[:-1],
    "bytes that are not UTF-8": _first(rb'"type":"', b'"type":"\xff'),
    "surrogate in UTF-8": _first(rb'"type":"', b'"type":"\xed\xa0\x80'),
    "overlong slash": _first(rb'"type":"', b'"type":"\xc0\xaf'),
    "deeply nested": lambda line: b"[" * 100_000,
    "long": lambda line: line[:-1] + b',"z":"' + b"z" * 60_000 + b'"}',
}
