"""Finding event ids that are recorded twice, among more ids than there should be room for in memory.

Ids are written to an unnamed temporary file in sorted runs, 24 bytes each; at the end one slice of all runs after the
other is read, sorted, and neighbours are compared. Memory: one run, and one slice of about RUN ids. Runs are sorted by
the last bytes of an id first, since ids of version 7 begin with the time and only end with chance.
"""

import tempfile
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import BinaryIO, NamedTuple

RUN = 16_384
RECORD = 24


class Twice(NamedTuple):
    """An event id, and the indexes of two entries that bear it."""

    id: str
    earlier: int
    later: int


def pack_ids(ids: Iterable[tuple[str, int]]) -> bytes:
    """A sorted run of (event id, index). Raises ValueError for what is no UUID."""
    records = [bytes.fromhex(id_.replace("-", ""))[::-1] + index.to_bytes(8, "big") for id_, index in ids]
    if any(len(record) != RECORD for record in records):
        raise ValueError("an event id is 16 bytes")
    return b"".join(sorted(records))


class Uniques:
    """Feed runs, then ask once. Close it, or use it in a `with`, to give the disk back."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._runs: list[tuple[int, int]] = []
        self._size = 0

    def add(self, run: bytes) -> None:
        """Take in a run of `pack_ids`."""
        if not run:
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="packtrail-ids-")  # noqa: SIM115  # closed by close()
        self._file.write(run)
        self._runs.append((self._size, self._size + len(run)))
        self._size += len(run)

    def twice(self) -> Iterator[Twice]:
        """Each pair of neighbouring entries with one id, in no particular order."""
        slices = min(65_536, -(-self._size // (RUN * RECORD)))
        for number in range(slices):
            low, high = (-(-bound * 65_536 // slices) for bound in (number, number + 1))
            found = sorted(record for run in self._runs for record in self._slice(run, low, high))
            for one, other in pairwise(found):
                if one[:16] == other[:16]:
                    yield Twice(_text(one), int.from_bytes(one[16:], "big"), int.from_bytes(other[16:], "big"))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> "Uniques":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _slice(self, run: tuple[int, int], low: int, high: int) -> Iterator[bytes]:
        """The records of a run whose first two bytes lie in `low` to `high`, the latter not included."""
        if self._file is None:
            return
        start, end = self._find(run, low), self._find(run, high)
        self._file.seek(start)
        data = self._file.read(end - start)
        for at in range(0, len(data), RECORD):
            yield data[at : at + RECORD]

    def _find(self, run: tuple[int, int], bound: int) -> int:
        """Where in the file the first record stands whose first two bytes are at least `bound`."""
        low, high = 0, (run[1] - run[0]) // RECORD
        while low < high:
            middle = (low + high) // 2
            if self._prefix(run[0] + middle * RECORD) < bound:
                low = middle + 1
            else:
                high = middle
        return run[0] + low * RECORD

    def _prefix(self, at: int) -> int:
        if self._file is None:
            return 0
        self._file.seek(at)
        return int.from_bytes(self._file.read(2), "big")


def _text(record: bytes) -> str:
    digits = record[15::-1].hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
