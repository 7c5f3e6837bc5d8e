"""What a database holds of the tree, held against what its entries make of it: tiles, right edge, checkpoints."""

from collections.abc import Callable, Collection

from sqlalchemy import select

from ledger.errors import LedgerError
from ledger.log import tile_reader
from ledger.notes.checkpoint import Checkpoint
from ledger.proof import tree_root
from ledger.tile import RightEdge, Tile, split_hashes
from ledger.tree import hash_leaf
from ledger.verification.audit import Audit
from ledger.verification.stretch import Stretch, UnsoundError
from service.db import tables
from service.db.store import FULL, SqlReader, join_edge
from service.verification.kept import KeptHistory, time_of

OpenNote = Callable[[bytes], Checkpoint]


class StoredTree:
    """Compares stretches of a sweep with the stored tiles above the lowest level, which the workers compare."""

    def __init__(self, reader: SqlReader, kept: KeptHistory) -> None:
        self.tiles = 0
        self._reader = reader
        self._kept = kept
        self._above = RightEdge(0, {})

    def watch(self, found: Stretch) -> None:
        """Take in the next stretch. Raises UnsoundError."""
        roots = split_hashes(found.tiles)
        self.tiles += len(roots)
        self._kept.feed_times((at.decode(), count) for at, count in found.times)
        for (level, n), hashes in self._above.extend(roots).items():
            if len(hashes) == FULL:
                self.tiles += 1
                if self._reader.tile(Tile(level + 1, n)) != hashes:
                    raise UnsoundError

    def finish(self, audit: Audit) -> None:
        """Compare what is there once: the right edge, and which checkpoints are kept."""
        size = self._reader.size()
        lowest = b"".join([hash_leaf(entry) for entry in self._reader.entries(size - size % 256, size)])
        tiles = {level + 1: row for level, row in self._above.tiles.items()} | ({0: lowest} if lowest else {})
        compare_kept(audit, self._kept)
        compare_state(audit, self._reader, RightEdge(size, tiles), self._kept)


def compare_kept(audit: Audit, kept: KeptHistory) -> None:
    """The history of checkpoints has none missing."""
    kept.finish()
    for start, end in kept.missing:
        audit.fail(None, f"the history lacks a checkpoint of entries {start} to {end - 1}")


def verify_checkpoints(audit: Audit, reader: SqlReader, sizes: Collection[int], open_note: OpenNote) -> int:
    """Check the signatures and the root of the kept checkpoints of these sizes; gives their number."""
    count, good = 0, 0
    nodes = tile_reader(reader, reader.size()).nodes
    for size, note in reader.checkpoints():
        if size not in sizes:  # kept since the verification began
            continue
        count += 1
        try:
            kept = open_note(bytes(note))
            if kept.size == size and tree_root(size, nodes) == kept.root:
                good = size
                continue
            since = f", of which the first {good} are" if good else ""
            audit.fail(None, f"the kept checkpoint of size {size} does not sign the entries of today{since}")
        except LedgerError as error:
            audit.fail(None, f"the kept checkpoint of size {size}: {error}")
    return count


def compare_state(audit: Audit, reader: SqlReader, edge: RightEdge, kept: KeptHistory) -> None:
    """The row that the next writer goes on from is what the entries and the kept checkpoints make of it."""
    state = reader.state()
    now = reader.connection.execute(select(tables.tree_state.c.size, tables.tree_state.c.edge)).one()
    raw = bytes(now.edge) if now.size == state.size else join_edge(state.edge)  # the register grew since `state`
    is_like = state.size == edge.size and len(raw) == len(join_edge(edge.tiles))  # or no hash stands where it should
    for level, hashes in edge.tiles.items() if is_like else ():
        _compare_hashes(audit, Tile(level, edge.size >> 8 * (level + 1)), state.edge.get(level, b""), hashes)
    if raw != join_edge(edge.tiles) or state.size != edge.size:
        audit.fail(None, "the right edge of the tree is not that of the entries")
    newest = reader.entry(edge.size - 1)
    if newest is not None and (hash_leaf(newest), time_of(newest)) != (state.last_leaf, state.last_at):
        audit.fail(None, "the state of the tree does not name the newest entry")
    if state.kept_at != kept.kept_at:
        audit.fail(None, "the state of the tree does not name the newest kept checkpoint")


def compare_tile(audit: Audit, reader: SqlReader, level: int, n: int, hashes: bytes) -> None:
    column = tables.tile.c
    query = select(column.hashes).where(column.level == level, column.idx == n)
    stored = reader.connection.execute(query).scalar_one_or_none()
    if stored is None:
        audit.fail(None, f"tile {level}/{n} is missing")
    else:
        _compare_hashes(audit, Tile(level, n), bytes(stored), hashes)


def _compare_hashes(audit: Audit, tile: Tile, stored: bytes, hashes: bytes) -> None:
    """Compare a tile with what it should hold. Where it is one of leaf hashes, the entry can be named."""
    if stored == hashes:
        return
    at = next((at for at in range(0, len(hashes), 32) if stored[at : at + 32] != hashes[at : at + 32]), None)
    if tile.level == 0 and at is not None:
        audit.fail(tile.index * 256 + at // 32, "its leaf hash is not the one in the tree")
    else:
        audit.fail(None, f"tile {tile.level}/{tile.index} does not hold the hashes of its entries")
