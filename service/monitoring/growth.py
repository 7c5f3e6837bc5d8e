"""The tree, grown by the tiles of a register and held against what it signed."""

from collections.abc import Callable

from sqlalchemy import Connection

from ledger.errors import LedgerError
from ledger.notes.checkpoint import Checkpoint
from ledger.proof import tree_root
from ledger.tile import TILE_WIDTH, Tile, TileReader, format_tile_path, split_hashes, tile_width, tiles_for
from ledger.tree import HASH_SIZE
from ledger.verification.contradiction import find_contradiction
from service.monitoring.misbehaviour import Exhibit, Kind, MisbehaviourError
from service.monitoring.source import Source
from service.monitoring.state import Head, read_edge, read_tile, tree_reader, write_tiles

TILES_AT_ONCE = 64
"""Kept in memory before they are written."""

Tick = Callable[[int, int], None]
"""Told how many entries are done, and of how many."""


def grow(connection: Connection, source: Source, held: Head, shown: tuple[bytes, Checkpoint], tick: Tick) -> None:
    """Take in the tiles that the shown checkpoint has beyond the one held. Raises MisbehaviourError, RemoteError.

    After an error the transaction must be rolled back.
    """
    signed = shown[1]
    edge = read_edge(connection, held.size)
    served: dict[Tile, bytes] = {}
    changed: dict[tuple[int, int], bytes] = {}
    for index in range(held.size // TILE_WIDTH, -(-signed.size // TILE_WIDTH)):
        tile = Tile(0, index, tile_width(0, index, signed.size))
        served[tile] = hashes = source.tile(tile)
        known = edge.tiles.get(0, b"")
        if hashes[: len(known)] != known:
            _compare(connection, source, held, shown, served)
        changed |= edge.extend(split_hashes(hashes[len(known) :]))
        tick(edge.size, signed.size)
        if len(changed) > TILES_AT_ONCE:
            write_tiles(connection, changed)
            changed.clear()
    write_tiles(connection, changed)
    if edge.root() != signed.root:
        _compare(connection, source, held, shown, served)
    _check_upper(connection, source, held.size, shown)


def check_prefix(connection: Connection, source: Source, held: Head, shown: tuple[bytes, Checkpoint]) -> None:
    """Raise MisbehaviourError if the shown checkpoint, not larger than the one held, is of another history."""
    signed = shown[1]
    if tree_root(signed.size, tree_reader(connection, signed.size).nodes) != signed.root:
        _compare(connection, source, held, shown, {})


def _check_upper(connection: Connection, source: Source, since: int, shown: tuple[bytes, Checkpoint]) -> None:
    """The tiles above the leaf hashes must be made of these."""
    note, signed = shown
    for tile in tiles_for(signed.size, since=since):
        if not tile.level:
            continue
        served = source.tile(tile)
        made = read_tile(connection, tile.level, tile.index) or b""
        if served != made[: tile.width * HASH_SIZE]:
            what = f"{format_tile_path(tile)} is not made of the tiles below it"
            raise MisbehaviourError(Kind.TILES, what, Exhibit(note, tiles={tile: served}))


def _compare(
    connection: Connection, source: Source, held: Head, shown: tuple[bytes, Checkpoint], served: dict[Tile, bytes]
) -> None:
    """What the register serves does not go on from what is held: say whether it signed another history."""
    note, signed = shown
    connection.rollback()
    reader = TileReader(source.tile, signed.size)
    found = None
    if held.size:
        try:
            found = find_contradiction(held.note, tree_reader(connection, held.size).nodes, note, reader.nodes)
        except LedgerError as error:
            raise MisbehaviourError(Kind.TILES, f"tiles: {error}", Exhibit(note, tiles=served)) from None
    if found is None:
        what = f"the tiles do not make up the tree of {signed.size} entries that the checkpoint signs"
        raise MisbehaviourError(Kind.TILES, what, Exhibit(note, tiles=served))
    what = (
        f"the log signed two histories: entry {found.index} in the checkpoint over {held.size} entries is another one"
        f" than in the checkpoint over {signed.size}"
    )
    raise MisbehaviourError(Kind.FORK, what, Exhibit(note, contradiction=found))
