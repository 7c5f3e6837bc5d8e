"""The log as one reader sees it: every leaf hash, each checkpoint recomputed from all of them.

A reader keeps what it was told. A later checkpoint that does not begin with the same entries, or a tile that changed,
therefore shows, whether or not the log would hand out a consistency proof for it.
"""

import threading
from collections.abc import Sequence

from ledger.errors import ProofError
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import Verifier
from ledger.tile import TILE_WIDTH, Tile, format_bundle_path, format_tile_path, parse_bundle, split_hashes, tile_width
from ledger.tree import EMPTY_ROOT, HASH_SIZE, CompactRange, hash_leaf
from service.hammering.line import Line


class Heads:
    """All checkpoints that anybody was shown: two of one size with different roots are a fork."""

    def __init__(self) -> None:
        self._roots: dict[int, bytes] = {}
        self._guard = threading.Lock()

    def see(self, checkpoint: Checkpoint) -> None:
        """Raises ProofError for a fork."""
        with self._guard:
            if self._roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
                raise ProofError(f"two roots for {checkpoint.size} entries: the log shows two histories")


class View:
    """One reader's verified log. Only its own thread may call `advance`; anybody may look."""

    def __init__(self, verifiers: Sequence[Verifier], heads: Heads) -> None:
        self._verifiers = tuple(verifiers)
        self._heads = heads
        self._hashes = bytearray()
        self._tree = CompactRange()
        self.head = Checkpoint(verifiers[0].name, 0, EMPTY_ROOT)

    def leaf_hash(self, index: int) -> bytes:
        """Of an entry below `head.size`."""
        return bytes(self._hashes[index * HASH_SIZE : (index + 1) * HASH_SIZE])

    def open(self, note: bytes) -> Checkpoint:
        """Read a checkpoint that the log must have signed with all of its keys, and remember it."""
        checkpoint = open_checkpoint(note, self._verifiers, origin=self.head.origin, require_all=True)
        self._heads.see(checkpoint)
        return checkpoint

    def advance(self, line: Line, *, auditor: Line | None = None) -> int:
        """Follow the log to its present checkpoint; gives the number of entries that are new.

        With an auditor's line the entries themselves are read as well. Raises LedgerError where the log is wrong,
        RemoteError where it does not answer.
        """
        head = self.open(line.get("checkpoint", "/log/checkpoint"))
        if head.size <= self.head.size:
            return 0  # an older one is compared with what was seen at its size, in `open`
        known, fresh = self.head.size, bytearray()
        for index in range(known // TILE_WIDTH, -(-head.size // TILE_WIDTH)):
            fresh += self._tile(line, auditor, index, tile_width(0, index, head.size))
        kept = known % TILE_WIDTH * HASH_SIZE
        if fresh[:kept] != self._hashes[len(self._hashes) - kept :]:
            raise ProofError(f"the tile at entry {known} is not what it was")
        del fresh[:kept]
        tree = CompactRange(known, self._tree.hashes)
        tree.extend(split_hashes(bytes(fresh)))
        if tree.root() != head.root:
            raise ProofError(f"the tiles of {head.size} entries do not make up the root that is signed")
        self._hashes += fresh
        self._tree, self.head = tree, head
        return head.size - known

    def _tile(self, line: Line, auditor: Line | None, index: int, width: int) -> bytes:
        data = line.get("tile", "/log/" + format_tile_path(Tile(0, index, width)))
        if len(data) != width * HASH_SIZE:
            raise ProofError(f"tile 0/{index} has {len(data)} bytes in place of {width * HASH_SIZE}")
        if auditor is not None:
            entries = parse_bundle(auditor.get("entries", "/log/" + format_bundle_path(index, width)))
            if b"".join(map(hash_leaf, entries)) != data:
                raise ProofError(f"entry bundle {index} holds other entries than its tile")
        return data
