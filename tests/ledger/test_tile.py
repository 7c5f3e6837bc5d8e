"""Tiles: paths, entry bundles, the writer's right edge and the reader, against the formula of the specification."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError, ProofError
from ledger.proof import prove_consistency, prove_inclusion, tree_root
from ledger.strict import MAX_SIZE
from ledger.tile import (
    TILE_WIDTH,
    RightEdge,
    Tile,
    TileCache,
    TileReader,
    decode_tile,
    encode_bundle,
    format_bundle_path,
    format_tile_path,
    parse_bundle,
    parse_bundle_path,
    parse_tile_path,
    split_hashes,
    tile_width,
    tiles_for,
)
from ledger.tree import EMPTY_ROOT, CompactRange
from tests.ledger import oracle

SMALL = oracle.leaf_hashes(3000)
LARGE = oracle.leaf_hashes(256 * 256 + 600)  # wide enough for a tile of level 2

tiles = st.builds(Tile, st.integers(0, 63), st.integers(0, MAX_SIZE), st.integers(1, TILE_WIDTH))


def all_tiles(leaves: tuple[bytes, ...], size: int) -> dict[tuple[int, int], bytes]:
    """Every tile of the tree of the first `size` leaves, from the formula."""
    return {(t.level, t.index): oracle.tile(t.level, t.index, leaves[:size]) for t in tiles_for(size)}


def edge_of(leaves: tuple[bytes, ...]) -> RightEdge:
    edge = RightEdge()
    edge.extend(leaves)
    return edge


# Paths


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 999), "tile/0/999"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),
        (Tile(0, 1234, 5), "tile/0/x001/234.p/5"),
        (Tile(63, 0, 255), "tile/63/000.p/255"),
    ],
)
def test_a_tile_path_is_written_as_the_specification_says(tile: Tile, path: str) -> None:
    assert format_tile_path(tile) == path
    assert parse_tile_path(path) == tile


@given(tiles)
def test_tile_and_bundle_paths_come_back(tile: Tile) -> None:
    assert parse_tile_path(format_tile_path(tile)) == tile
    assert parse_bundle_path(format_bundle_path(tile.index, tile.width)) == (tile.index, tile.width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/100/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/x001/x234",
        "tile/0/001/234",
        "tile/0/X001/234",
        "tile/0/x1/234",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
        "tile/0/../000",
        "tile/0/" + "x001/" * 2000 + "000",
        "tile/0/x1/x/x/000",
        "tile/entries/000/000",
    ],
)
def test_other_spellings_of_a_tile_path_are_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        parse_tile_path(path)
    with pytest.raises(MalformedError):
        parse_bundle_path(path.replace("tile/0/", "tile/entries/"))


def test_a_bundle_path_is_no_tile_path_nor_the_other_way_round() -> None:
    with pytest.raises(MalformedError):
        parse_tile_path("tile/entries/000")
    with pytest.raises(MalformedError):
        parse_bundle_path("tile/0/000")


@given(st.text(st.sampled_from("tile/0139x.p-en rs\n"), max_size=30))
def test_a_path_is_refused_or_is_the_one_spelling_of_its_tile(path: str) -> None:
    try:
        tile = parse_tile_path(path)
    except MalformedError:
        return
    assert format_tile_path(tile) == path


# Which tiles a tree has


def test_a_tree_of_70000_leaves_has_the_tiles_of_the_specification() -> None:
    found = list(tiles_for(70_000))
    assert len(found) == 274 + 2 + 1
    assert [tile for tile in found if tile.width < TILE_WIDTH] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_for(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_for(0)) == []


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_the_tiles_since_a_size_are_those_that_changed(one: int, other: int) -> None:
    old, new = sorted((one, other))
    assert set(tiles_for(new, since=old)) == set(tiles_for(new)) - set(tiles_for(old))


@given(st.integers(0, 2**40), st.integers(0, 5), st.integers(0, 2**40))
def test_the_width_of_a_tile_follows_from_the_size(size: int, level: int, index: int) -> None:
    count = size // 256**level
    assert tile_width(level, index, size) == len(range(count)[index * 256 : (index + 1) * 256])


# Entry bundles


@given(st.lists(st.binary(max_size=40), max_size=TILE_WIDTH))
def test_a_bundle_comes_back(entries: list[bytes]) -> None:
    assert parse_bundle(encode_bundle(entries)) == entries


@given(st.binary(max_size=60))
def test_bytes_are_refused_or_are_the_one_form_of_their_bundle(data: bytes) -> None:
    try:
        entries = parse_bundle(data)
    except MalformedError:
        return
    assert encode_bundle(entries) == data


def test_a_bundle_holds_256_entries_of_65535_bytes_and_no_more() -> None:
    assert parse_bundle(encode_bundle([bytes(65_535)])) == [bytes(65_535)]
    with pytest.raises(MalformedError):
        encode_bundle([bytes(65_536)])
    with pytest.raises(MalformedError):
        encode_bundle([b""] * 257)
    assert parse_bundle(bytes(2 * 256)) == [b""] * 256
    with pytest.raises(MalformedError):
        parse_bundle(bytes(2 * 257))


# The writer


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 3000])
def test_the_edge_writes_the_tiles_of_the_formula(size: int) -> None:
    edge = RightEdge()
    assert edge.extend(SMALL[:size]) == all_tiles(SMALL, size)
    assert edge.root() == oracle.mth(SMALL[:size])


def test_the_edge_writes_three_levels_of_tiles() -> None:
    written: dict[tuple[int, int], bytes] = {}
    edge = RightEdge()
    for start, end in pairwise([0, 255, 256, 65_279, 65_280, 65_535, 65_536, 65_537, len(LARGE)]):
        written |= edge.extend(LARGE[start:end])
    assert written == all_tiles(LARGE, len(LARGE))
    assert edge.root() == oracle.mth(LARGE)
    assert list(edge.tiles) == [0, 1, 2]


@settings(max_examples=60)
@given(st.lists(st.integers(0, 700), max_size=6), st.booleans())
def test_any_split_into_batches_writes_the_same_tiles(batches: list[int], load_again: bool) -> None:
    written: dict[tuple[int, int], bytes] = {}
    edge = RightEdge()
    for batch in batches:
        before, size = edge.size, min(edge.size + batch, len(SMALL))
        changed = edge.extend(SMALL[before:size])
        assert changed.keys() == {(t.level, t.index) for t in tiles_for(size, since=before)}
        written |= changed
        assert edge.size == size
        assert edge.root() == oracle.mth(SMALL[:size])
        if load_again:
            edge = RightEdge(size, {level: written[level, index] for level, index in RightEdge.needed(size)})
    assert written == all_tiles(SMALL, edge.size)


@given(st.integers(0, 3000))
def test_the_edge_names_the_partial_tiles_it_needs(size: int) -> None:
    edge = edge_of(SMALL[:size])
    partial = [tile for tile in tiles_for(size) if tile.width < TILE_WIDTH]
    assert RightEdge.needed(size) == [(tile.level, tile.index) for tile in partial]
    assert edge.tiles == {tile.level: oracle.tile(tile.level, tile.index, SMALL[:size]) for tile in partial}


def test_nothing_appended_changes_nothing() -> None:
    edge = edge_of(SMALL[:300])
    assert edge.extend([]) == {}
    assert edge.root() == oracle.mth(SMALL[:300])
    assert RightEdge().root() == EMPTY_ROOT


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        (5, {}),
        (5, {0: b"".join(SMALL[:4])}),
        (5, {0: b"".join(SMALL[:6])}),
        (5, {0: b"".join(SMALL[:5])[:-1]}),
        (5, {0: b"".join(SMALL[:5]), 1: SMALL[0]}),
        (256, {0: b""}),
        (-1, {}),
        (MAX_SIZE + 1, {}),
        (2**63, {7: bytes(128 * 32)}),
    ],
)
def test_partial_tiles_that_do_not_fit_the_size_are_refused(size: int, rows: dict[int, bytes]) -> None:
    with pytest.raises(MalformedError):
        RightEdge(size, rows)


def test_a_leaf_hash_of_another_length_is_refused_and_changes_nothing() -> None:
    edge = edge_of(SMALL[:300])
    with pytest.raises(MalformedError):
        edge.extend([*SMALL[300:900], b"short"])
    assert (edge.size, edge.root()) == (300, oracle.mth(SMALL[:300]))
    assert edge.tiles == edge_of(SMALL[:300]).tiles


# The reader


class Shelf:
    """Tiles by (level, index) as a store keeps them: the widest version only. Counts what is read."""

    def __init__(self, leaves: tuple[bytes, ...]) -> None:
        self.rows = RightEdge().extend(leaves)
        self.reads: list[Tile] = []

    def read(self, tile: Tile) -> bytes:
        self.reads.append(tile)
        return self.rows[tile.level, tile.index]


@settings(max_examples=60)
@given(st.integers(1, 3000), st.data())
def test_proofs_from_tiles_are_the_proofs_of_rfc_6962(size: int, data: st.DataObject) -> None:
    """The shelf holds wider tiles than the tree asked about, as a growing log's does."""
    reader = TileReader(Shelf(SMALL).read, size)
    index = data.draw(st.integers(0, size - 1))
    assert prove_inclusion(index, size, reader.nodes) == oracle.path(index, SMALL[:size])
    assert prove_consistency(index + 1, size, reader.nodes) == oracle.consistency(index + 1, SMALL[:size])
    assert tree_root(size, reader.nodes) == oracle.mth(SMALL[:size])


