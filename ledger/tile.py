"""Tiles: the tree cut into pieces of 256 hashes, which never change once full and can be served as plain files.

Tile n of level l holds the hashes of 256 neighbouring subtrees of 256**l leaves each; level 0 holds leaf hashes. A
hash enters level l + 1 only when a tile of level l is full. The last tile of a level may be partial, 1 to 255 hashes
wide; it grows until full and its first hashes never change. The levels between two tile levels are not stored: 255
hashes restore them. Entry bundles are cut the same way: 256 entries, each after its length in two bytes.

Source: C2SP tlog-tiles.
"""

import re
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ledger.errors import MalformedError, ProofError
from ledger.proof import Node
from ledger.strict import MAX_SIZE
from ledger.tree import EMPTY_ROOT, HASH_SIZE, CompactRange, fold, hash_pairs

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 63
MAX_ENTRY = 0xFFFF

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class Tile(NamedTuple):
    """`width` hashes of tile `index` at `level`; full at 256."""

    level: int
    index: int  # type: ignore[assignment]  # the specification's word; tuple.index is of no use here
    width: int = TILE_WIDTH


def tile_width(level: int, index: int, size: int) -> int:
    """How many hashes that tile holds in a tree of `size` leaves: 0 to 256."""
    return max(0, min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - index * TILE_WIDTH))


