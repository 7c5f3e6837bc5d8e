"""The map from the newest links: the same as the one made row by row, however it grew."""

import random

import pytest

from ledger.entry import build_entry, build_event, format_hash
from ledger.errors import MalformedError
from ledger.map import COMMIT_MAP, Commitment, MapTree, Row, key_of
from ledger.signing.jws import sign_event
from ledger.tree import hash_leaf
from ledger.verification.headmap import HeadMap, claimed_map
from tests.benchmarks.material import SIGNER, make_members


class Heads:
    """Subjects and their newest links, as the sweep holds them and as the map describes them."""

    def __init__(self, seed: int) -> None:
        self.links: dict[bytes, bytes] = {}
        self.rows = MapTree()
        self._chance = random.Random(seed)
        self._numbers: dict[str, int] = {}

    def grow(self, subjects: int) -> tuple[list[bytes], list[bytes]]:
        """New subjects, and news of old ones; gives all that changed, and those that are new."""
        old = self._chance.sample(sorted(self._numbers), min(len(self._numbers), subjects))
        new = [f"S{len(self._numbers) + number:06d}" for number in range(subjects)]
        for subject in (*old, *new):
            number = self._numbers[subject] = self._numbers.get(subject, 0) + 1
            leaf = hash_leaf(b"%b %d" % (subject.encode(), number))
            self.links[subject.encode()] = b",%d,%b" % (number, format_hash(leaf).encode())
            self.rows.set(Row(key_of(subject), number, leaf))
        return [each.encode() for each in (*old, *new)], [each.encode() for each in new]


def test_a_map_that_grows_is_at_each_size_that_of_its_rows() -> None:
    """Through all splits of buckets: one more for every eighth subject."""
    heads = Heads(1)
    tree = HeadMap(heads.links)
    assert tree.commitment(0) == heads.rows.commitment(0)
    for size in (1, 2, 6, 7, 8, 9, 30, 100, 700, 1500):
        changed, born = heads.grow(size)
        tree.touch(changed, born=born)
        assert tree.commitment(size) == heads.rows.commitment(size)
        assert HeadMap(heads.links).commitment(size) == heads.rows.commitment(size)


def test_a_link_that_changes_changes_the_root_once_it_is_told() -> None:
    heads = Heads(2)
    changed, born = heads.grow(50)
    tree = HeadMap({})
    tree._heads.update(heads.links)
    tree.touch(changed, born=born)
    before = tree.commitment(7)
    assert before == heads.rows.commitment(7)
    subject = changed[3]
    tree._heads[subject] = b",9," + tree._heads[subject][-44:]
    assert tree.commitment(7) == before
    tree.touch([subject], born=[])
    assert tree.commitment(7) != before


def entry_of(body: object, index: int = 12) -> bytes:
    event = build_event(make_members(1, COMMIT_MAP, [], body))  # type: ignore[arg-type]
    return build_entry(
        event.data, sign_event(event.data, SIGNER), at="2026-11-22T00:00:00.000Z", chain=(), previous=bytes(32)
    )


def test_what_an_entry_says_of_the_map_is_read_at_the_index_that_is_its_size() -> None:
    claimed = Commitment(3, 1, b"\5" * 32, 12)
    assert claimed_map(12, entry_of(claimed.body())) == claimed
    for index in (11, 13):
        with pytest.raises(MalformedError, match="index that is its size"):
            claimed_map(index, entry_of(claimed.body()))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"event":[],"jws":"","log":{"at":""}}', b"null"])
def test_what_is_no_entry_claims_no_map(data: bytes) -> None:
    with pytest.raises(MalformedError):
        claimed_map(0, data)
