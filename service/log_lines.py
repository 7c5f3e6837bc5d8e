"""Lines of the log: JSON, one a line, each member bounded, and nothing in them that opens anything.

What our own modules and the libraries tell Python's `logging` becomes a line like those of the server, with the trace
id of the request that it was about, or else with one of the process. A member is at most a kilobyte, a traceback eight:
who sends a megabyte in a name does not fill the disk with it.
"""

import json
import logging
import os
import re
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import FileIO
from typing import Any

import orjson

LONGEST = 1024
LONGEST_TRACEBACK = 8 * 1024
STDERR = 2
"""The file descriptor: a line is one write to it, which neither a fork nor a replaced `sys.stderr` disturbs."""
_SECRETS = (
    (re.compile(r"(pt_[a-z2-7]{12})_[A-Za-z0-9_-]{43}"), r"\1_(removed)"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 (removed)"),
    (re.compile(r"(?i)\b(://[^/\s:@]{1,64}):[^/\s@]{1,256}@"), r"\1:(removed)@"),
    (re.compile(r"PRIVATE\+KEY\+\S+"), "PRIVATE+KEY+(removed)"),
    (re.compile(r"whsec_[A-Za-z0-9+/=]{8,}"), "whsec_(removed)"),
)
"""API keys keep the part that may be known. Passwords in addresses of databases, signing keys, secrets of webhooks."""
_SUSPECT = re.compile(r"(?i)pt_|bearer|basic|://|PRIVATE|whsec")


def clean(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a line as they may be written."""
    return {name: _clean(name, value) for name, value in members.items()}


def write_line(members: Mapping[str, Any]) -> bytes:
    """The bytes of a line, without the line feed: ASCII, since some readers end a line at U+2028, and terminals obey
    U+009B and U+202E."""
    line = orjson.dumps(members, default=str)
    return line if line.isascii() else json.dumps(orjson.loads(line)).encode()


class JsonLines(logging.Handler):
    """Writes what `logging` is told to a file descriptor."""

    def __init__(self, trace: Callable[[], str | None], *, descriptor: int = STDERR) -> None:
        """`trace` gives the id of the request that is being answered, None outside of any."""
        super().__init__()
        self._trace, self._own = trace, os.urandom(16).hex()
        self._file = FileIO(descriptor, "w", closefd=False)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line. What cannot be told is told to whoever looks after `logging`, and stops nobody."""
        try:
            self._file.write(write_line(clean(self._members(record))) + b"\n")
        except Exception:
            self.handleError(record)

    def _members(self, record: logging.LogRecord) -> dict[str, Any]:
        members = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "trace_id": getattr(record, "trace_id", None) or self._trace() or self._own,
        }
        if record.exc_info:
            members["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return members


def capture(trace: Callable[[], str | None] = lambda: None) -> None:
    """Have all that this process tells `logging`, warnings and worse, written as lines."""
    logging.basicConfig(level=logging.WARNING, handlers=[JsonLines(trace)], force=True)


def _clean(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    longest = LONGEST_TRACEBACK if name == "exception" else LONGEST
    if len(value) > 2 * longest:  # patterns need not look at what is cut off anyhow
        value = value[:longest] + value[-longest:]
    if _SUSPECT.search(value):
        for pattern, instead in _SECRETS:
            value = pattern.sub(instead, value)
    return value if value.isascii() and len(value) <= longest else _cut(value, longest)


def _cut(text: str, longest: int) -> str:
    """At most so many bytes, the middle left out: a traceback says at its end what happened."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= longest:
        return data.decode()
    half = (longest - 5) // 2
    return f"{data[:half].decode(errors='ignore')} ... {data[-half:].decode(errors='ignore')}"
