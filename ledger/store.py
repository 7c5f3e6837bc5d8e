"""What a log needs from the place where it is kept: the contract of every store.

Two stores implement it, `ledger.memory` and the SQL store of the service; one suite of tests runs on both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ledger.map import Row
from ledger.tile import Tile


class Head(NamedTuple):
    """The newest entry of a subject: how many entries it has, the newest one's leaf hash and index.

    `position` is where the subject stands among the subjects of that entry.
    """

    seq: int
    leaf_hash: bytes
    index: int  # type: ignore[assignment]  # the field's word; tuple.index is of no use here
    position: int = 0


class Step(NamedTuple):
    """A subject's entry, and its entry before."""

    subject: str
    index: int  # type: ignore[assignment]  # the field's word; tuple.index is of no use here
    position: int
    before: Head | None


@dataclass(frozen=True, slots=True)
class Mapped:
    """The newest `commit_map`: its index, how many buckets its map has, and when it was received."""

    size: int
    buckets: int
    at: str


@dataclass(frozen=True, slots=True)
class LogState:
    """All that a writer needs to go on.

    `edge` maps a level to its partial tile (hashes joined). `last_at` and `kept_at` are times as in entries: of the
    newest entry and of the newest checkpoint in the history. `checkpoint` is the newest signed note. `batteries` counts
    the subjects, `mapped` tells of the newest map. `merged` is the size up to which `Reader.rows` is brought.
    """

    size: int = 0
    last_leaf: bytes = b""
    last_at: str = ""
    kept_at: str = ""
    checkpoint: bytes = b""
    edge: Mapping[int, bytes] = field(default_factory=dict)
    batteries: int = 0
    mapped: Mapped | None = None
    merged: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """One commit: entries with their hashes, what else changes with them, and the state after.

    `steps` are all links of all chains, `tiles` the full contents of each tile that changed by (level, index), and
    `map_tiles` those of the map. `keep` says that the checkpoint belongs into the history.
    """

    first: int
    entries: tuple[bytes, ...]
    leaf_hashes: tuple[bytes, ...]
    ids: tuple[str, ...]
    steps: tuple[Step, ...]
    heads: Mapping[str, Head]
    tiles: Mapping[tuple[int, int], bytes]
    state: LogState
    keep: bool
    map_tiles: Mapping[tuple[int, int], bytes] = field(default_factory=dict)


class Reader(Protocol):
    """Committed data as of one moment. Reading past the end gives less, never an error."""

    def size(self) -> int: ...

    def checkpoint(self) -> bytes:
        """The newest signed note, empty for a log without entries."""
        ...

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        """The kept history as (size, note), ascending."""
        ...

    def entry(self, index: int) -> bytes | None: ...

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """Entries of `start <= index < end` in order, streamed."""
        ...

    def tile(self, tile: Tile) -> bytes | None:
        """The hashes of a tile, joined; a stored wider one is cut to the width asked for."""
        ...

    def find(self, ids: Sequence[str]) -> dict[str, int]:
        """The indexes of the events that are recorded, by id."""
        ...

    def history(self, subject: str) -> list[int]:
        """The indexes of a subject's entries, oldest first."""
        ...

    def heads(self, subjects: Sequence[str]) -> dict[str, Head]: ...

    def rows(self, buckets: Sequence[int], count: int) -> dict[int, list[Row]]:
        """What the first `merged` entries make the rows of these of `count` buckets; empty buckets may be left out."""
        ...

    def map_tile(self, level: int, index: int) -> bytes | None:
        """A tile of the newest map's tree."""
        ...

    def state(self) -> LogState: ...


class Transaction(Reader, Protocol):
    """The right to append: nobody else can until it ends. Sees its own writes."""

    def write(self, batch: Batch) -> None: ...

    def merge(self) -> Iterator[tuple[int, Iterable[tuple[bytes, int, bytes]]]]:
        """Bring `rows` up to all entries so far, at once; gives each bucket that may have changed."""
        ...


class Store(Protocol):
    """A place for one log."""

    def read(self) -> AbstractContextManager[Reader]: ...

    def append(self) -> AbstractContextManager[Transaction]:
        """Lock the log. Leaving normally makes everything durable, an exception leaves no trace."""
        ...