def tiles_for(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Every tile of the tree of `size` leaves that is new or wider than in the tree of `since` leaves."""
    level = 0
    while size >> TILE_HEIGHT * level:
        before, now = since >> TILE_HEIGHT * level, size >> TILE_HEIGHT * level
        for index in range(before // TILE_WIDTH, -(-now // TILE_WIDTH)):
            if (width := tile_width(level, index, size)) != tile_width(level, index, since):
                yield Tile(level, index, width)
        level += 1


def format_tile_path(tile: Tile) -> str:
    return _format_path(str(tile.level), tile.index, tile.width)


def parse_tile_path(path: str) -> Tile:
    """Read `tile/<level>/<index>[.p/<width>]`; MalformedError for any other spelling."""
    kind, index, width = _parse_path(path)
    if kind == "entries" or int(kind) > MAX_LEVEL:
        raise MalformedError("not a tile path")
    return Tile(int(kind), index, width)


def format_bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    return _format_path("entries", index, width)


def parse_bundle_path(path: str) -> tuple[int, int]:
    """Read `tile/entries/<index>[.p/<width>]` into (index, width)."""
    kind, index, width = _parse_path(path)
    if kind != "entries":
        raise MalformedError("not an entry bundle path")
    return index, width


def _format_path(kind: str, index: int, width: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{kind}/{name}" + (f".p/{width}" if width < TILE_WIDTH else "")


def _parse_path(path: str) -> tuple[str, int, int]:
    match = _PATH.fullmatch(path)
    if not match:
        raise MalformedError("not a tile path")
    kind, groups, partial = match.groups()
    index = int(groups.replace("x", "").replace("/", ""))
    width = int(partial) if partial else TILE_WIDTH
    if index > MAX_SIZE or (partial and width >= TILE_WIDTH) or groups.startswith("x000"):
        raise MalformedError("not a tile path")
    return kind, index, width


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """At most 256 entries of at most 65,535 bytes each."""
    if len(entries) > TILE_WIDTH or any(len(entry) > MAX_ENTRY for entry in entries):
        raise MalformedError("entries do not fit a bundle")
    return b"".join([struct.pack(">H", len(entry)) + entry for entry in entries])


def parse_bundle(data: bytes) -> list[bytes]:
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or len(entries) == TILE_WIDTH:
            raise MalformedError("not an entry bundle")
        entries.append(data[start:at])
    return entries


class RightEdge:
    """The partial tiles at the right edge of a tree: all a writer needs to append, and to know the new root.

    Mutable; after a failed commit, load it again.
    """

    def __init__(self, size: int = 0, tiles: Mapping[int, bytes] | None = None) -> None:
        """`tiles` gives, for each level that `needed(size)` names, exactly that partial tile's hashes."""
        if not 0 <= size <= MAX_SIZE:
            raise MalformedError("tree size out of range")
        rows = dict(tiles or {})
        self._size = size
        self._rows: list[bytes] = []
        self._ranges: list[CompactRange] = []
        for level in range(-(-size.bit_length() // TILE_HEIGHT)):
            row = rows.pop(level, b"")
            if len(row) != (size >> TILE_HEIGHT * level) % TILE_WIDTH * HASH_SIZE:
                raise MalformedError(f"partial tile of level {level} does not fit tree size {size}")
            self._rows.append(row)
            self._ranges.append(CompactRange(len(row) // HASH_SIZE, _subtrees(row)))
        if rows:
            raise MalformedError(f"no partial tile belongs at level {min(rows)} of tree size {size}")

    @staticmethod
    def needed(size: int) -> list[tuple[int, int]]:
        """(level, index) of each partial tile of the tree of `size` leaves, lowest level first."""
        levels = range(-(-size.bit_length() // TILE_HEIGHT))
        return [
            (level, size >> TILE_HEIGHT * (level + 1)) for level in levels if (size >> TILE_HEIGHT * level) % TILE_WIDTH
        ]

    @property
    def size(self) -> int:
        return self._size

    @property
    def tiles(self) -> dict[int, bytes]:
        """The partial tiles as they are now, by level: what the next writer needs."""
        return {level: row for level, row in enumerate(self._rows) if row}

    def extend(self, leaf_hashes: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
        """Append leaves; gives the final content of every tile that changed, by (level, index)."""
        if not set(map(len, leaf_hashes)) <= {HASH_SIZE} or self._size + len(leaf_hashes) > MAX_SIZE:
            raise MalformedError("leaves do not fit the tree")
        changed: dict[tuple[int, int], bytes] = {}
        hashes = leaf_hashes
        level = 0
        while hashes:
            hashes = self._extend_level(level, hashes, changed)
            level += 1
        self._size += len(leaf_hashes)
        return changed

    def _extend_level(self, level: int, hashes: Sequence[bytes], changed: dict[tuple[int, int], bytes]) -> list[bytes]:
        """Append to one level; gives the roots of the tiles that became full."""
        if level == len(self._rows):
            self._rows.append(b"")
            self._ranges.append(CompactRange())
        row, inside = self._rows[level], self._ranges[level]
        index = self._size >> TILE_HEIGHT * (level + 1)
        roots = []
        at = 0
        while at < len(hashes):
            chunk = hashes[at : at + TILE_WIDTH - inside.size]
            at += len(chunk)
            inside.extend(chunk)
            row += b"".join(chunk)
            changed[(level, index)] = row
            if inside.size == TILE_WIDTH:
                roots.append(inside.root())
                row, inside = b"", CompactRange()
                index += 1
        self._rows[level], self._ranges[level] = row, inside
        return roots

    def root(self) -> bytes:
        hashes = [node for inside in reversed(self._ranges) for node in inside.hashes]
        return fold(hashes) if hashes else EMPTY_ROOT


@lru_cache(maxsize=64)
def _subtrees(row: bytes) -> tuple[bytes, ...]:
    """The perfect subtrees of a partial tile. Remembered, since the upper levels stay the same from load to load."""
    inside = CompactRange()
    inside.extend(split_hashes(row))
    return inside.hashes


DecodedTile = tuple[bytes, ...]
"""The hashes of a tile and of the seven levels above them, each level joined: 256, 128, ... 2 hashes if full."""


class TileCache:
    """The decoded tiles used last, of one log. About 17 kB each. Safe for use by several threads."""

    def __init__(self, capacity: int = 1024) -> None:
        self._capacity = capacity
        self._tiles: OrderedDict[tuple[int, int], DecodedTile] = OrderedDict()
        self._edge_size = 0
        self._edge: dict[tuple[int, int], DecodedTile] = {}
        self._lock = threading.Lock()

    def get(self, key: tuple[int, int]) -> DecodedTile | None:
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def put(self, key: tuple[int, int], tile: DecodedTile) -> None:
        """Keep a full tile; partial tiles grow, so they are refused."""
        if len(tile[0]) != TILE_WIDTH * HASH_SIZE:
            raise MalformedError("only full tiles are kept")
        with self._lock:
            self._tiles[key] = tile
            self._tiles.move_to_end(key)
            if len(self._tiles) > self._capacity:
                self._tiles.popitem(last=False)

    def edge(self, size: int) -> dict[tuple[int, int], DecodedTile]:
        """Where the decoded partial tiles of the tree of `size` leaves are kept: of one size at a time."""
        with self._lock:
            if size != self._edge_size:
                self._edge_size, self._edge = size, {}
            return self._edge


class TileReader:
    """Gives the hash of any perfect subtree of one tree from its tiles; `nodes` is a HashReader.

    `read_tile` may return more hashes than asked, since a tile row only grows. Pass a `cache` to share decoded full
    tiles between readers of one log, but only if `read_tile` reads committed tiles: after a rollback other hashes
    may take the place of those read.
    """

    def __init__(self, read_tile: Callable[[Tile], bytes], size: int, *, cache: TileCache | None = None) -> None:
        self._read_tile = read_tile
        self._size = size
        self._cache = cache if cache is not None else TileCache()
        self._partial = self._cache.edge(size)

    def nodes(self, wanted: Sequence[Node]) -> list[bytes]:
        """Raises ProofError for a subtree that is not complete in this tree, MalformedError for a short tile."""
        size = self._size
        found = []
        here = (-1, -1)
        rows: DecodedTile = ()
        for level, index in wanted:
            if (index + 1) << level > size or index < 0:
                raise ProofError("subtree is not complete in this tree")
            inner = level & 7
            key = (level >> 3, index >> (8 - inner))
            if key != here:
                rows, here = self._tile(key), key
            at = (index & (0xFF >> inner)) << 5
            found.append(rows[inner][at : at + 32])
        return found

    def _tile(self, key: tuple[int, int]) -> DecodedTile:
        tile = self._cache.get(key) or self._partial.get(key)
        if tile is None:
            width = tile_width(*key, self._size)
            data = self._read_tile(Tile(*key, width))
            if len(data) < width * HASH_SIZE:
                raise MalformedError("tile is shorter than the tree needs")
            tile = decode_tile(data[: width * HASH_SIZE])
            if width == TILE_WIDTH:
                self._cache.put(key, tile)
            else:
                self._partial[key] = tile
        return tile


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def decode_tile(data: bytes) -> DecodedTile:
    levels = [data]
    row = split_hashes(data)
    for _ in range(TILE_HEIGHT - 1):
        row = hash_pairs(row)
        levels.append(b"".join(row))
    return tuple(levels)
