"""When a log commits to its map, and how a store answers from the newest one.

A store keeps the tiles of the newest map, and the subjects' rows as they were then: newer entries are merged into the
rows when the next map is made. That also spares it a scattered write for every entry.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
    return _news(state) >= MAP_SPAN


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
    leaves = {bucket: hash_leaf(format_rows(rows)) for bucket, rows in tx.merge()}
    state = tx.state()
    buckets = bucket_count(state.batteries)
    tiles: MapTiles = {}

    def read(level: int, index: int) -> bytes | None:
        return tiles.get((level, index)) or tx.map_tile(level, index)

    if before.mapped is None or before.mapped.size != before.merged:  # rows went on without a map: all may be news
        for start in range(0, buckets, BLOCK):
            block = range(start, min(start + BLOCK, buckets))
            rows = tx.rows(block, buckets)
            leaves |= {bucket: hash_leaf(format_rows(sorted(rows.get(bucket, ())))) for bucket in block}
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
