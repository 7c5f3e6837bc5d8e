"""Buckets as they are stored, beside the plain statement of what they hold: every subject in its own bucket, by key."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from ledger.map import bucket_count, bucket_of, place_of
from ledger.store import Head
from service.db.buckets import Growth, find_head, pack_head, read_rows

KEYS = st.integers(0, 400).map(lambda number: sha256(str(number).encode()).digest())
LEAVES = st.binary(min_size=32, max_size=32)
HEADS = st.builds(Head, st.integers(1, 9), LEAVES, st.integers(0, 9_000), st.integers(0, 63))


@given(st.lists(st.dictionaries(KEYS, HEADS, max_size=60), min_size=1, max_size=6))
def test_whatever_comes_in_each_bucket_holds_its_subjects_newest_entries_in_order(
    rounds: list[dict[bytes, Head]],
) -> None:
    known: dict[bytes, Head] = {}
    stored: dict[int, bytes] = {}
    count = 0
    for news in rounds:
        known |= news
        growth = Growth({key: pack_head(key, head) for key, head in news.items()}, count, bucket_count(len(known)))
        stored |= growth.repack({bucket: stored[bucket] for bucket in growth.sources})
        count = bucket_count(len(known))
        for bucket in range(count):
            own = sorted(key for key in known if bucket_of(place_of(key), count) == bucket)
            assert list(read_rows(stored[bucket])) == [(key, known[key].seq, known[key].leaf_hash) for key in own]
            assert [find_head(stored[bucket], key) for key in own] == [known[key] for key in own]


def test_a_subject_of_another_bucket_is_not_found() -> None:
    key = sha256(b"one").digest()
    assert find_head(pack_head(key, Head(1, bytes(32), 0)), sha256(b"two").digest()) is None
