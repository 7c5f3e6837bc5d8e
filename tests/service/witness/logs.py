"""Logs to be witnessed: a tree of leaves in memory, its keys, and requests for any step of it."""

from collections.abc import Sequence
from hashlib import sha256

from ledger.notes.checkpoint import Checkpoint, format_checkpoint
from ledger.notes.cosignature import MLDSA44Signer
from ledger.notes.note import Ed25519Signer, Signer, sign_note
from ledger.notes.witness import format_add_checkpoint
from ledger.proof import Node, prove_consistency, tree_root
from ledger.tree import hash_leaf, hash_pairs


class GrowingLog:
    """A log of `size` entries. With another `branch`, entries from number `forked` on are other ones."""

    def __init__(self, origin: str, size: int, *, branch: int = 0, forked: int = 0, mldsa: bool = False) -> None:
        self.origin = origin
        seed = sha256(origin.encode()).digest()
        self.signers: list[Signer] = [Ed25519Signer(origin, seed), *([MLDSA44Signer(origin, seed)] if mldsa else [])]
        self.size = size
        leaves = [hash_leaf(b"%d %d" % (n, branch if n >= forked else 0)) for n in range(size)]
        self._rows = [leaves]
        while len(self._rows[-1]) > 1:
            self._rows.append(hash_pairs(self._rows[-1]))

    @property
    def vkeys(self) -> list[str]:
        return [signer.vkey for signer in self.signers]

    def head(self, size: int) -> Checkpoint:
        return Checkpoint(self.origin, size, tree_root(size, self._read))

    def note(self, size: int) -> bytes:
        return sign_note(format_checkpoint(self.head(size)), self.signers)

    def step(self, old: int, new: int) -> bytes:
        """The request that leads a witness from `old` entries to `new`."""
        return format_add_checkpoint(old, prove_consistency(old, new, self._read), self.note(new))

    def _read(self, nodes: Sequence[Node]) -> list[bytes]:
        return [self._rows[level][index] for level, index in nodes]
