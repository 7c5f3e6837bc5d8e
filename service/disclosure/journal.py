"""The journal: where readings stand from before they are answered until they are taken into the table.

A table beside the log would cost every reading a turn among those who record. So a reading is a line in a file of the
data folder, written and synced before the answer leaves: after a cut of power it is there, or nobody was answered.
Those who write at once share one sync. Who takes the lines over renames the file first, and deletes it when they are in
the table.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

OPEN = "open"
TAKEN = "*.taken"


class Journal:
    """One process's hand on the journal in `folder`. Safe for its threads; other processes write to the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._file = -1
        self._written = 0
        self._synced = 0

    def write(self, lines: Sequence[bytes]) -> None:
        """Append lines without a line break in them; when this returns they are on the disk. Raises OSError."""
        data = b"".join(b"\n%s\n" % line for line in lines)  # the first break ends a line that a crash cut off
        with self._lock:
            self._append(data)
            self._written += 1
            mine = self._written
        with self._turn:
            if self._synced >= mine:
                return
            with self._lock:
                all_, file = self._written, os.dup(self._file)
            try:
                os.fdatasync(file)
            finally:
                os.close(file)
            self._synced = all_

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    def _append(self, data: bytes) -> None:
        while True:
            if self._file < 0:
                self._file = _open(self.folder)
            fcntl.flock(self._file, fcntl.LOCK_SH)
            try:
                if _is_open(self._file, self.folder / OPEN):
                    if os.write(self._file, data) != len(data):
                        raise OSError("the journal of readings could not be written whole")
                    return
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
            os.fdatasync(self._file)  # lines of others in here, who have not come to sync them yet
            os.close(self._file)
            self._file = -1


def take_over(folder: Path) -> list[Path]:
    """The files whose lines may be taken into the table, the oldest first; nobody writes to them any more."""
    current = folder / OPEN
    try:
        file = os.open(current, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return sorted(folder.glob(TAKEN))
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_size and _is_open(file, current):
            current.rename(folder / f"{time.time_ns():020}.taken")
    finally:
        os.close(file)
    return sorted(folder.glob(TAKEN))


@contextmanager
def taking(folder: Path) -> Iterator[None]:
    """While the block lasts no other process of the host takes lines over."""
    folder.mkdir(mode=0o700, exist_ok=True)
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def has_lines(folder: Path) -> bool:
    """Whether there is anything to take over."""
    current = folder / OPEN
    return any(folder.glob(TAKEN)) or (current.exists() and current.stat().st_size > 0)


def _open(folder: Path) -> int:
    folder.mkdir(mode=0o700, exist_ok=True)
    file = os.open(folder / OPEN, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(place)  # a new name is on the disk when its folder is
    finally:
        os.close(place)
    return file


def _is_open(file: int, current: Path) -> bool:
    try:
        found = current.stat()
    except FileNotFoundError:
        return False
    own = os.fstat(file)
    return (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)
