"""Proofs against the recursive definitions of RFC 6962, and against every way to bend them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.proof import (
    Node,
    prove_consistency,
    prove_inclusion,
    root_from_inclusion,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from ledger.strict import MAX_SIZE
from ledger.tree import EMPTY_ROOT
from tests.ledger import oracle

LEAVES = oracle.leaf_hashes(3000)
READ = oracle.reader(LEAVES)
ONE = LEAVES[0]


def places(limit: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, limit).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))


def test_every_inclusion_proof_up_to_size_70_is_the_path_of_rfc_6962() -> None:
    for size in range(1, 71):
        root = oracle.mth(LEAVES[:size])
        for index in range(size):
            proof = prove_inclusion(index, size, oracle.reader(LEAVES[:size]))
            assert proof == oracle.path(index, LEAVES[:size])
            verify_inclusion(index, size, LEAVES[index], proof, root)


def test_every_consistency_proof_up_to_size_70_is_the_subproof_of_rfc_6962() -> None:
    for new in range(1, 71):
        root = oracle.mth(LEAVES[:new])
        for old in range(1, new + 1):
            proof = prove_consistency(old, new, oracle.reader(LEAVES[:new]))
            assert proof == oracle.consistency(old, LEAVES[:new])
            verify_consistency(old, new, oracle.mth(LEAVES[:old]), root, proof)


@given(places(3000))
def test_an_inclusion_proof_of_any_size_is_the_path_of_rfc_6962(place: tuple[int, int]) -> None:
    index, size = place
    proof = prove_inclusion(index, size, oracle.reader(LEAVES[:size]))
    assert proof == oracle.path(index, LEAVES[:size])
    verify_inclusion(index, size, LEAVES[index], proof, oracle.mth(LEAVES[:size]))


@given(places(3000))
def test_a_consistency_proof_of_any_sizes_is_the_subproof_of_rfc_6962(place: tuple[int, int]) -> None:
    old, new = place[0] + 1, place[1]
    proof = prove_consistency(old, new, oracle.reader(LEAVES[:new]))
    assert proof == oracle.consistency(old, LEAVES[:new])
    verify_consistency(old, new, oracle.mth(LEAVES[:old]), oracle.mth(LEAVES[:new]), proof)


def test_the_root_of_every_size_up_to_600_comes_from_perfect_subtrees() -> None:
    for size in range(601):
        assert tree_root(size, oracle.reader(LEAVES[:size])) == oracle.mth(LEAVES[:size])


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (5, 7), (6, 7), (1000, 2999)])
def test_a_proof_asks_for_all_its_hashes_at_once(index: int, size: int) -> None:
    asked: list[int] = []

    def read(nodes: Sequence[Node]) -> list[bytes]:
        asked.append(len(nodes))
        return READ(nodes)

    prove_inclusion(index, size, read)
    prove_consistency(index, size, read)
    assert len(asked) <= 2
    assert max(asked) <= 2 * size.bit_length()


def test_proofs_in_the_largest_tree_have_at_most_63_hashes() -> None:
    """Every hash of the tree is the same here, so it can be as large as it likes."""

    def read(nodes: Sequence[Node]) -> list[bytes]:
        return [ONE] * len(nodes)

    root = tree_root(MAX_SIZE, read)
    assert len(root) == 32
    for index in (0, 1, MAX_SIZE // 3, MAX_SIZE - 2, MAX_SIZE - 1):
        assert len(prove_inclusion(index, MAX_SIZE, read)) <= 63
    for old in (1, 2**61, 2**61 + 1, 2**62 - 1):
        assert len(prove_consistency(old, 2**62, read)) <= 63


@given(places(400), st.data())
def test_a_changed_inclusion_proof_does_not_verify(place: tuple[int, int], data: st.DataObject) -> None:
    index, size = place
    root = oracle.mth(LEAVES[:size])
    proof = oracle.path(index, LEAVES[:size])
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index) if size > 1 else st.just(size))
    with pytest.raises(ProofError):
        verify_inclusion(other, size, LEAVES[index], proof, root)
    with pytest.raises(ProofError):
        verify_inclusion(index, size, LEAVES[index], [*proof, ONE], root)
    with pytest.raises(ProofError):
        verify_inclusion(index, size, bytes(32), proof, root)
    with pytest.raises(ProofError):
        verify_inclusion(index, size, LEAVES[index], proof, bytes(32))
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        with pytest.raises(ProofError):
            verify_inclusion(index, size, LEAVES[index], flip(proof, at, bit), root)
        with pytest.raises(ProofError):
            verify_inclusion(index, size, LEAVES[index], proof[:at] + proof[at + 1 :], root)


@given(places(400), st.data())
def test_a_changed_consistency_proof_does_not_verify(place: tuple[int, int], data: st.DataObject) -> None:
    old, new = place[0] + 1, place[1]
    roots = oracle.mth(LEAVES[:old]), oracle.mth(LEAVES[:new])
    proof = oracle.consistency(old, LEAVES[:new])
    with pytest.raises(ProofError):
        verify_consistency(old, new, *roots, [*proof, ONE])
    with pytest.raises(ProofError):
        verify_consistency(old, new, bytes(32), roots[1], proof)
    with pytest.raises(ProofError):
        verify_consistency(old, new, roots[0], bytes(32), proof)
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        with pytest.raises(ProofError):
            verify_consistency(old, new, *roots, flip(proof, at, bit))
        with pytest.raises(ProofError):
            verify_consistency(old, new, *roots, proof[:at] + proof[at + 1 :])


def flip(proof: list[bytes], at: int, bit: int) -> list[bytes]:
    """The proof with one bit of one hash changed."""
    changed = bytearray(proof[at])
    changed[bit // 8] ^= 1 << bit % 8
    return [*proof[:at], bytes(changed), *proof[at + 1 :]]


def test_a_wrong_root_is_reported_with_both_values() -> None:
    with pytest.raises(ProofError) as caught:
        verify_inclusion(0, 1, ONE, [], bytes(32))
    assert (caught.value.expected, caught.value.calculated) == (bytes(32), ONE)


def test_the_empty_tree_is_the_beginning_of_every_tree() -> None:
    assert prove_consistency(0, 5, READ) == []
    verify_consistency(0, 5, EMPTY_ROOT, oracle.mth(LEAVES[:5]), [])
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])


@pytest.mark.parametrize(
    ("old_root", "new", "new_root", "proof"),
    [(ONE, 5, ONE, []), (EMPTY_ROOT, 0, ONE, []), (ONE, 0, ONE, []), (EMPTY_ROOT, 5, ONE, [ONE])],
)
def test_nothing_else_passes_for_the_empty_tree(old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> None:
    with pytest.raises(ProofError):
        verify_consistency(0, new, old_root, new_root, proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (2, 1), (-1, 1), (0, MAX_SIZE + 1), (0, -1)])
def test_a_place_outside_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        prove_inclusion(index, size, READ)
    with pytest.raises(ProofError):
        root_from_inclusion(index, size, ONE, [])


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 1), (0, -1), (1, MAX_SIZE + 1)])
def test_sizes_out_of_order_or_range_are_refused(old: int, new: int) -> None:
    with pytest.raises(ProofError):
        prove_consistency(old, new, READ)
    with pytest.raises(ProofError):
        verify_consistency(old, new, ONE, ONE, [])


@pytest.mark.parametrize("size", [-1, MAX_SIZE + 1])
def test_the_root_of_an_impossible_size_is_refused(size: int) -> None:
    with pytest.raises(ProofError):
        tree_root(size, READ)


@pytest.mark.parametrize("bad", [b"", ONE[:31], ONE + b"\0"])
def test_hashes_of_another_length_are_refused(bad: bytes) -> None:
    root = oracle.mth(LEAVES[:3])
    for leaf, proof, against in ((bad, [LEAVES[2]], root), (LEAVES[0], [bad], root)):
        with pytest.raises(ProofError, match="32 bytes"):
            verify_inclusion(0, 2, leaf, proof, against)
    for old_root, new_root, proof in ((bad, root, [ONE]), (root, bad, [ONE]), (root, root, [bad])):
        with pytest.raises(ProofError, match="32 bytes"):
            verify_consistency(2, 3, old_root, new_root, proof)


@pytest.mark.parametrize("length", [0, 1, 2, 4, 63])
def test_a_consistency_proof_of_another_length_is_refused_for_its_length(length: int) -> None:
    assert len(prove_consistency(3, 4, READ)) == 3
    with pytest.raises(ProofError, match="these sizes need 3"):
        verify_consistency(3, 4, oracle.mth(LEAVES[:3]), oracle.mth(LEAVES[:4]), [ONE] * length)


def test_more_than_63_hashes_are_refused_unread() -> None:
    with pytest.raises(ProofError, match="longer than 63"):
        verify_inclusion(0, MAX_SIZE, ONE, [ONE] * 64, ONE)
    with pytest.raises(ProofError, match="longer than 63"):
        verify_consistency(1, MAX_SIZE, ONE, ONE, [ONE] * 64)
