"""Reading the end mark of an export, as whoever got it would."""

from hashlib import sha256
from typing import Any

import orjson

from service.exports.stamp import END


def find_end(data: bytes) -> dict[str, Any] | None:
    """What the end mark of a whole, unchanged export says; None for anything else. Of NDJSON, JSON and CSV in UTF-8."""
    at = data.rfind(END.encode())
    before = data[: max(at, 0)]
    start = max(before.rfind(b"\n"), before.rfind(b"],") + 1) + 1 if b"\n" in before or b"]," in before else 0
    text = data[data.find(b"{", at) : data.rfind(b"}") + 1]
    digest = sha256(data[:start]).hexdigest()
    for candidate in (text, text[:-1], text.replace(b'""', b'"')):  # a member, or quoted in a cell
        try:
            members = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(members, dict) and members.get("sha256") == digest:
            return members
    return None
