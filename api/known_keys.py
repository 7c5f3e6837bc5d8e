"""API keys that were good a moment ago, so that a busy program is not looked up in the database at every request.

A key that was revoked is refused at once by the process that revoked it, and by the others after MEMORY_SECONDS. The
keys themselves are not kept, only their SHA-256.
"""

import threading
import time
from collections.abc import Callable
from hashlib import sha256

from service.access import Caller

MEMORY_SECONDS = 2.0
CAPACITY = 10_000


class KnownKeys:
    """Callers by their key, each for MEMORY_SECONDS. Safe for use by several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` counts seconds."""
        self._now = now
        self._callers: dict[bytes, tuple[float, Caller]] = {}
        self._lock = threading.Lock()

    def find(self, key: str) -> Caller | None:
        """The holder of a key that was good within MEMORY_SECONDS."""
        known = self._callers.get(_digest(key))
        return known[1] if known is not None and self._now() < known[0] else None

    def remember(self, key: str, caller: Caller) -> None:
        """Note that the key was good just now."""
        with self._lock:
            if len(self._callers) >= CAPACITY:
                self._callers.clear()
            self._callers[_digest(key)] = (self._now() + MEMORY_SECONDS, caller)

    def forget(self) -> None:
        """Look every key up anew: one has been revoked."""
        with self._lock:
            self._callers.clear()


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogateescape")).digest()