def test_proofs_reach_over_three_levels_of_tiles() -> None:
    shelf = Shelf(LARGE)
    for size in (65_535, 65_536, 65_537, len(LARGE)):
        reader = TileReader(shelf.read, size)
        for index in (0, 255, 256, 65_279, 65_534):
            assert prove_inclusion(index, size, reader.nodes) == oracle.path(index, LARGE[:size])


def test_a_shared_cache_never_serves_a_partial_tile_for_a_wider_one() -> None:
    """One reader for each size of a growing log, all on one cache: each must see its own tree."""
    cache = TileCache()
    edge, rows = RightEdge(), {}
    for size in range(1, 800):
        rows.update(edge.extend(SMALL[size - 1 : size]))
        reader = TileReader(lambda tile: rows[tile.level, tile.index], size, cache=cache)
        assert tree_root(size, reader.nodes) == oracle.mth(SMALL[:size])
        index = size * 7 // 11
        assert prove_inclusion(index, size, reader.nodes) == oracle.path(index, SMALL[:size])


def test_a_full_tile_is_read_once_for_all_readers_on_a_cache() -> None:
    shelf, cache = Shelf(SMALL), TileCache()
    for size in (1000, 2000, 3000):
        reader = TileReader(shelf.read, size, cache=cache)
        for index in range(256):
            prove_inclusion(index, size, reader.nodes)
    assert len([tile for tile in shelf.reads if tile[:2] == (0, 0)]) == 1
    assert len(shelf.reads) == len(set(shelf.reads))


