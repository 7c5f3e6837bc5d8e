"""The map: every subject's newest entry under one root, whatever order the subjects came in."""

import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.entry import format_hash
from ledger.errors import LedgerError, MalformedError, ProofError
from ledger.map import (
    Commitment,
    Lookup,
    MapTree,
    Row,
    bucket_count,
    bucket_of,
    format_rows,
    key_of,
    parent_of,
    parse_commitment,
    parse_rows,
    place_of,
    range_of,
    verify_lookup,
)
from ledger.tree import hash_leaf
from tests.ledger.oracle import mth


def _row(number: int, seq: int = 1) -> Row:
    return Row(key_of(f"B{number:05d}"), seq, hash_leaf(b"%d/%d" % (number, seq)))


def _tree(rows: list[Row]) -> MapTree:
    tree = MapTree()
    for row in rows:
        tree.set(row)
    return tree


def _slow_root(rows: list[Row]) -> bytes:
    """As the page of formats says it, in one go."""
    count = len(rows) // 8 + 1
    buckets: list[list[Row]] = [[] for _ in range(count)]
    for row in rows:
        bits = "".join(f"{byte:08b}" for byte in row.key)
        long, short = (int(bits[: (count - 1).bit_length() - less][::-1] or "0", 2) for less in (0, 1))
        buckets[long if long < count else short].append(row)
    return mth(tuple(hash_leaf(format_rows(sorted(bucket))) for bucket in buckets))


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 63, 64, 100, 2_047, 2_048, 2_056, 5_000])
def test_the_root_is_that_of_the_description(count: int) -> None:
    rows = [_row(number) for number in range(count)]
    assert _tree(rows).commitment(count).root == _slow_root(rows)


def test_the_root_does_not_depend_on_how_the_map_came_about() -> None:
    chance = random.Random(7)
    rows = [_row(number, seq) for number in range(700) for seq in (1, 2)]
    tree = MapTree()
    for start in range(0, len(rows), 90):
        for row in rows[start : start + 90]:
            tree.set(row)
        tree.commitment(start)
    newest = rows[1::2]
    chance.shuffle(newest)
    assert tree.commitment(9).root == _slow_root(newest)


def test_every_subject_and_every_stranger_is_proven() -> None:
    tree = _tree([_row(number) for number in range(300)])
    commitment = tree.commitment(300)
    for number in range(300):
        assert verify_lookup(commitment, f"B{number:05d}", tree.lookup(f"B{number:05d}")) == _row(number)
    for number in range(300, 400):
        assert verify_lookup(commitment, f"B{number:05d}", tree.lookup(f"B{number:05d}")) is None


def test_a_row_left_out_changed_or_put_elsewhere_is_refused() -> None:
    tree = _tree([_row(number) for number in range(300)])
    commitment = tree.commitment(300)
    lookup = tree.lookup("B00007")
    row = next(row for row in lookup.rows if row.key == key_of("B00007"))
    others = tuple(other for other in lookup.rows if other != row)
    wrong = [
        Lookup(others, lookup.path),
        Lookup(tuple(sorted((*others, row._replace(seq=2)))), lookup.path),
        Lookup(tuple(sorted((*others, row._replace(leaf_hash=bytes(32))))), lookup.path),
        Lookup(tuple(reversed(lookup.rows)), lookup.path),
        Lookup((*lookup.rows, lookup.rows[-1]), lookup.path),
        Lookup(lookup.rows, lookup.path[:-1]),
        Lookup((), lookup.path),
    ]
    for each in wrong:
        with pytest.raises(ProofError):
            verify_lookup(commitment, "B00007", each)


def test_the_bucket_of_another_subject_proves_nothing() -> None:
    tree = _tree([_row(number) for number in range(300)])
    commitment = tree.commitment(300)
    strangers = [f"B{number:05d}" for number in range(300)]
    bucket = bucket_of(place_of(key_of("B00007")), 38)
    other = next(subject for subject in strangers if bucket_of(place_of(key_of(subject)), 38) != bucket)
    with pytest.raises(ProofError):
        verify_lookup(commitment, "B00007", tree.lookup(other))
    with pytest.raises(ProofError):
        verify_lookup(replace(commitment, root=bytes(32)), "B00007", tree.lookup("B00007"))


