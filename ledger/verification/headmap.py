"""The map of ledger.map computed from the subjects' newest links as the audit holds them, with little memory beside.

`ledger.map.MapTree` says what a map is; this is the same for millions of subjects. The bytes of a bucket are made of
the links as they stand in `heads`, so that of each subject only its place in a bucket is kept besides.
"""

from binascii import b2a_base64
from collections.abc import Iterable
from hashlib import sha256

import orjson

from ledger.entry import event_bytes
from ledger.errors import MalformedError
from ledger.map import (
    Commitment,
    bucket_count,
    bucket_of,
    map_root,
    parent_of,
    parse_commitment,
    place_of,
    update_tiles,
)


class HeadMap:
    """The map of `heads`, a mapping from subject to `,number,leaf hash` that the owner goes on changing.

    Tell it by `touch` which subjects changed.
    """

    def __init__(self, heads: dict[bytes, bytes]) -> None:
        self._heads = heads
        self._known = len(heads)
        count = bucket_count(len(heads))
        self._buckets: list[list[bytes]] = [[] for _ in range(count)]
        for subject in heads:
            self._buckets[_bucket(subject, count)].append(subject)
        self._dirty = set(range(count))
        self._tiles: dict[tuple[int, int], bytes] = {}

    def touch(self, subjects: Iterable[bytes], *, born: Iterable[bytes]) -> None:
        """These subjects have other newest links than before; those `born` are new."""
        for subject in born:
            self._buckets[_bucket(subject, len(self._buckets))].append(subject)
            self._known += 1
            if bucket_count(self._known) > len(self._buckets):
                self._split()
        count = len(self._buckets)
        self._dirty.update([_bucket(subject, count) for subject in subjects])

    def commitment(self, size: int) -> Commitment:
        """What a `commit_map` at index `size` says."""
        leaves = {bucket: self._hash(bucket) for bucket in self._dirty}
        self._dirty.clear()
        count = len(self._buckets)
        self._tiles |= update_tiles(self._read, count, leaves)
        return Commitment(self._known, count, map_root(self._read, count), size)

    def _read(self, level: int, index: int) -> bytes | None:
        return self._tiles.get((level, index))

    def _hash(self, bucket: int) -> bytes:
        heads, encode = self._heads, b2a_base64
        members = sorted([(sha256(subject).digest(), heads[subject]) for subject in self._buckets[bucket]])
        rows = [b'["%b"%b"%b"]' % (encode(key, newline=False), link[:-44], link[-44:]) for key, link in members]
        return sha256(b"\0[%b]" % b",".join(rows)).digest()

    def _split(self) -> None:
        new = len(self._buckets)
        parent = parent_of(new)
        stay: list[bytes] = []
        go: list[bytes] = []
        for subject in self._buckets[parent]:
            (go if _bucket(subject, new + 1) == new else stay).append(subject)
        self._buckets[parent] = stay
        self._buckets.append(go)
        self._dirty |= {parent, new}


def claimed_map(index: int, entry: bytes) -> Commitment:
    """What the `commit_map` at `index` says, from its canonical bytes. Raises MalformedError."""
    try:
        body = orjson.loads(event_bytes(entry))["body"]
    except (ValueError, KeyError, TypeError):
        raise MalformedError("not an entry") from None
    commitment = parse_commitment(body)
    if commitment.size != index:
        raise MalformedError("a map is committed to at the index that is its size")
    return commitment


def _bucket(subject: bytes, count: int) -> int:
    return bucket_of(place_of(sha256(subject).digest()), count)
