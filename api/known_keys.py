"""API keys that were good a moment ago, so that a busy program is not looked up in the database at every request.

A key that was ended is refused at once by all processes of the host, which share a mark that then changes
(`service.programs.generation`), and by other hosts after MEMORY_SECONDS. The keys themselves are not kept, only their
SHA-256.
"""

import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from service.access import Caller
from service.programs.generation import Generation

MEMORY_SECONDS = 2.0
CAPACITY = 10_000


class _Known(NamedTuple):
    until: float
    mark: bytes
    caller: Caller


class KnownKeys:
    """Callers by their key, each for MEMORY_SECONDS. Safe for use by several threads."""

    def __init__(self, generation: Generation, now: Callable[[], float] = time.monotonic) -> None:
        """`now` counts seconds."""
        self._generation, self._now = generation, now
        self._known: dict[bytes, _Known] = {}
        self._lock = threading.Lock()

    def holder(self, key: str, look_up: Callable[[], Caller]) -> Caller:
        """Who holds the key: as `look_up` said within MEMORY_SECONDS, or says now. Raises what it raises."""
        digest = sha256(key.encode("utf-8", "surrogateescape")).digest()
        mark, now = self._generation.mark(), self._now()
        known = self._known.get(digest)
        if known is not None and now < known.until and known.mark == mark:
            return known.caller
        caller = look_up()
        with self._lock:
            if len(self._known) >= CAPACITY:
                self._known.clear()
            self._known[digest] = _Known(now + MEMORY_SECONDS, mark, caller)
        return caller