def test_a_row_outside_its_bucket_proves_nothing_even_if_the_root_commits_to_it() -> None:
    rows = sorted(_row(number) for number in range(9))
    stray = next(row for row in rows if bucket_of(place_of(row.key), 2) == 0)
    leaves = [hash_leaf(format_rows([row for row in rows if bucket_of(place_of(row.key), 2) == 0])),
              hash_leaf(format_rows(rows))]  # fmt: skip
    forged = Commitment(9, 2, mth(tuple(leaves)), 9)
    own = next(subject for subject in (f"B{n:05d}" for n in range(9)) if bucket_of(place_of(key_of(subject)), 2) == 1)
    with pytest.raises(ProofError, match="does not belong"):
        verify_lookup(forged, own, Lookup(tuple(rows), (leaves[0],)))
    assert stray in rows


def test_a_place_has_64_bits_the_first_of_the_key_lowest() -> None:
    assert place_of(b"\xff" * 32) == 2**64 - 1
    assert place_of(b"\x80" + bytes(31)) == 1
    assert place_of(bytes(7) + b"\x01" + bytes(24)) == 1 << 63
    assert place_of(bytes(8) + b"\xff" * 24) == 0


@given(st.integers(1, 5_000), st.text("ABCDEFG0123456789", min_size=1, max_size=24))
def test_rows_of_a_bucket_stand_together(buckets: int, subject: str) -> None:
    low, high = range_of(bucket_of(place_of(key_of(subject)), buckets), buckets)
    assert low <= key_of(subject) <= high


@pytest.mark.parametrize("buckets", [1, 2, 3, 5, 8, 13, 100])
def test_the_ranges_of_all_buckets_fill_the_space_once(buckets: int) -> None:
    ranges = sorted(range_of(bucket, buckets) for bucket in range(buckets))
    assert ranges[0][0] == bytes(32)
    assert ranges[-1][1] == b"\xff" * 32
    assert all(
        int.from_bytes(before[1]) + 1 == int.from_bytes(after[0]) for before, after in itertools.pairwise(ranges)
    )


@given(st.integers(0, 2**64 - 1), st.integers(1, 10_000))
def test_one_more_bucket_takes_from_its_parent_alone(place: int, buckets: int) -> None:
    before, after = bucket_of(place, buckets), bucket_of(place, buckets + 1)
    assert after == before or (after == buckets and before == parent_of(buckets))


@given(st.integers(0, 2**50))
def test_a_commitment_reads_back(batteries: int) -> None:
    commitment = Commitment(batteries, bucket_count(batteries), bytes(range(32)), 5)
    assert parse_commitment(commitment.body()) == commitment


BODY = Commitment(9, 2, bytes(range(32)), 5).body()


@pytest.mark.parametrize(
    "change",
    [
        {"batteries": -1},
        {"batteries": True},
        {"buckets": 3},
        {"size": "5"},
        {"root": ""},
        {"root": "AAAA"},
        {"more": 1},
    ],
)
def test_another_commitment_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        parse_commitment(BODY | change)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=8))
def test_rows_are_parsed_totally(value: object) -> None:
    try:
        rows = parse_rows(value)
    except LedgerError:
        return
    assert all(isinstance(row, Row) for row in rows)


KEY, LEAF = format_hash(bytes([1]) * 32), format_hash(bytes([2]) * 32)


def test_a_row_is_a_key_a_number_from_one_and_a_hash() -> None:
    assert parse_rows([[KEY, 1, LEAF]]) == (Row(bytes([1]) * 32, 1, bytes([2]) * 32),)
    for row in ([KEY, 0, LEAF], [KEY, -1, LEAF], [KEY, True, LEAF], [KEY, 1.0, LEAF], ["", 1, LEAF], [KEY, 1, ""]):
        with pytest.raises(MalformedError):
            parse_rows([row])
