"""Proofs out of a grown log: what a receipt costs when it is asked for again.

The floor is one plain row of the same database: an entry, read by its index.
"""

import random
from collections.abc import Iterator
from statistics import median

from sqlalchemy import select

from ledger.log import tile_reader
from ledger.notes.note import split_note
from ledger.notes.treehead import parse_checkpoint
from ledger.proof import prove_consistency, prove_inclusion, verify_inclusion
from ledger.tile import TileCache
from ledger.tree import hash_leaf
from service.db import tables
from tests.benchmarks.figures import Figure, each_ms, figure
from tests.benchmarks.grown import grown_store

GROUP = "Proofs from the store's tiles (SQLite)"


def run(*, quick: bool) -> Iterator[Figure]:
    """Inclusion of entries anywhere in the log, with cold and with warm tiles; consistency with any older size."""
    size = 20_000 if quick else 1_000_000
    count = 200 if quick else 2_000
    chance = random.Random(1)
    with grown_store(size) as store, store.read() as reader:
        head = parse_checkpoint(split_note(reader.checkpoint())[0])  # its size counts the maps too
        wanted = [chance.randrange(head.size) for _ in range(count)]
        column = tables.entry.c
        row = each_ms(
            lambda n: reader.connection.execute(select(column.data).where(column.idx == wanted[n])).scalar_one(),
            count=count,
        )
        beside = {"beside": median(row), "beside_name": "plain row"}
        cache = TileCache()
        cold = each_ms(
            lambda n: prove_inclusion(wanted[n], head.size, tile_reader(reader, head.size, cache=TileCache()).nodes),
            count=count,
        )
        name = f"inclusion proof, no tile read before, {size:,} entries"
        yield figure(GROUP, name, cold, "ms", target=1.0, **beside)
        warm = each_ms(
            lambda n: prove_inclusion(wanted[n], head.size, tile_reader(reader, head.size, cache=cache).nodes),
            count=count,
        )
        name = f"inclusion proof, tiles kept as the service does, {size:,} entries"
        yield figure(GROUP, name, warm, "ms", target=1.0, **beside)
        nodes = tile_reader(reader, head.size, cache=cache).nodes
        old = each_ms(lambda n: prove_consistency(wanted[n] + 1, head.size, nodes), count=count)
        yield figure(GROUP, f"consistency proof, {size:,} entries", old, "ms", **beside)
        index = wanted[0]
        entry, proof = reader.entry(index), prove_inclusion(index, head.size, nodes)
        assert entry is not None
        leaf = hash_leaf(entry)
        check = each_ms(lambda n: verify_inclusion(index, head.size, leaf, proof, head.root), count=count)
        yield figure(GROUP, f"verification of an inclusion proof, {size:,} entries", check, "ms")
