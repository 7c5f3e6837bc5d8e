"""A complete small log made by Tessera: every checkpoint, tile, bundle and proof of it, recomputed by our code."""

from pathlib import Path

import pytest

from ledger.errors import ProofError, SignatureError
from ledger.notes.checkpoint import Checkpoint, format_checkpoint, open_checkpoint
from ledger.notes.note import parse_vkey, split_note
from ledger.proof import prove_consistency, prove_inclusion, tree_root, verify_consistency, verify_inclusion
from ledger.tile import (
    RightEdge,
    Tile,
    TileReader,
    encode_bundle,
    format_bundle_path,
    format_tile_path,
    parse_bundle,
    parse_bundle_path,
    parse_tile_path,
    tiles_for,
)
from ledger.tree import CompactRange, hash_leaf
from tests.needs import missing

ORIGIN = "example.com/log/testdata"
KEY = parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
SIZES = range(16)


@pytest.fixture(scope="module")
def log(shared_data: Path) -> Path:
    folder = shared_data / "log" / "tile-log"
    if not folder.is_dir():
        missing("shared/data/log/tile-log")
    return folder


@pytest.fixture(scope="module")
def checkpoints(log: Path) -> list[Checkpoint]:
    return [open_checkpoint((log / f"checkpoint.{size}").read_bytes(), [KEY], origin=ORIGIN) for size in SIZES]


@pytest.fixture(scope="module")
def entries(log: Path) -> list[bytes]:
    return parse_bundle((log / format_bundle_path(0, 15)).read_bytes())


def reader(log: Path, size: int) -> TileReader:
    return TileReader(lambda tile: (log / format_tile_path(tile)).read_bytes(), size)


def test_every_checkpoint_is_signed_and_says_its_size(checkpoints: list[Checkpoint]) -> None:
    assert [checkpoint.size for checkpoint in checkpoints] == list(SIZES)


def test_the_current_checkpoint_is_the_last_one(log: Path, checkpoints: list[Checkpoint]) -> None:
    assert open_checkpoint((log / "checkpoint").read_bytes(), [KEY], origin=ORIGIN) == checkpoints[15]


def test_every_checkpoint_text_is_what_we_would_write(log: Path, checkpoints: list[Checkpoint]) -> None:
    for size in SIZES:
        text, _ = split_note((log / f"checkpoint.{size}").read_bytes())
        assert format_checkpoint(checkpoints[size]) == text


def test_a_checkpoint_with_another_size_is_not_signed(log: Path) -> None:
    note = (log / "checkpoint.15").read_bytes()
    with pytest.raises(SignatureError):
        open_checkpoint(note.replace(b"\n15\n", b"\n14\n"), [KEY], origin=ORIGIN)


def test_every_root_follows_from_the_entries(entries: list[bytes], checkpoints: list[Checkpoint]) -> None:
    tree, edge = CompactRange(), RightEdge()
    for size in SIZES:
        assert tree.root() == edge.root() == checkpoints[size].root
        if size < len(entries):
            leaf = hash_leaf(entries[size])
            tree.extend([leaf])
            edge.extend([leaf])


def test_every_tile_and_bundle_file_is_what_we_would_write(log: Path, entries: list[bytes]) -> None:
    written = {}
    edge = RightEdge()
    for size in SIZES[1:]:
        tiles = edge.extend([hash_leaf(entries[size - 1])])
        for tile in tiles_for(size, since=size - 1):
            written[format_tile_path(tile)] = tiles[tile.level, tile.index]
        written[format_bundle_path(0, size)] = encode_bundle(entries[:size])
    found = {
        path.relative_to(log).as_posix(): path.read_bytes() for path in (log / "tile").rglob("*") if path.is_file()
    }
    assert written == found


def test_every_file_path_is_read(log: Path) -> None:
    paths = sorted(path.relative_to(log).as_posix() for path in (log / "tile").rglob("*") if path.is_file())
    assert len(paths) == 30
    for path in paths:
        if path.startswith("tile/entries/"):
            assert format_bundle_path(*parse_bundle_path(path)) == path
        else:
            assert parse_tile_path(path) == Tile(0, 0, int(path.rsplit("/", 1)[1]))


def test_every_root_follows_from_the_tiles(log: Path, checkpoints: list[Checkpoint]) -> None:
    for size in SIZES:
        assert tree_root(size, reader(log, size).nodes) == checkpoints[size].root


def test_every_entry_is_included_at_every_size(log: Path, entries: list[bytes], checkpoints: list[Checkpoint]) -> None:
    for size in SIZES:
        read = reader(log, size).nodes
        for index in range(size):
            proof = prove_inclusion(index, size, read)
            verify_inclusion(index, size, hash_leaf(entries[index]), proof, checkpoints[size].root)
            with pytest.raises(ProofError):
                verify_inclusion(index, size, hash_leaf(entries[index] + b"!"), proof, checkpoints[size].root)


def test_every_checkpoint_extends_every_earlier_one(log: Path, checkpoints: list[Checkpoint]) -> None:
    for new in SIZES:
        read = reader(log, new).nodes
        for old in range(new + 1):
            proof = prove_consistency(old, new, read)
            verify_consistency(old, new, checkpoints[old].root, checkpoints[new].root, proof)
            if 0 < old < new:
                with pytest.raises(ProofError):
                    verify_consistency(old, new, checkpoints[new].root, checkpoints[new].root, proof)
