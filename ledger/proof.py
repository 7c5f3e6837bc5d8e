"""Proofs about the tree: that an entry is in it, and that a later tree only added to an earlier one.

A proof is a list of subtree hashes. All but one of them are perfect subtrees, which never change once full; the one
at the right edge is a fold of perfect ones. So a proof is made in three steps: name the perfect subtrees, read them
all at once, fold the edge. Making and checking cost O(log n).

Sizes go to 2**63 - 1 and proofs to 63 hashes of 32 bytes, as the witness protocol has it; that is enough for every
inclusion proof, and for consistency proofs of trees of up to 2**62 leaves. A proof with a wrong number of hashes is
refused before anything is hashed. The empty tree is a prefix of every tree: its consistency proof is empty and its
root is fixed.

Source: RFC 6962 section 2.1.1 and 2.1.2 (making), RFC 9162 section 2.1.3.2 and 2.1.4.2 (checking).
"""

from collections.abc import Callable, Sequence

from ledger.errors import ProofError
from ledger.strict import MAX_SIZE
from ledger.tree import EMPTY_ROOT, HASH_SIZE, fold, hash_node

MAX_PROOF = 63

Node = tuple[int, int]
"""(level, index): the perfect subtree over leaves index * 2**level up to (index + 1) * 2**level."""

HashReader = Callable[[Sequence[Node]], list[bytes]]
"""Gives the hashes of perfect subtrees, in the order asked."""


def tree_root(size: int, read: HashReader) -> bytes:
    _check_size(size)
    return fold(read(cover(0, size))) if size else EMPTY_ROOT


def prove_inclusion(index: int, size: int, read: HashReader) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the tree of `size` leaves, leaf side first."""
    _check_index(index, size)
    return _prove(0, index, size, read, seed=[])


def prove_consistency(old: int, new: int, read: HashReader) -> list[bytes]:
    """The hashes that show the tree of `old` leaves to be the beginning of the tree of `new` leaves."""
    _check_sizes(old, new)
    if old in (0, new):
        return []
    # Both trees contain the last perfect subtree of the old one; the proof starts there. The verifier already
    # knows its hash if it is the whole old tree.
    level = _trailing_zeros(old)
    index = (old >> level) - 1
    return _prove(level, index, new, read, seed=[(level, index)] if index else [])


def root_from_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that `proof` leads to. The caller compares it with a root it trusts."""
    _check_index(index, size)
    _check_hashes(proof, leaf_hash)
    inner, border = _path_shape(index, size - 1)
    if len(proof) != inner + border:
        raise ProofError(f"inclusion proof has {len(proof)} hashes, this place in the tree needs {inner + border}")
    return _climb(leaf_hash, index, proof, inner)


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofError unless the leaf is entry `index` of the tree of `size` leaves with this root."""
    calculated = root_from_inclusion(index, size, leaf_hash, proof)
    _check_root("inclusion", root, calculated)


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofError unless the tree of `old` leaves is a prefix of the tree of `new` leaves."""
    _check_sizes(old, new)
    _check_hashes(proof, old_root, new_root)
    if old == 0:
        _check_root("empty tree", old_root, EMPTY_ROOT)
    if old in (0, new):
        if proof:
            raise ProofError("consistency proof must be empty here")
        if old == new:
            _check_root("consistency", old_root, new_root)
        return
    level = _trailing_zeros(old)
    index = (old >> level) - 1
    hashes = list(proof) if index else [old_root, *proof]
    inner, border = _path_shape(index, (new - 1) >> level)
    if len(hashes) != 1 + inner + border:
        raise ProofError(
            f"consistency proof has {len(hashes)} hashes with its start, these sizes need {1 + inner + border}"
        )
    seed, path = hashes[0], hashes[1:]
    # The old root is made of the left siblings alone: right siblings below the border are newer leaves.
    calculated_old = seed
    for depth, sibling in enumerate(path):
        if depth >= inner or index >> depth & 1:
            calculated_old = hash_node(sibling, calculated_old)
    _check_root("consistency: old tree", old_root, calculated_old)
    _check_root("consistency: new tree", new_root, _climb(seed, index, path, inner))


def _prove(level: int, index: int, size: int, read: HashReader, *, seed: list[Node]) -> list[bytes]:
    """Siblings on the way from node (level, index) to the root, after the hashes of `seed`; read in one call."""
    inner, _ = _path_shape(index, (size - 1) >> level)
    wanted = [*seed, *[(level + depth, (index >> depth) ^ 1) for depth in range(inner - 1)]]
    edge: list[Node] = []
    at = len(wanted)
    if inner:
        # The next step joins the path of the last leaf: the sibling there reaches to the right edge of the tree and
        # need not be perfect.
        edge = cover(((index >> (inner - 1)) ^ 1) << (level + inner - 1), size)
        wanted += edge
    wanted += [
        (level + depth, (index >> depth) - 1) for depth in range(inner, index.bit_length()) if index >> depth & 1
    ]
    hashes = read(wanted)
    if len(edge) > 1:
        return [*hashes[:at], fold(hashes[at : at + len(edge)]), *hashes[at + len(edge) :]]
    return hashes


def _path_shape(index: int, last: int) -> tuple[int, int]:
    """How many siblings a path meets before, and after, it joins the path of the last node of its level.

    After the joint only left siblings exist, one for each set bit of the index.
    """
    inner = (index ^ last).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(node: bytes, index: int, path: Sequence[bytes], inner: int) -> bytes:
    for depth, sibling in enumerate(path):
        is_left = depth >= inner or index >> depth & 1
        node = hash_node(sibling, node) if is_left else hash_node(node, sibling)
    return node


def cover(begin: int, end: int) -> list[Node]:
    """The perfect subtrees that make up leaves begin..end, largest first. `begin` must suit the largest of them."""
    nodes = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        nodes.append((level, begin >> level))
        begin += 1 << level
    return nodes


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise ProofError("tree size out of range")


def _check_sizes(old: int, new: int) -> None:
    _check_size(new)
    if not 0 <= old <= new:
        raise ProofError("the old tree is larger than the new one")


def _check_index(index: int, size: int) -> None:
    _check_size(size)
    if not 0 <= index < size:
        raise ProofError("index is not in the tree")


def _check_hashes(proof: Sequence[bytes], *others: bytes) -> None:
    if len(proof) > MAX_PROOF:
        raise ProofError("proof is longer than 63 hashes")
    if any(len(node) != HASH_SIZE for node in (*others, *proof)):
        raise ProofError("hash is not 32 bytes")


def _check_root(what: str, expected: bytes, calculated: bytes) -> None:
    if expected != calculated:
        raise ProofError(f"{what}: roots differ", expected=expected, calculated=calculated)
