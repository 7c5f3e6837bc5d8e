"""The map: a commitment to each subject's newest entry, so that no entry of a subject can be left out unnoticed.

Every subject has a key, its hash, and falls by it into one of `buckets`; a bucket is hashed as one leaf of a tree
like the log's own. There is one bucket more for every eighth subject, split off another one (linear hashing), so that
growing changes two buckets, never all. Since each entry names the hash of the subject's entry before, number and hash
of the newest one fix the whole history.

The formats: ledger/README.md, section 12.
"""

from binascii import b2a_base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from ledger.entry import format_hash, parse_hash
from ledger.errors import MalformedError, ProofError
from ledger.proof import prove_inclusion, tree_root, verify_inclusion
from ledger.tile import TILE_HEIGHT, TILE_WIDTH, Tile, TileReader, split_hashes, tile_width
from ledger.tree import HASH_SIZE, hash_leaf, hash_pairs

COMMIT_MAP = "commit_map"
MAP_SPAN = 10_000
"""After so many entries the map is due again."""
FILL = 8
MAX_PATH = 63

_MEMBERS = {"batteries", "buckets", "root", "size"}
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))

ReadTile = Callable[[int, int], bytes | None]
"""The hashes of a tile of the map's tree by (level, index), if it is there."""


class Row(NamedTuple):
    """A subject's newest entry, by the subject's key: its number and its leaf hash."""

    key: bytes
    seq: int
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class Commitment:
    """The body of a `commit_map`: the map of the log's first `size` entries."""

    batteries: int
    buckets: int
    root: bytes
    size: int

    def body(self) -> dict[str, Any]:
        root = format_hash(self.root)
        return {"batteries": self.batteries, "buckets": self.buckets, "root": root, "size": self.size}


@dataclass(frozen=True, slots=True)
class Lookup:
    """A whole bucket, and the proof that it is under the root."""

    rows: tuple[Row, ...]
    path: tuple[bytes, ...]


def bucket_count(batteries: int) -> int:
    """How many buckets a map of so many subjects has."""
    return batteries // FILL + 1


@lru_cache(maxsize=1 << 16)
def key_of(subject: str) -> bytes:
    """What a subject is called in the map: its hash, so that a bucket does not tell who else is in it."""
    return sha256(subject.encode()).digest()


def place_of(key: bytes) -> int:
    """Where a key belongs: its first 64 bits, the first of them lowest."""
    return int.from_bytes(key[7::-1].translate(_REVERSED), "big")


def bucket_of(place: int, buckets: int) -> int:
    """The bucket of a place: its lowest bits, one fewer where that bucket is not split off yet."""
    bits = (buckets - 1).bit_length()
    bucket = place & ((1 << bits) - 1)
    return bucket if bucket < buckets else bucket & ((1 << (bits - 1)) - 1)


def range_of(bucket: int, buckets: int) -> tuple[bytes, bytes]:
    """The first and the last key that can be in a bucket: in the order of keys, those of a bucket stand together."""
    bits = (buckets - 1).bit_length()
    half = 1 << bits >> 1
    if bucket < half and bucket + half >= buckets:
        bits -= 1
    low = int(f"{bucket:0{bits}b}"[::-1], 2) << (64 - bits) if bits else 0
    high = low | ((1 << (64 - bits)) - 1)
    return low.to_bytes(8, "big") + bytes(24), high.to_bytes(8, "big") + b"\xff" * 24


def parent_of(bucket: int) -> int:
    """The bucket that a new last bucket is split off from; itself for bucket 0."""
    return bucket - (1 << bucket.bit_length() >> 1)


def format_rows(rows: Iterable[tuple[bytes, int, bytes]]) -> bytes:
    """The bytes of a bucket: key, number and leaf hash of each subject, given in the order of keys."""
    encode = b2a_base64
    parts = [b'["%b",%d,"%b"]' % (encode(k, newline=False), n, encode(h, newline=False)) for k, n, h in rows]
    return b"[%b]" % b",".join(parts)


def parse_rows(value: object) -> tuple[Row, ...]:
    """The inverse of `format_rows`, from parsed JSON. Raises MalformedError."""
    if not isinstance(value, list):
        raise MalformedError("a bucket of the map is an array")
    return tuple(_parse_row(row) for row in value)


def format_lookup(lookup: Lookup) -> dict[str, Any]:
    """The JSON members of a lookup."""
    rows = [[format_hash(key), seq, format_hash(leaf)] for key, seq, leaf in lookup.rows]
    return {"bucket": rows, "path": [format_hash(digest) for digest in lookup.path]}


def parse_lookup(value: object) -> Lookup:
    """The inverse of `format_lookup`. Raises MalformedError."""
    if not isinstance(value, dict) or value.keys() != {"bucket", "path"}:
        raise MalformedError("a lookup has exactly the members bucket and path")
    path = value["path"]
    if not isinstance(path, list) or len(path) > MAX_PATH:
        raise MalformedError(f"the path of a lookup is an array of at most {MAX_PATH} hashes")
    hashes = tuple(map(parse_hash, path))
    if b"" in hashes:
        raise MalformedError("a hash of a path is 32 bytes")
    return Lookup(parse_rows(value["bucket"]), hashes)