def test_a_cached_tile_does_not_reach_beyond_the_tree_of_the_reader() -> None:
    cache = TileCache()
    shelf = Shelf(SMALL)
    TileReader(shelf.read, 512, cache=cache).nodes([(0, 511)])
    with pytest.raises(ProofError):
        TileReader(shelf.read, 300, cache=cache).nodes([(0, 300)])
    with pytest.raises(ProofError):
        TileReader(shelf.read, 300, cache=cache).nodes([(3, 37)])


@pytest.mark.parametrize("node", [(0, 300), (0, -1), (8, 1), (9, 0), (60, 0), (2, 75)])
def test_a_subtree_that_is_not_complete_is_refused(node: tuple[int, int]) -> None:
    with pytest.raises(ProofError):
        TileReader(Shelf(SMALL).read, 300).nodes([node])


def test_a_tile_that_is_shorter_than_the_tree_needs_is_refused() -> None:
    reader = TileReader(lambda tile: bytes(32 * (tile.width - 1)), 300)
    with pytest.raises(MalformedError):
        reader.nodes([(0, 0)])
    with pytest.raises(MalformedError):
        reader.nodes([(0, 299)])


def test_a_cache_keeps_the_tiles_used_last() -> None:
    full = decode_tile(b"".join(SMALL[:256]))
    cache = TileCache(capacity=2)
    for index in (0, 1):
        cache.put((0, index), full)
    cache.get((0, 0))
    cache.put((0, 2), full)
    assert [cache.get((0, index)) is not None for index in range(3)] == [True, False, True]


def test_a_cache_refuses_partial_tiles() -> None:
    with pytest.raises(MalformedError):
        TileCache().put((0, 0), decode_tile(b"".join(SMALL[:255])))


@given(st.integers(0, 256))
def test_a_decoded_tile_holds_the_seven_levels_above_it(width: int) -> None:
    rows = decode_tile(b"".join(SMALL[:width]))
    assert len(rows) == 8
    for level, row in enumerate(rows):
        span = 1 << level
        assert split_hashes(row) == [oracle.mth(SMALL[at * span : (at + 1) * span]) for at in range(width >> level)]


def test_the_edge_and_the_compact_range_agree() -> None:
    tree = CompactRange()
    tree.extend(SMALL)
    assert edge_of(SMALL).root() == tree.root()
