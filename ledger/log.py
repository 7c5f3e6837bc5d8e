"""Appending: from admitted events to entries, tiles and a signed checkpoint, in one step under the log's lock.

Pure: the caller brings the transaction, the time and the signers. What the log promises with a checkpoint it can
prove, because entries, tiles and checkpoint reach the store together or not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from ledger.canonical import MAX_BYTES
from ledger.chains import Chains
from ledger.entry import Entry, Event, build_entry, format_time, parse_time
from ledger.epoch import next_map
from ledger.errors import ChainError, MalformedError
from ledger.map import Commitment
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.note import Signer
from ledger.shared_receipts import SharedReceipts
from ledger.store import Batch, LogState, Mapped, Reader, Transaction
from ledger.tile import TILE_WIDTH, RightEdge, Tile, TileCache, TileReader
from ledger.tree import hash_leaf

KEEP_EVERY = timedelta(hours=1)
LOG_PART_BYTES = 9_000
"""Room kept in an entry for what the log adds, with 64 subjects."""


class Submission(NamedTuple):
    """An admitted event: its bytes were checked and its signature verified."""

    event: Event
    jws: str


class BrokenChainError(ChainError):
    """Entry `index` does not continue the entries of its subjects."""

    def __init__(self, index: int) -> None:
        super().__init__("does not continue the entries of its batteries")
        self.index = index


class Log:
    """One log by its origin and the keys that sign its checkpoints. Holds no state: the store does."""

    def __init__(self, origin: str, signers: Sequence[Signer]) -> None:
        self.origin = origin
        self.signers = tuple(signers)

    def append(self, tx: Transaction, submissions: Sequence[Submission], at: datetime) -> Batch:
        """Record `submissions` in order, as of `at` or the newest entry's time, whichever is later."""
        if not submissions:
            raise ValueError("nothing to append")
        batch = self._extend(tx, submissions, at)
        tx.write(batch)
        return batch

    def append_map(self, tx: Transaction, at: datetime, make: Callable[[Commitment, datetime], Submission]) -> Batch:
        """Commit to the map of all entries so far, by an entry that `make` gives for the commitment and the time."""
        commitment, tiles = next_map(tx)
        moment = moment_of_receipt(tx.state(), at)
        batch = self._extend(tx, [make(commitment, moment)], moment)
        mapped = Mapped(commitment.size, commitment.buckets, batch.state.last_at)
        batch = replace(batch, map_tiles=tiles, state=replace(batch.state, mapped=mapped))
        tx.write(batch)
        return batch

    def _extend(self, tx: Transaction, submissions: Sequence[Submission], at: datetime) -> Batch:
        state = tx.state()
        moment = format_time(moment_of_receipt(state, at))
        chains = Chains(tx, sorted({subject for item in submissions for subject in item.event.subjects}))
        entries: list[bytes] = []
        leaves: list[bytes] = []
        previous = state.last_leaf
        for index, item in enumerate(submissions, state.size):
            chain = chains.links(item.event.subjects)
            entry = build_entry(item.event.data, item.jws, at=moment, chain=chain, previous=previous)
            previous = hash_leaf(entry)
            chains.extend(index, chain, previous)
            entries.append(entry)
            leaves.append(previous)
        batch, root = _grow(state, entries, leaves, [item.event.id for item in submissions], chains, moment)
        size = batch.state.size
        note = sign_checkpoint(Checkpoint(self.origin, size, root), self.signers)
        keep = _is_kept(state, size, moment)
        after = replace(batch.state, checkpoint=note, kept_at=moment if keep else state.kept_at)
        return replace(batch, state=after, keep=keep)


def link_up(reader: Reader, entries: Sequence[bytes], parsed: Sequence[Entry]) -> Batch:
    """What these entries, which are stored and come next, make of the indexes; without a checkpoint.

    Raises BrokenChainError for an entry that does not follow its subjects' chains.
    """
    chains = Chains(reader, sorted({subject for entry in parsed for subject in entry.event.subjects}))
    leaves = [hash_leaf(data) for data in entries]
    for index, (entry, leaf) in enumerate(zip(parsed, leaves, strict=True), reader.state().size):
        if tuple(chains.links(entry.event.subjects)) != entry.chain:
            raise BrokenChainError(index)
        chains.extend(index, entry.chain, leaf)
    ids = [entry.event.id for entry in parsed]
    batch, _ = _grow(reader.state(), entries, leaves, ids, chains, format_time(parsed[-1].at))
    return batch


def _grow(
    state: LogState, entries: Sequence[bytes], leaves: Sequence[bytes], ids: Sequence[str], chains: Chains, moment: str
) -> tuple[Batch, bytes]:
    """The batch of these entries, to be signed, and the root to sign."""
    edge = RightEdge(state.size, state.edge)
    tiles = edge.extend(leaves)
    after = replace(
        state,
        size=edge.size,
        last_leaf=leaves[-1],
        last_at=moment,
        checkpoint=b"",
        edge=edge.tiles,
        batteries=state.batteries + chains.born,
    )
    batch = Batch(
        first=state.size,
        entries=tuple(entries),
        leaf_hashes=tuple(leaves),
        ids=tuple(ids),
        steps=tuple(chains.steps),
        heads=chains.changed,
        tiles=tiles,
        state=after,
        keep=False,
    )
    return batch, edge.root()


def moment_of_receipt(state: LogState, at: datetime) -> datetime:
    """The time that entries appended at `at` will bear: in milliseconds, never before the newest entry's."""
    moment = parse_time(format_time(at))
    return max(moment, parse_time(state.last_at)) if state.last_at else moment


def check_event_size(event: Event) -> None:
    """Raise MalformedError if the log's part would no longer fit beside the event in an entry."""
    if len(event.data) > MAX_BYTES - LOG_PART_BYTES:
        raise MalformedError(f"an event is at most {MAX_BYTES - LOG_PART_BYTES} bytes")


def batch_receipts(batch: Batch) -> SharedReceipts:
    """Receipts for the entries of a batch just written, by index, without reading the store.

    The path from a new leaf to the root touches only the right edge of the tree and tiles that the batch filled.
    """

    def read_tile(tile: Tile) -> bytes:
        whole = batch.tiles.get((tile.level, tile.index)) or batch.state.edge[tile.level]
        return whole[: tile.width * 32]

    size = batch.state.size
    return SharedReceipts(size, TileReader(read_tile, size).nodes, batch.state.checkpoint)


def tile_reader(reader: Reader, size: int, *, cache: TileCache | None = None) -> TileReader:
    """Hashes of the tree of the first `size` entries, read from the store's tiles; `cache` keeps full ones."""

    def read_tile(tile: Tile) -> bytes:
        hashes = reader.tile(tile)
        if hashes is None:
            raise MalformedError(f"the store lacks tile {tile.level}/{tile.index}")
        return hashes

    return TileReader(read_tile, size, cache=cache)


def _is_kept(state: LogState, size: int, moment: str) -> bool:
    """A checkpoint enters the history with the first entry, with each full tile of entries, and each hour.

    Every checkpoint handed out can be proven consistent with the history; keeping each would cost 3 KB per commit.
    """
    if not state.kept_at or state.size // TILE_WIDTH != size // TILE_WIDTH:
        return True
    return parse_time(moment) - parse_time(state.kept_at) >= KEEP_EVERY
