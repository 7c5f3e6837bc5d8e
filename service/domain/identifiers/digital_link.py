"""GS1 keys in an address: the path of a GS1 Digital Link, read whole or not at all.

A path is split at "/" before anything is decoded, and each segment is percent-decoded once, so an encoded slash can
never make a new segment: it is refused. Which keys and qualifiers there are, and their order, is `gs1_keys.PATHS`.
Source: GS1 Digital Link Standard: URI Syntax, 4.7 to 4.9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote

from service.domain.errors import InvalidCode
from service.domain.identifiers.gs1_keys import AIS, PATHS

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?", re.ASCII)
_KEY_SEGMENT = re.compile(rf"/(?:{'|'.join(PATHS)})(?=/|\Z)", re.ASCII)


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """A primary key with its value, and the qualifiers in the order in which they stand."""

    key: str
    value: str
    qualifiers: tuple[tuple[str, str], ...] = ()

    @property
    def serial(self) -> str | None:
        """AI 21, where there is one."""
        return dict(self.qualifiers).get("21")

    @property
    def elements(self) -> Mapping[str, str]:
        """All values by application identifier, the primary key first."""
        return {self.key: self.value, **dict(self.qualifiers)}


def format_path(link: DigitalLink) -> str:
    """The path of this link, percent-encoded, beginning with a slash. `parse_path` of it gives the same link."""
    return "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in link.elements.items())


def parse_path(raw_path: str) -> DigitalLink:
    """The link in a path still percent-encoded, without scheme, host and query. InvalidCode for anything else."""
    if not raw_path.startswith("/"):
        raise InvalidCode("a Digital Link path begins with a slash", "路径须以斜杠开头", 0)
    segments, starts, position = raw_path[1:].split("/"), [], 1
    for segment in segments:
        starts.append(position)
        position += len(segment) + 1
    values = [_decode(segment, start) for segment, start in zip(segments, starts, strict=True)]
    keys = values[0::2]
    _check_keys(keys, starts[0::2])
    if len(values) % 2:
        row = AIS[keys[-1]]
        raise InvalidCode(f"the {row.en} is missing", f"缺少{row.zh}")
    pairs = zip(keys, values[1::2], starts[1::2], strict=True)
    read = [(ai, _shifted(AIS[ai].parse, value, start)) for ai, value, start in pairs]
    return DigitalLink(*read[0], tuple(read[1:]))


def key_position(path: str) -> int | None:
    """Where in the path of an address a Digital Link may begin, behind whatever the host keeps before it."""
    match = _KEY_SEGMENT.search(path)
    return None if match is None else match.start()


def check_elements(keys: list[str]) -> None:
    """InvalidCode where these application identifiers cannot name one thing together, in this order."""
    _check_keys(keys, [None] * len(keys))


def _check_keys(keys: list[str], starts: list[int] | list[None]) -> None:
    for at, key in enumerate(keys):
        if key in keys[:at]:
            raise InvalidCode("an application identifier stands twice", "应用标识符重复", starts[at])
        if key not in AIS:
            raise InvalidCode(
                f"only the application identifiers {', '.join(AIS)} are used",
                f"仅使用应用标识符{'、'.join(AIS)}",
                starts[at],
            )
    if keys[0] not in PATHS:
        _misplaced(keys[0])
    if tuple(keys[1:]) not in PATHS[keys[0]]:
        _misplaced(keys[1])


def _misplaced(ai: str) -> NoReturn:
    ways = [f"/{key}/…" + "".join(f"/{each}/…" for each in after) for key, rows in PATHS.items() for after in rows]
    raise InvalidCode(
        f"{ai} cannot stand here: the keys come in this order: {', '.join(ways)}",
        f"{ai}不能在此处：应用标识符应依次为{'、'.join(ways)}",
    )


def _decode(segment: str, start: int) -> str:
    if not segment:
        raise InvalidCode("an empty segment", "路径中有空段", start)
    for match in _ESCAPE.finditer(segment):
        if match[1] is None:
            raise InvalidCode(
                "a percent sign without two hexadecimal digits", "百分号后须有两位十六进制数", start + match.start()
            )
        if not 0x20 < int(match[1], 16) < 0x7F or match[1].upper() == "2F":
            raise InvalidCode("this escaped character is not allowed", "不允许该转义字符", start + match.start())
    for position, each in enumerate(segment):
        if not "\x20" < each < "\x7f" or each in '?#"<>\\^`{|}':
            raise InvalidCode("this character cannot stand in a path", "路径中不允许该字符", start + position)
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), segment)


def _shifted(parse: Callable[[str], str], value: str, start: int) -> str:
    """`parse(value)`, its position counted from the start of the whole path (exact where nothing was escaped)."""
    try:
        return parse(value)
    except InvalidCode as error:
        position = None if error.position is None else start + error.position
        raise InvalidCode(error.reason_en, error.reason_zh, position) from None
