"""What a process asked of the disk, and what it told the world, in order: read from strace.

Each operation has two numbers, the lines at which it was begun and ended. A write may have reached the disk from its
beginning on; a sync covers what had ended before it began, and holds once it has ended.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WRITES = ("pwrite64", "write")
SYNCS = ("fsync", "fdatasync")
NAMES = ("rename", "link", "linkat", "unlink")
CALLS = (*WRITES, *SYNCS, *NAMES, "openat", "ftruncate", "sendto")
LINE = re.compile(rb"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)", re.DOTALL)
STRING = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
OPENED = re.compile(rb"(-?\d+)<((?:\\x[0-9a-f]{2})*)>")
UNFINISHED = b" <unfinished ...>"


@dataclass(frozen=True, slots=True)
class Op:
    """One call that succeeded. `path`: the file, or the folder that is synced. `data`: what was written or sent."""

    call: str
    begun: int
    ended: int
    path: Path
    data: bytes = b""
    offset: int = 0
    """Where it was written; for ftruncate the new length."""
    target: Path | None = None
    """The new name of a file."""
    creates: bool = False


def may_trace() -> bool:
    """Whether strace is installed, and may look at what it starts."""
    words = ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true"]
    return (
        shutil.which("strace") is not None and subprocess.run(words, capture_output=True, check=False).returncode == 0
    )


def tracer(output: Path) -> list[str]:
    """The command line to put before a program.

    strace becomes a child, so that the process that was started is the program itself.
    """
    words = ["-D", "-f", "-y", "-xx", "-s", "100000", "--seccomp-bpf", "-q", "-e", "signal=none"]
    return ["strace", *words, "-e", "trace=" + ",".join(CALLS), "-o", str(output)]


def read_trace(file: Path) -> list[Op]:
    """The operations that succeeded, in the order in which they began."""
    return sorted(_operations(file), key=lambda op: op.begun)


def _operations(file: Path) -> Iterator[Op]:
    begun: dict[bytes, tuple[int, bytes]] = {}
    with file.open("rb") as stream:
        for number, line in enumerate(stream):
            match = LINE.match(line.rstrip(b"\n"))
            if match is None:
                continue
            process, resumed, call, rest = match.groups()
            if rest.endswith(UNFINISHED):
                begun[process] = (number, rest.removesuffix(UNFINISHED))
                continue
            start, text = number, rest
            if resumed is not None:
                if process not in begun:
                    continue
                start, head = begun.pop(process)
                text = head + rest
            op = _parse((resumed or call).decode(), text, start, number)
            if op is not None:
                yield op


def _parse(call: str, text: bytes, begun: int, ended: int) -> Op | None:
    """An operation from the arguments and the result of a call; None if it failed or changed nothing."""
    arguments, _, result = text.rpartition(b" = ")
    if not arguments or result.startswith((b"-", b"?")):
        return None
    strings = [_plain(found[1]) for found in STRING.finditer(arguments)]
    opened = OPENED.search(arguments)
    path = Path(_plain(opened[2]).decode()) if opened else Path()
    if call == "openat":
        return Op(call, begun, ended, Path(strings[0].decode()), creates=True) if b"O_CREAT" in arguments else None
    if call in NAMES:
        target = Path(strings[1].decode()) if len(strings) > 1 else None
        return Op("link" if call == "linkat" else call, begun, ended, Path(strings[0].decode()), target=target)
    if call == "ftruncate":
        return Op(call, begun, ended, path, offset=_last_number(arguments))
    if call == "pwrite64":
        return Op(call, begun, ended, path, strings[0][: int(result)], _last_number(arguments))
    if call in ("write", "sendto"):
        return Op(call, begun, ended, path, strings[0][: int(result)], -1)
    return Op(call, begun, ended, path)


def _last_number(arguments: bytes) -> int:
    return int(arguments.rstrip().rstrip(b")").rpartition(b", ")[2])


def _plain(text: bytes) -> bytes:
    return bytes.fromhex(text.replace(b"\\x", b"").decode())
