"""Turns among the processes of one host that write to one SQLite file.

SQLite lets a second writer wait by sleeping ever longer, up to a tenth of a second, so under load it mostly sleeps. A
lock on a file beside the database lets it go on within a millisecond. The database's own lock stays what it was, and
is what keeps out a process that knows nothing of this one. The kernel frees the lock of a process that dies.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import BusyError

PAUSE_SECONDS = 0.0005


class Turns:
    """The turns on one database file, for all threads of a process."""

    def __init__(self, file: Path, *, seconds: float) -> None:
        self._file = file.with_name(file.name + ".turn")
        self._seconds = seconds
        self._threads = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn and have it until the end. Raises BusyError after the time allowed."""
        give_up = time.monotonic() + self._seconds
        if not self._threads.acquire(timeout=self._seconds):
            raise BusyError("the register is busy: nothing was stored, send the same again")
        try:
            with self._file.open("ab") as lock:
                while not _try_lock(lock.fileno()):
                    if time.monotonic() > give_up:
                        raise BusyError("the register is busy: nothing was stored, send the same again")
                    time.sleep(PAUSE_SECONDS)
                yield
        finally:
            self._threads.release()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
