"""The Merkle tree of RFC 6962: how hashes are made, and the least a writer must remember to go on.

A leaf hash is SHA256(0x00 || entry), an inner node SHA256(0x01 || left || right), and the root of nothing is
SHA256 of nothing. A tree of n leaves splits at the largest power of two below n, so it is a row of perfect
subtrees, one for each set bit of n, largest first. Those roots are the compact range: at most 63 hashes, from
which every later root follows.

Source: RFC 6962 section 2.1.
"""

from collections.abc import Sequence
from hashlib import sha256

from ledger.errors import MalformedError
from ledger.strict import MAX_SIZE

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def hash_leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def hash_pairs(hashes: Sequence[bytes]) -> list[bytes]:
    """The level above `hashes`: one node for each pair; an odd last hash is left out.

    This loop is where a log spends its hashing time, hence the local name and the inlined hash_node.
    """
    sha = sha256
    each = iter(hashes)
    return [sha(b"\x01" + left + right).digest() for left, right in zip(each, each, strict=False)]


class CompactRange:
    """The perfect subtrees that make up the first `size` leaves. Mutable; not safe for use by two threads at once."""

    __slots__ = ("_by_level", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """`hashes` run left to right, the largest subtree first; MalformedError if they do not fit `size`."""
        if not 0 <= size <= MAX_SIZE:
            raise MalformedError("tree size out of range")
        if len(hashes) != size.bit_count() or any(len(node) != HASH_SIZE for node in hashes):
            raise MalformedError("compact range does not fit its size")
        self._size = size
        self._by_level = [b""] * size.bit_length()
        given = reversed(hashes)
        for level in range(size.bit_length()):
            if size >> level & 1:
                self._by_level[level] = next(given)

    @property
    def size(self) -> int:
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Roots of the perfect subtrees, left to right: one for each set bit of `size`."""
        return tuple(node for node in reversed(self._by_level) if node)

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """Append leaves. The whole batch climbs one level at a time, so each node is hashed once.

        Raises MalformedError, and changes nothing, if a hash is not 32 bytes or the tree would outgrow 2**63 - 1.
        """
        if not set(map(len, leaf_hashes)) <= {HASH_SIZE}:
            raise MalformedError("leaf hash is not 32 bytes")
        if self._size + len(leaf_hashes) > MAX_SIZE:
            raise MalformedError("tree size out of range")
        by_level = self._by_level
        row = leaf_hashes
        level = 0
        while row:
            if level == len(by_level):
                by_level.append(b"")
            if by_level[level]:
                row = [by_level[level], *row]
            by_level[level] = row[-1] if len(row) & 1 else b""
            row = hash_pairs(row)
            level += 1
        self._size += len(leaf_hashes)

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves so far. At most 62 hashes."""
        return fold(self.hashes) if self._size else EMPTY_ROOT


def fold(hashes: Sequence[bytes]) -> bytes:
    """Join neighbouring perfect subtrees, largest first, into the root of what they cover. At least one hash."""
    root = hashes[-1]
    for node in reversed(hashes[:-1]):
        root = hash_node(node, root)
    return root
