"""The verifier's state: how far a register was verified, so that the next run need not check those signatures again.

Only signatures are spared. Every later run hashes all entries again: the first `size` of them must have exactly this
root, so that what was verified then is, byte for byte, what is there now. The format: ledger/README.md.
"""

import json
import os
import signal
import threading
import time
from binascii import Error, a2b_base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.canonical import parse_json
from ledger.entry import format_hash
from ledger.errors import MalformedError
from ledger.tree import HASH_SIZE
from ledger.verification.findings import Anchor

FORMAT = "packtrail-verifier-state-v1"
SAVE_SECONDS = 10.0
_MEMBERS = {"format", "origin", "root", "size"}


class StateError(MalformedError):
    """The state of an earlier verification is of another log."""


@dataclass(frozen=True, slots=True)
class State:
    """The first `size` entries of the log, with this root, were verified with all signatures."""

    origin: str
    size: int
    root: bytes

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.size, self.root, "an earlier verification found")


def parse_state(data: bytes) -> State:
    """Parse what `format_state` writes. Raises MalformedError."""
    members = parse_json(data)
    if not isinstance(members, dict) or members.keys() != _MEMBERS or members["format"] != FORMAT:
        raise MalformedError("not the state of a verifier")
    origin, size, text = members["origin"], members["size"], members["root"]
    if not isinstance(origin, str) or type(size) is not int or size < 1 or not isinstance(text, str):
        raise MalformedError("the state of a verifier names an origin, a size from 1 and a root")
    try:
        root = a2b_base64(text, strict_mode=True)
    except (Error, ValueError):
        root = b""
    if len(root) != HASH_SIZE:
        raise MalformedError("the root in the state of a verifier is base64 of 32 bytes")
    return State(origin, size, root)


def format_state(state: State) -> bytes:
    members = {"format": FORMAT, "origin": state.origin, "root": format_hash(state.root), "size": state.size}
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"


def read_state(file: Path) -> State | None:
    """The state in `file`, None where there is no file yet. Raises MalformedError."""
    try:
        return parse_state(file.read_bytes())
    except FileNotFoundError:
        return None


def write_state(file: Path, state: State) -> None:
    """Put the state into `file` whole: whoever reads it, whenever the machine stops, finds the old one or the new."""
    beside = file.with_name(file.name + ".new")
    with beside.open("wb") as stream:
        stream.write(format_state(state))
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(file)


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM interrupts like Ctrl-C, so that what was done can be kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class StateFile:
    """The state of one run in its file: use it in a `with`, so that an interrupted run keeps what it has done.

    Raises MalformedError when the file holds something else.
    """

    def __init__(self, file: Path) -> None:
        self.found = read_state(file)
        self._file = file
        self._new: State | None = None
        self._written = time.monotonic()

    def save(self, state: State) -> None:
        """Remember a new state; it is written now and then, and at the end."""
        self._new = state
        if time.monotonic() - self._written >= SAVE_SECONDS:
            self._write()

    def __enter__(self) -> "StateFile":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._write()

    def _write(self) -> None:
        if self._new is not None:
            write_state(self._file, self._new)
        self._new, self._written = None, time.monotonic()
