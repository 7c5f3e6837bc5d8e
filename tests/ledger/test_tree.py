"""The compact range against the recursive definition of the tree."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.strict import MAX_SIZE
from ledger.tree import EMPTY_ROOT, CompactRange, hash_leaf, hash_node
from tests.ledger import oracle

LEAVES = oracle.leaf_hashes(3000)

# Inputs and roots that every implementation of RFC 6962 knows, size 1 to 8: first and last bytes as in the literature.
GOLDEN_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
GOLDEN_ROOTS = [
    ("6e340b9c", "a01d"),
    ("fac54203", "c125"),
    ("aeb6bcfe", "6e77"),
    ("d37ee418", "14b7"),
    ("4e3bbb1f", "64d4"),
    ("76e67dad", "87ef"),
    ("ddb89be4", "4c8c"),
    ("5dc9da79", "4328"),
]


def range_of(leaves: tuple[bytes, ...]) -> CompactRange:
    tree = CompactRange()
    tree.extend(leaves)
    return tree


def test_the_golden_roots_of_rfc_6962_come_out() -> None:
    tree = CompactRange()
    for text, (start, end) in zip(GOLDEN_INPUTS, GOLDEN_ROOTS, strict=True):
        tree.extend([hash_leaf(bytes.fromhex(text))])
        assert tree.root().hex().startswith(start)
        assert tree.root().hex().endswith(end)


def test_the_empty_tree_has_the_hash_of_nothing_as_root() -> None:
    assert CompactRange().root() == EMPTY_ROOT == sha256(b"").digest()
    assert CompactRange().hashes == ()


def test_leaves_and_nodes_are_hashed_with_different_prefixes() -> None:
    left, right = LEAVES[:2]
    assert hash_node(left, right) == sha256(b"\x01" + left + right).digest()
    assert hash_leaf(left + right) == sha256(b"\x00" + left + right).digest()


def test_growing_leaf_by_leaf_gives_the_recursive_root_at_every_size_up_to_600() -> None:
    tree = CompactRange()
    for size in range(1, 601):
        tree.extend([LEAVES[size - 1]])
        assert tree.size == size
        assert tree.root() == oracle.mth(LEAVES[:size])


@given(st.lists(st.integers(0, 700), max_size=5))
def test_any_split_into_batches_gives_the_same_subtrees_and_root(batches: list[int]) -> None:
    tree = CompactRange()
    for batch in batches:
        tree.extend(LEAVES[tree.size : min(tree.size + batch, len(LEAVES))])
    assert tree.root() == oracle.mth(LEAVES[: tree.size])
    at = 0
    for node, bit in zip(tree.hashes, [b for b in range(12, -1, -1) if tree.size >> b & 1], strict=True):
        assert node == oracle.mth(LEAVES[at : at + (1 << bit)])
        at += 1 << bit


@given(st.integers(0, 1500), st.integers(0, 1500))
def test_a_stored_range_goes_on_where_it_stopped(first: int, more: int) -> None:
    before = range_of(LEAVES[:first])
    after = CompactRange(before.size, before.hashes)
    after.extend(list(LEAVES[first : first + more]))
    assert after.hashes == range_of(LEAVES[: first + more]).hashes


@pytest.mark.parametrize(
    ("size", "hashes"),
    [
        (1, ()),
        (0, LEAVES[:1]),
        (3, LEAVES[:1]),
        (2, (LEAVES[0][:31],)),
        (2, (b"",)),
        (-1, ()),
        (MAX_SIZE + 1, LEAVES[:1]),
    ],
)
def test_a_range_that_does_not_fit_its_size_is_refused(size: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(MalformedError):
        CompactRange(size, hashes)


@pytest.mark.parametrize("bad", [b"", LEAVES[0][:31], LEAVES[0] + b"\0"])
def test_a_leaf_hash_of_another_length_is_refused_and_changes_nothing(bad: bytes) -> None:
    tree = range_of(LEAVES[:5])
    before = tree.hashes
    with pytest.raises(MalformedError):
        tree.extend([LEAVES[5], bad])
    assert (tree.size, tree.hashes) == (5, before)


def test_a_tree_grows_to_63_bits() -> None:
    grown = CompactRange(MAX_SIZE - 1, LEAVES[:62])
    grown.extend(LEAVES[:1])
    assert grown.size == MAX_SIZE


def test_a_tree_cannot_outgrow_63_bits() -> None:
    full = CompactRange(MAX_SIZE, LEAVES[:63])
    assert full.root() == full.root()
    with pytest.raises(MalformedError):
        full.extend(LEAVES[:1])
