"""A disk that lost its power: from a trace, what may be on it afterwards.

What was synced is there. Of what was written and not synced there may be nothing, all, the first part, any part, or
any part in sectors of 512 bytes. Names of files are kept in the order in which they were made and removed, up to some
point; a sync of a file keeps its name, a sync of a folder all of them (as journalling file systems do).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.trace import SYNCS, Op

SECTOR = 512
MODES = ("nothing", "all", "first part", "any part", "any sectors", "any sectors")
"""Ways to lose what was not synced; torn sectors are the hardest, so they are drawn twice as often."""


@dataclass(eq=False)
class _File:
    kept: bytearray = field(default_factory=bytearray)
    pending: list[Op] = field(default_factory=list)
    length: int = 0
    """As the process sees it."""


@dataclass(frozen=True)
class _Name:
    """A change of the folder: `path` is now this file, or none."""

    op: Op
    path: Path
    file: _File | None


class Disk:
    """Feed the moments of a trace in order; take images at any moment."""

    def __init__(self) -> None:
        self._kept: dict[Path, _File] = {}
        self._names: dict[Path, _File] = {}
        self._pending: list[_Name] = []

    def begin(self, op: Op) -> None:
        """An operation begins: from now on its effect may be on the disk."""
        if op.call in SYNCS:
            return
        if op.call == "openat":
            if op.path not in self._names:
                self._rename(op, op.path, _File())
        elif op.call == "unlink":
            self._rename(op, op.path, None)
        elif op.target is not None and op.path in self._names:
            self._rename(op, op.target, self._names[op.path])
            if op.call == "rename":
                self._rename(op, op.path, None)
        elif op.path in self._names:
            self._write(self._names[op.path], op)

    def end(self, op: Op) -> None:
        """An operation has ended: if it is a sync, what had ended before it began is kept."""
        if op.call not in SYNCS:
            return
        file = self._names.get(op.path)
        done = [name.op.ended < op.begun and (file is None or name.file is file) for name in self._pending]
        self._keep_names(len(done) - done[::-1].index(True) if True in done else 0)
        if file is not None:
            self._keep(file, op)

    def image(self, chance: random.Random) -> dict[Path, bytes]:
        """What may be found after the power went at this moment."""
        names = dict(self._kept)
        for name in self._pending[: chance.randint(0, len(self._pending))]:
            _apply_name(names, name)
        return {path: _content(file, chance) for path, file in names.items()}

    def _rename(self, op: Op, path: Path, file: _File | None) -> None:
        name = _Name(op, path, file)
        self._pending.append(name)
        _apply_name(self._names, name)

    def _keep_names(self, count: int) -> None:
        for name in self._pending[:count]:
            _apply_name(self._kept, name)
        del self._pending[:count]

    def _write(self, file: _File, op: Op) -> None:
        if op.call == "ftruncate":
            file.length = op.offset
        else:
            at = file.length if op.offset < 0 else op.offset
            op = Op(op.call, op.begun, op.ended, op.path, op.data, at)
            file.length = max(file.length, at + len(op.data))
        file.pending.append(op)

    def _keep(self, file: _File, sync: Op) -> None:
        for op in file.pending:
            if op.ended < sync.begun:
                _apply(file.kept, op)
        file.pending = [op for op in file.pending if op.ended >= sync.begun]


def moments(ops: Sequence[Op]) -> Iterator[tuple[int, bool, Op]]:
    """Beginnings (True) and ends (False) of operations by line."""
    yield from sorted(
        [(op.begun, True, op) for op in ops] + [(op.ended, False, op) for op in ops],
        key=lambda moment: (moment[0], not moment[1]),
    )


def _apply_name(names: dict[Path, _File], name: _Name) -> None:
    if name.file is None:
        names.pop(name.path, None)
    else:
        names[name.path] = name.file


def _content(file: _File, chance: random.Random) -> bytes:
    content, mode = bytearray(file.kept), chance.choice(MODES)
    first = chance.randint(0, len(file.pending))
    share = chance.choice((0.1, 0.5, 0.9))
    for number, op in enumerate(file.pending):
        if mode == "any sectors" and op.call != "ftruncate":
            for piece in _sectors(op):
                if chance.random() < share:
                    _apply(content, piece)
        elif (
            mode == "all"
            or (mode == "first part" and number < first)
            or (mode in ("any part", "any sectors") and chance.random() < share)
        ):
            _apply(content, op)
    return bytes(content)


def _sectors(op: Op) -> Iterator[Op]:
    start = op.offset
    while start < op.offset + len(op.data):
        end = min(start // SECTOR * SECTOR + SECTOR, op.offset + len(op.data))
        data = op.data[start - op.offset : end - op.offset]
        yield Op(op.call, op.begun, op.ended, op.path, data, start)
        start = end


def _apply(content: bytearray, op: Op) -> None:
    if op.call == "ftruncate":
        del content[op.offset :]
        content.extend(bytes(op.offset - len(content)))
        return
    content.extend(bytes(max(0, op.offset - len(content))))
    content[op.offset : op.offset + len(op.data)] = op.data
