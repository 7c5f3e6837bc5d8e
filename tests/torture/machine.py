"""A machine that can be turned against the server while it runs: its disk, its clock. See hostile.c."""

import errno
import mmap
import os
import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("hostile.c")
VARIABLE = "PACKTRAIL_TORTURE_MACHINE"
PART = 88
TRAP = 5 * 8 + PART
FROZEN = 8 + 3 * TRAP
"""Where the moment stands at which the clock stands still."""
KILL = -1
"""Instead of an error: the whole process group is killed at the call."""
FULL, BROKEN = errno.ENOSPC, errno.EIO
FOR_EVER = 1 << 40


def compiler() -> str | None:
    """A C compiler, if there is one."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


class Machine:
    """What the processes that are started with `environment` believe of their machine."""

    def __init__(self, folder: Path) -> None:
        """Compile into `folder`. Raises CalledProcessError where the compiler lacks the C library's headers."""
        library, file = folder / "hostile.so", folder / "machine"
        words = [compiler() or "cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-D_LARGEFILE64_SOURCE"]
        subprocess.run([*words, "-o", str(library), str(SOURCE), "-ldl"], check=True, capture_output=True)
        file.write_bytes(bytes(FROZEN + 8))
        with file.open("r+b") as stream:
            self._memory = mmap.mmap(stream.fileno(), 0)
        self.environment = {"LD_PRELOAD": str(library), VARIABLE: str(file)}
        self.write = Trap(self._memory, 8)
        self.sync = Trap(self._memory, 8 + TRAP)
        self.read = Trap(self._memory, 8 + 2 * TRAP)

    def set_clock(self, seconds: float) -> None:
        """Let the clock go, and be wrong by so many seconds."""
        struct.pack_into("=q", self._memory, 0, int(seconds * 1e9))
        struct.pack_into("=q", self._memory, FROZEN, 0)

    def stop_clock(self, moment_ms: int) -> None:
        """Let the clock stand still at so many milliseconds since 1970."""
        struct.pack_into("=q", self._memory, FROZEN, moment_ms * 1_000_000)

    def heal(self) -> None:
        """The disk works again. The clock stays as it is."""
        for trap in (self.write, self.sync, self.read):
            trap.heal()


class Trap:
    """One kind of call that can be made to fail."""

    def __init__(self, memory: mmap.mmap, at: int) -> None:
        self._memory = memory
        self._at = at

    def set(self, part: str, error: int, *, skip: int = 0, times: int = FOR_EVER) -> None:
        """After `skip` calls on paths that end with `part`, fail the next `times`."""
        self.heal()
        self._memory[self._at + 40 : self._at + 40 + PART] = os.fsencode(part).ljust(PART, b"\0")
        struct.pack_into("=qqqqq", self._memory, self._at, 0, skip, skip + times, error, 0)

    def heal(self) -> None:
        """Let every call succeed."""
        struct.pack_into("=q", self._memory, self._at + 16, 0)

    @property
    def struck(self) -> int:
        """How many calls failed since it was set."""
        number: int = struct.unpack_from("=q", self._memory, self._at + 32)[0]
        return number
