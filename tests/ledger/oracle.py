"""The Merkle tree as RFC 6962 section 2.1 defines it: recursive, slow and obvious. The fast code must agree."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from ledger.proof import HashReader, Node

Leaves = tuple[bytes, ...]


def leaf_hashes(count: int) -> Leaves:
    """Distinct leaf hashes, the same in every run."""
    return tuple(sha256(b"\x00" + n.to_bytes(8, "big")).digest() for n in range(count))


def split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    k = 1
    while 2 * k < count:
        k *= 2
    return k


@lru_cache(maxsize=200_000)
def mth(leaves: Leaves) -> bytes:
    """MTH of leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Leaves) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def consistency(m: int, leaves: Leaves) -> list[bytes]:
    """PROOF(m, D[n]), 0 < m <= n."""
    return subproof(m, leaves, known=True)


def subproof(m: int, leaves: Leaves, *, known: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b)."""
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known=known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], known=False), mth(leaves[:k])]


def reader(leaves: Leaves) -> HashReader:
    """A reader of perfect subtrees, which refuses any that is not complete."""

    def read(nodes: Sequence[Node]) -> list[bytes]:
        hashes = []
        for level, index in nodes:
            covered = leaves[index << level : (index + 1) << level]
            assert len(covered) == 1 << level, "an incomplete subtree was asked for"
            hashes.append(mth(covered))
        return hashes

    return read


def tile(level: int, index: int, leaves: Leaves) -> bytes:
    """Tile `index` of `level` in the tree of `leaves`, by the formula of C2SP tlog-tiles."""
    span = 256**level
    hashes = []
    for i in range(256):
        start = (index * 256 + i) * span
        if start + span <= len(leaves):
            hashes.append(mth(leaves[start : start + span]))
    return b"".join(hashes)
