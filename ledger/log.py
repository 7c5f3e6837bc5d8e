"""Appending: from admitted events to entries, tiles and a signed checkpoint, in one step under the log's lock.

Pure: the caller brings the transaction, the time and the signers. What the log promises with a checkpoint it can
prove, because entries, tiles and checkpoint reach the store together or not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.canonical import MAX_BYTES
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.entry import Event, Link, build_entry, format_time, parse_time
from ledger.errors import MalformedError
from ledger.note import Signer
from ledger.proof import prove_inclusion
from ledger.receipt import Receipt
from ledger.store import Batch, Head, LogState, Reader, Transaction
from ledger.tile import TILE_WIDTH, RightEdge, Tile, TileCache, TileReader
from ledger.tree import hash_leaf

KEEP_EVERY = timedelta(hours=1)
LOG_PART_BYTES = 9_000
"""Room kept in an entry for what the log adds, with 64 subjects."""


@dataclass(frozen=True, slots=True)
class Submission:
    """An admitted event: its bytes were checked and its signature verified."""

    event: Event
    jws: str


class Log:
    """One log by its origin and the keys that sign its checkpoints. Holds no state: the store does."""

    def __init__(self, origin: str, signers: Sequence[Signer]) -> None:
        self.origin = origin
        self.signers = tuple(signers)

    def append(self, tx: Transaction, submissions: Sequence[Submission], at: datetime) -> Batch:
        """Record `submissions` in order, as of `at` or the newest entry's time, whichever is later."""
        if not submissions:
            raise ValueError("nothing to append")
        state = tx.state()
        moment = format_time(moment_of_receipt(state, at))
        heads = dict(tx.heads(sorted({s for item in submissions for s in item.event.subjects})))
        entries: list[bytes] = []
        leaves: list[bytes] = []
        links: list[tuple[str, int, int]] = []
        previous = state.last_leaf
        for index, item in enumerate(submissions, state.size):
            chain = []
            for subject in item.event.subjects:
                head = heads.get(subject)
                chain.append(Link(subject, head.seq + 1 if head else 1, head.leaf_hash if head else b""))
            entry = build_entry(item.event.data, item.jws, at=moment, chain=chain, previous=previous)
            previous = hash_leaf(entry)
            entries.append(entry)
            leaves.append(previous)
            for link in chain:
                heads[link.subject] = Head(link.seq, previous, index)
                links.append((link.subject, link.seq, index))
        edge = RightEdge(state.size, state.edge)
        tiles = edge.extend(leaves)
        note = sign_checkpoint(Checkpoint(self.origin, edge.size, edge.root()), self.signers)
        keep = _is_kept(state, edge.size, moment)
        batch = Batch(
            first=state.size,
            entries=tuple(entries),
            leaf_hashes=tuple(leaves),
            ids=tuple(item.event.id for item in submissions),
            links=tuple(links),
            heads={subject: heads[subject] for subject, _, _ in links},
            tiles=tiles,
            state=LogState(edge.size, previous, moment, moment if keep else state.kept_at, note, edge.tiles),
            keep=keep,
        )
        tx.write(batch)
        return batch


def moment_of_receipt(state: LogState, at: datetime) -> datetime:
    """The time that entries appended at `at` will bear: in milliseconds, never before the newest entry's."""
    moment = parse_time(format_time(at))
    return max(moment, parse_time(state.last_at)) if state.last_at else moment


def check_event_size(event: Event) -> None:
    """Raise MalformedError if the log's part would no longer fit beside the event in an entry."""
    if len(event.data) > MAX_BYTES - LOG_PART_BYTES:
        raise MalformedError(f"an event is at most {MAX_BYTES - LOG_PART_BYTES} bytes")


def batch_receipts(batch: Batch) -> Callable[[int], Receipt]:
    """Receipts for the entries of a batch just written, by index, without reading the store.

    The path from a new leaf to the root touches only the right edge of the tree and tiles that the batch filled.
    """

    def read_tile(tile: Tile) -> bytes:
        whole = batch.tiles.get((tile.level, tile.index)) or batch.state.edge[tile.level]
        return whole[: tile.width * 32]

    reader = TileReader(read_tile, batch.state.size)

    def receipt(index: int) -> Receipt:
        proof = prove_inclusion(index, batch.state.size, reader.nodes)
        return Receipt(index, tuple(proof), batch.state.checkpoint)

    return receipt


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
