"""Chores: what a served register does from time to time by itself, each in only one process of the host.

Every worker process starts all chores; the one that gets the lock on a chore's file does it, until it ends. The kernel
frees the lock of a process that dies, and another one takes over. Each chore has a thread of its own, so that a slow
one holds up none of the others. The file also says when the chore last succeeded, for all processes to read and across
restarts: a daily chore is not done again because the server was started again.

A chore that takes long looks at `Chores.stopping` and returns early. All threads are daemons: a chore that does not
return does not keep its process from ending, so its work must bear being cut off at any point.
"""

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = "chores"
TAKE_OVER_SECONDS = 5.0
"""How often a process asks for the lock of a chore that another one has."""
RETRY_SECONDS = 60.0
"""When a chore that failed is tried again, unless it comes round sooner."""
STOP_SECONDS = 1.0
"""What the chores of a process get to finish. The promise of the server, ten seconds in all, leaves little."""

Tell = Callable[[str, Exception], None]
"""Told who failed (a chore, or somebody it deals with) and with what: for whoever looks after the installation."""


@dataclass(frozen=True, slots=True)
class Chore:
    """`work` is done, then again `every_seconds` later. `name` is `[a-z-]+`: it names the file and the metric."""

    name: str
    every_seconds: float
    work: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Done:
    """When a chore last succeeded and last failed, in seconds since 1970; 0 for never. `error` is of the failure."""

    succeeded: float = 0.0
    failed: float = 0.0
    error: str = ""


class Chores:
    """The chores of one process."""

    def __init__(self, folder: Path, tell: Tell) -> None:
        """`folder` is the register's data folder."""
        self.stopping = threading.Event()
        self.tell = tell
        self._folder = folder / FOLDER
        self._threads: list[threading.Thread] = []

    def start(self, chores: Iterable[Chore]) -> None:
        """Begin, each chore in its own thread. Returns at once."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for chore in chores:
            thread = threading.Thread(target=self._attend, args=(chore,), name=f"chore-{chore.name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask all to end and wait for them, in all for so many seconds."""
        self.stopping.set()
        give_up = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, give_up - time.monotonic()))

    def _attend(self, chore: Chore) -> None:
        descriptor = os.open(_file(self._folder, chore.name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not _try_lock(descriptor):
                if self.stopping.wait(TAKE_OVER_SECONDS):
                    return
            done = _parse(os.pread(descriptor, 65536, 0))
            pause = _until_due(chore, done, time.time())
            while not self.stopping.wait(pause):
                done = self._do(chore, done)
                _write(descriptor, done)
                pause = chore.every_seconds if not done.error else min(chore.every_seconds, RETRY_SECONDS)
        finally:
            os.close(descriptor)

    def _do(self, chore: Chore, before: Done) -> Done:
        try:
            chore.work()
        except Exception as error:  # whatever it is: the next chore, and the next time, must come
            if self.stopping.is_set():  # it was cut off, which is neither success nor failure
                return before
            self.tell(chore.name, error)
            return Done(before.succeeded, time.time(), f"{type(error).__name__}: {error}"[:500])
        return Done(time.time(), before.failed)


def work_off(step: Callable[[], object], stopping: threading.Event) -> None:
    """Do `step` until it gives nothing. After each it rests as long as that took, so that recording goes first."""
    begun = time.monotonic()
    while step() and not stopping.wait(time.monotonic() - begun):
        begun = time.monotonic()


def last_done(folder: Path) -> dict[str, Done]:
    """When each chore of the register in `folder` was last done, by name, whichever process did it."""
    files = sorted((folder / FOLDER).glob("*.lock")) if (folder / FOLDER).is_dir() else []
    return {file.stem: _parse(file.read_bytes()) for file in files}


def _until_due(chore: Chore, done: Done, now: float) -> float:
    """Seconds to wait before the first time. A success in the future tells of a clock that was put back: do it now."""
    if done.error or not 0 <= now - done.succeeded < chore.every_seconds:
        return 0.0
    return chore.every_seconds - (now - done.succeeded)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.lock"


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(descriptor: int, done: Done) -> None:
    """In one write of a fixed length, so that who reads meanwhile sees one record."""
    text = json.dumps({"succeeded": done.succeeded, "failed": done.failed, "error": done.error})
    os.pwrite(descriptor, text.encode().ljust(4096), 0)


def _parse(data: bytes) -> Done:
    try:
        found = json.loads(data)
        return Done(float(found["succeeded"]), float(found["failed"]), str(found["error"]))
    except (ValueError, KeyError, TypeError):  # never written, or written by somebody else
        return Done()