def parse_commitment(body: object) -> Commitment:
    """Parse the body of a `commit_map`. Raises MalformedError."""
    if not isinstance(body, dict) or body.keys() != _MEMBERS:
        raise MalformedError("a map is committed to by exactly batteries, buckets, root and size")
    batteries, buckets, size = body["batteries"], body["buckets"], body["size"]
    if any(type(number) is not int or number < 0 for number in (batteries, buckets, size)):
        raise MalformedError("the numbers of a map are whole and not negative")
    root = parse_hash(body["root"])
    if not root or buckets != bucket_count(batteries):
        raise MalformedError("a map has a root, and one bucket more for every eighth battery")
    return Commitment(batteries, buckets, root, size)


def verify_lookup(commitment: Commitment, subject: str, lookup: Lookup) -> Row | None:
    """What the map says of `subject`: its row, or None for a subject without entries. Raises ProofError."""
    wanted = key_of(subject)
    bucket = bucket_of(place_of(wanted), commitment.buckets)
    keys = [row.key for row in lookup.rows]
    if any(before >= after for before, after in pairwise(keys)):
        raise ProofError("the rows of a bucket ascend")
    if any(bucket_of(place_of(key), commitment.buckets) != bucket for key in keys):
        raise ProofError("a row stands in a bucket where it does not belong")
    leaf = hash_leaf(format_rows(lookup.rows))
    verify_inclusion(bucket, commitment.buckets, leaf, lookup.path, commitment.root)
    return next((row for row in lookup.rows if row.key == wanted), None)


def update_tiles(read: ReadTile, buckets: int, leaves: Mapping[int, bytes]) -> dict[tuple[int, int], bytes]:
    """The tiles of the tree of `buckets` leaves that change when these leaf hashes do, by (level, index).

    `leaves` must hold every bucket that is new. Unlike in the log, a full tile may change.
    """
    changed: dict[tuple[int, int], bytes] = {}
    level, hashes = 0, leaves
    while hashes:
        above: dict[int, bytes] = {}
        for index, places in groupby(sorted(hashes), lambda place: place // TILE_WIDTH):
            width = tile_width(level, index, buckets)
            row = bytearray(read(level, index) or b"").ljust(width * HASH_SIZE, b"\0")
            for place in places:
                at = place % TILE_WIDTH * HASH_SIZE
                row[at : at + HASH_SIZE] = hashes[place]
            changed[level, index] = bytes(row)
            if width == TILE_WIDTH:
                above[index] = _join(changed[level, index])
        level, hashes = level + 1, above
    return changed


def map_reader(read: ReadTile, buckets: int) -> TileReader:
    """Hashes of the map's tree. Raises MalformedError when a tile is missing."""

    def read_tile(tile: Tile) -> bytes:
        hashes = read(tile.level, tile.index)
        if hashes is None:
            raise MalformedError(f"the store lacks tile {tile.level}/{tile.index} of the map")
        return hashes

    return TileReader(read_tile, buckets)


def map_root(read: ReadTile, buckets: int) -> bytes:
    """The root over the tiles of a map."""
    return tree_root(buckets, map_reader(read, buckets).nodes)


class MapTree:
    """A map in memory, for verifiers and as the plainest statement of what a map is. Grows with the subjects."""

    def __init__(self) -> None:
        self._buckets: list[dict[bytes, Row]] = [{}]
        self._dirty = {0}
        self._tiles: dict[tuple[int, int], bytes] = {}
        self.batteries = 0

    def set(self, row: Row) -> None:
        """Make `row` its subject's newest entry."""
        bucket = bucket_of(place_of(row.key), len(self._buckets))
        self._dirty.add(bucket)
        rows = self._buckets[bucket]
        self.batteries += row.key not in rows
        rows[row.key] = row
        while bucket_count(self.batteries) > len(self._buckets):
            self._split()

    def commitment(self, size: int) -> Commitment:
        """What a `commit_map` at index `size` says, if the rows are those of the entries before it."""
        self._settle()
        return Commitment(self.batteries, len(self._buckets), map_root(self._read, len(self._buckets)), size)

    def lookup(self, subject: str) -> Lookup:
        """The proof of what the map says of `subject`."""
        self._settle()
        count = len(self._buckets)
        bucket = bucket_of(place_of(key_of(subject)), count)
        path = prove_inclusion(bucket, count, map_reader(self._read, count).nodes)
        return Lookup(tuple(sorted(self._buckets[bucket].values())), tuple(path))

    def _split(self) -> None:
        new = len(self._buckets)
        parent = self._buckets[parent_of(new)]
        self._buckets.append({})
        for key in list(parent):
            if bucket_of(place_of(key), new + 1) == new:
                self._buckets[new][key] = parent.pop(key)
        self._dirty |= {parent_of(new), new}

    def _settle(self) -> None:
        leaves = {bucket: hash_leaf(format_rows(sorted(self._buckets[bucket].values()))) for bucket in self._dirty}
        self._tiles |= update_tiles(self._read, len(self._buckets), leaves)
        self._dirty.clear()

    def _read(self, level: int, index: int) -> bytes | None:
        return self._tiles.get((level, index))


def _join(row: bytes) -> bytes:
    """The root of a full tile."""
    hashes: Sequence[bytes] = split_hashes(row)
    for _ in range(TILE_HEIGHT):
        hashes = hash_pairs(hashes)
    return hashes[0]


def _parse_row(value: object) -> Row:
    if not isinstance(value, list) or len(value) != 3:
        raise MalformedError("a row of the map is a key, a number and a hash")
    key, leaf, seq = parse_hash(value[0]), parse_hash(value[2]), value[1]
    if type(seq) is not int or seq < 1 or not key or not leaf:
        raise MalformedError("a row of the map is a key, a number from 1 and a hash")
    return Row(key, seq, leaf)
