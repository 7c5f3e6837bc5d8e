"""Where a verification reads entries from: cut into places that workers read by themselves."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from ledger.canonical import MAX_BYTES
from ledger.verification.stretch import UnsoundError

PIECE = 1 << 20
BLOCK = 1024
"""Entries given at once: a multiple of a tile's 256."""


class Place(NamedTuple):
    """`count` entries from index `first` on; `start` and `end` are for the source itself, such as offsets in a file."""

    first: int
    count: int  # type: ignore[assignment]  # tuple.count is of no use here
    start: int = 0
    end: int = 0


class Source(Protocol):
    """A place where a register's entries are. Travels to workers, so it must be picklable as long as it is closed."""

    forks: bool
    """Whether it may be used in a copy of a process, or needs workers that start from nothing."""

    def places(self, chunk: int) -> Iterator[Place]:
        """All entries in order, in chunks of `chunk` entries, a power of two from 256 on; only the last is shorter."""
        ...

    def blocks(self, place: Place) -> Iterator[list[bytes]]:
        """The entries of a place in blocks of BLOCK. Raises UnsoundError where they cannot be read."""
        ...

    def leaves(self, place: Place) -> bytes | None:
        """The leaf hashes that are stored for full tiles of the place, joined; None where none are stored."""
        ...

    def close(self) -> None:
        """Let go of what reading opened."""
        ...


class ExportSource:
    """An export: entries as lines."""

    forks = True

    def __init__(self, file: Path) -> None:
        self.file = file

    def places(self, chunk: int) -> Iterator[Place]:
        """Counts lines, which takes a tenth of what hashing them takes."""
        first = count = at = start = 0
        with self.file.open("rb") as file:
            while piece := file.read(PIECE):
                end = piece.find(b"\n")
                while end >= 0:
                    count += 1
                    if count == chunk:
                        yield Place(first, chunk, start, at + end + 1)
                        first, count, start = first + chunk, 0, at + end + 1
                    end = piece.find(b"\n", end + 1)
                at += len(piece)
                last = piece[-1:]
        if at > start:
            yield Place(first, count + (last != b"\n"), start, at)

    def blocks(self, place: Place) -> Iterator[list[bytes]]:
        held: list[bytes] = []
        carry = b""
        with self.file.open("rb") as file:
            file.seek(place.start)
            left = place.end - place.start
            while left and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                *lines, carry = (carry + piece).split(b"\n")
                if len(carry) > MAX_BYTES:
                    raise UnsoundError
                held += lines
                while len(held) >= BLOCK:
                    yield held[:BLOCK]
                    del held[:BLOCK]
        if carry:
            held.append(carry)
        if held:
            yield held

    def leaves(self, place: Place) -> bytes | None:
        """An export holds entries only."""
        return None

    def close(self) -> None:
        """Nothing stays open."""
