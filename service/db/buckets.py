"""The subjects' newest entries as they are stored: all of one bucket of the map packed into one value.

A bucket is read and written whole when the map is made, so one row of the database holds it: one eighth of the rows,
and no scattered index. Within it the subjects stand in the order of their keys, each in a record of fixed width.
"""

from collections.abc import Iterator, Mapping
from struct import Struct

from ledger.map import bucket_of, parent_of, place_of
from ledger.store import Head

POSITION_BITS = 6
"""An entry has at most 64 subjects."""
_RECORD = Struct(">32sI32sQ")
"""Key, number of the subject's entries, leaf hash of the newest, link."""
_ROW = Struct(">32sI32s8x")
_WIDTH = _RECORD.size
_KEY = 32


def link_of(index: int, position: int) -> int:
    """One number for a subject's place in an entry."""
    return index << POSITION_BITS | position


def pack_head(key: bytes, head: Head) -> bytes:
    """The record of a subject."""
    return _RECORD.pack(key, head.seq, head.leaf_hash, link_of(head.index, head.position))


def find_head(packed: bytes, key: bytes) -> Head | None:
    """The newest entry of the subject with this key, if it is in the bucket."""
    for start in range(0, len(packed), _WIDTH):
        if packed[start : start + _KEY] == key:
            _, seq, leaf_hash, link = _RECORD.unpack_from(packed, start)
            return Head(seq, leaf_hash, link >> POSITION_BITS, link & (1 << POSITION_BITS) - 1)
    return None


def read_rows(packed: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """What the map says of a bucket: key, number and leaf hash of each subject, in the order of keys."""
    return _ROW.iter_unpack(packed)


class Growth:
    """What becomes of `before` buckets when records with new keys come in and there are to be `count`."""

    def __init__(self, news: Mapping[bytes, bytes], before: int, count: int) -> None:
        self._news = [(bucket_of(place_of(key), count), key, record) for key, record in news.items()]
        self._count = count
        new = range(before, count)
        self._split = {_origin(bucket, before) for bucket in new} if before else set()
        self._touched = {bucket for bucket, _, _ in self._news}.union(new, self._split)
        self.sources = sorted({_origin(bucket, before) for bucket in self._touched}) if before else []
        """The buckets that must be read."""

    def repack(self, sources: Mapping[int, bytes]) -> dict[int, bytes]:
        """The buckets that change."""
        packed = dict.fromkeys(self._touched, b"")
        for bucket, records in sources.items():
            if bucket in self._split:
                for start in range(0, len(records), _WIDTH):
                    place = place_of(records[start : start + _KEY])
                    packed[bucket_of(place, self._count)] += records[start : start + _WIDTH]
            else:
                packed[bucket] = records
        for bucket, key, record in self._news:
            packed[bucket] = _put(packed[bucket], key, record)
        return packed


def _origin(bucket: int, before: int) -> int:
    """The one of `before` buckets that `bucket` was split off from, directly or not; itself if it is one of them."""
    while bucket >= before:
        bucket = parent_of(bucket)
    return bucket


def _put(packed: bytes, key: bytes, record: bytes) -> bytes:
    """The bucket with this record in its place."""
    for start in range(0, len(packed), _WIDTH):
        other = packed[start : start + _KEY]
        if other >= key:
            return packed[:start] + record + packed[start + _WIDTH * (other == key) :]
    return packed + record
