"""When a log commits to its map, and how a store answers from the newest one.

A store keeps the tiles of the newest map, and the subjects' rows as they were then: newer entries are merged into the
rows when the next map is made. That also spares it a scattered write for every entry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from ledger.entry import parse_time
from ledger.map import (
    MAP_SPAN,
    Commitment,
    Lookup,
    Row,
    bucket_count,
    bucket_of,
    format_rows,
    key_of,
    map_reader,
    map_root,
    parent_of,
    place_of,
    update_tiles,
)
from ledger.proof import prove_inclusion
from ledger.store import LogState, Reader, Transaction
from ledger.tree import hash_leaf

BLOCK = 1024
"""Buckets read at once: bounds the memory."""

MapTiles = dict[tuple[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the newest map says of a subject: the index of the `commit_map`, the proof, and the row if there is one."""

    index: int
    lookup: Lookup
    row: Row | None


def is_map_full(state: LogState) -> bool:
    """Whether so much came since the last map that the next batch should not go in before a new one."""
    buckets = state.mapped.buckets if state.mapped else 0
    return _news(state) >= max(MAP_SPAN, buckets)


def is_map_due(state: LogState, at: datetime, wait: timedelta) -> bool:
    """Whether the log owes a map at `at`: it is full, or something came and the last one is `wait` ago."""
    since = state.mapped.at if state.mapped else state.kept_at
    return is_map_full(state) or (_news(state) > 0 and at - parse_time(since) >= wait)


def _news(state: LogState) -> int:
    """Entries since the last map. Its commitment is no news."""
    return state.size - state.mapped.size - 1 if state.mapped else state.size


def next_map(tx: Transaction) -> tuple[Commitment, MapTiles]:
    """The commitment to the map as of now, and the tiles that change with it."""
    before = tx.state()
    news = tx.merge()
    state = tx.state()
    buckets = bucket_count(state.batteries)
    tiles: MapTiles = {}

    def read(level: int, index: int) -> bytes | None:
        return tiles.get((level, index)) or tx.map_tile(level, index)

    leaves: dict[int, bytes] = {}
    stream = iter(_dirty(before, buckets, news))
    while block := list(islice(stream, BLOCK)):
        rows = tx.rows(block, buckets)
        leaves |= {bucket: hash_leaf(format_rows(rows.get(bucket, ()))) for bucket in block}
    tiles = update_tiles(read, buckets, leaves)
    return Commitment(state.batteries, buckets, map_root(read, buckets), state.size), tiles


def look_up(reader: Reader, subject: str) -> Answer | None:
    """What the newest map says of `subject`; None where there is no map, or its rows have gone on without it."""
    state = reader.state()
    mapped = state.mapped
    if mapped is None or mapped.size != state.merged:
        return None
    key = key_of(subject)
    bucket = bucket_of(place_of(key), mapped.buckets)
    rows = tuple(sorted(reader.rows([bucket], mapped.buckets).get(bucket, ())))
    path = prove_inclusion(bucket, mapped.buckets, map_reader(reader.map_tile, mapped.buckets).nodes)
    return Answer(mapped.size, Lookup(rows, tuple(path)), next((row for row in rows if row.key == key), None))


def _dirty(state: LogState, buckets: int, news: Iterable[str]) -> Sequence[int]:
    """The buckets that may differ from the last map's: those of subjects with news, and the split ones."""
    if state.mapped is None or state.mapped.size != state.merged:
        return range(buckets)
    new = range(state.mapped.buckets, buckets)
    return sorted({bucket_of(place_of(key_of(subject)), buckets) for subject in news}.union(new, map(parent_of, new)))
