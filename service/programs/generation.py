"""A mark that all processes of the host share, and that changes when a right has ended.

A process remembers for a moment who holds a key. To end one at once, the mark is changed, and what was remembered under
another mark is looked up again. It is eight random bytes in a file that each process maps into its memory, so that to
read it takes no system call; as no two marks are equal, who changes it needs no lock. Hosts that share a PostgreSQL
register do not share the file; they forget by time (`api.known_keys.MEMORY_SECONDS`).
"""

import mmap
import os
from pathlib import Path

FILE = "access.generation"
_SIZE = 8


class Generation:
    """The mark, as one process has it open."""

    def __init__(self, data: Path) -> None:
        """`data` is the register's data folder."""
        descriptor = os.open(data / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < _SIZE:
                os.ftruncate(descriptor, _SIZE)
            self._memory = mmap.mmap(descriptor, _SIZE)
        finally:
            os.close(descriptor)

    def mark(self) -> bytes:
        """The present mark. To be read before what is remembered under it is looked up."""
        return self._memory[:]

    def change(self) -> None:
        """Have every process of the host look up anew what it remembers. To be called after the commit."""
        self._memory[:] = os.urandom(_SIZE)

    def close(self) -> None:
        """Let go of the file."""
        self._memory.close()


def announce(data: Path) -> None:
    """Change the mark of a register's data folder: a right was ended, or a limit set, and is to hold at once."""
    generation = Generation(data)
    generation.change()
    generation.close()
