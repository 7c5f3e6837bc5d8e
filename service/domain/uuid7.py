"""Event ids: UUID version 7 of RFC 9562 in lower-case canonical text, the first 48 bits being Unix milliseconds."""

from __future__ import annotations

import re

from service.domain.errors import InvalidCode

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_PLACES = "xxxxxxxx-xxxx-7xxx-vxxx-xxxxxxxxxxxx"
_ALLOWED = {"x": "0123456789abcdef", "v": "89ab"}


def parse_uuid7(text: str) -> str:
    """`text` itself when it is a UUIDv7 in its one canonical form; otherwise InvalidCode."""
    if _CANONICAL.fullmatch(text):
        return text
    if len(text) != 36:
        raise InvalidCode(
            f"an event id has 36 characters; this has {len(text)}", f"事件编号为36位，此处为{len(text)}位"
        )
    position = next(
        at for at, (each, place) in enumerate(zip(text, _PLACES, strict=True)) if each not in _ALLOWED.get(place, place)
    )
    raise InvalidCode("not a lower-case UUID version 7 (RFC 9562)", "不是小写的UUID第7版（RFC 9562）", position)


def uuid7_time_ms(text: str) -> int:
    """Unix milliseconds in the id. The maker of the id chose them: a hint, not evidence."""
    return int(parse_uuid7(text).replace("-", "")[:12], 16)


def make_uuid7(ms: int, random_bytes: bytes) -> str:
    """The id of this millisecond and ten random bytes (74 bits of them are used)."""
    if not 0 <= ms < 1 << 48 or len(random_bytes) != 10:
        raise ValueError("48 bits of milliseconds and 10 random bytes are needed")
    raw = bytearray(ms.to_bytes(6, "big") + random_bytes)
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
