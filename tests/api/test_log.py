"""The log as C2SP tlog-tiles, read by a client that knows nothing but the specification."""

from collections.abc import Callable

import pytest

from ledger.notes.checkpoint import open_checkpoint
from ledger.notes.note import parse_vkey
from ledger.tile import Tile, format_bundle_path, format_tile_path, parse_bundle, tile_width, tiles_for
from ledger.tree import CompactRange, hash_leaf
from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import AUTHORITY, BUREAU, LAB, MAKER, ORIGIN, Town, pack, signed

TEXT = "text/plain; charset=utf-8"


@pytest.fixture
def grow(client: CheckedClient, town: Town) -> Callable[[int], None]:
    """Record that many more entries."""

    def record(count: int) -> None:
        events = [signed("register", pack(100 + n)) for n in range(count)]
        answer = client.post("/v1/events:batch?receipts=brief", json=events, headers=town.bearer(MAKER))
        assert [row["status"] for row in answer.get_json()] == [201] * count

    return record


def test_the_checkpoint_opens_with_the_published_keys(client: CheckedClient, register: Register) -> None:
    answer = client.get("/log/checkpoint")
    assert answer.content_type == TEXT
    keys = client.get("/log/vkeys")
    assert keys.content_type == TEXT
    verifiers = [parse_vkey(line) for line in keys.text.splitlines()]
    checkpoint = open_checkpoint(answer.data, verifiers, origin=ORIGIN)
    with register.read() as reader:
        assert checkpoint.size == reader.size()


def test_the_tiles_and_bundles_lead_to_the_checkpoints_root(
    client: CheckedClient, town: Town, register: Register, grow: Callable[[int], None]
) -> None:
    grow(300)
    checkpoint = open_checkpoint(client.get("/log/checkpoint").data, register.verifiers, origin=ORIGIN)
    entries: list[bytes] = []
    for tile in tiles_for(checkpoint.size):
        answer = client.get(f"/log/{format_tile_path(tile)}")
        assert answer.content_type == "application/octet-stream"
        assert "immutable" in answer.headers["Cache-Control"]
        assert len(answer.data) == 32 * tile.width
        if tile.level == 0:
            path = f"/log/{format_bundle_path(tile.index, tile.width)}"
            bundle = parse_bundle(client.get(path, headers=town.bearer(BUREAU)).data)
            assert b"".join(map(hash_leaf, bundle)) == answer.data
            entries += bundle
    tree = CompactRange()
    tree.extend([hash_leaf(entry) for entry in entries])
    assert (tree.size, tree.root()) == (checkpoint.size, checkpoint.root)


def test_no_tile_reaches_beyond_the_checkpoint(client: CheckedClient, town: Town, register: Register) -> None:
    with register.read() as reader:
        size = reader.size()
    width = tile_width(0, 0, size)
    assert client.get(f"/log/{format_tile_path(Tile(0, 0, width))}").status_code == 200
    for tile in (Tile(0, 0, width + 1), Tile(0, 0), Tile(0, 1, 1), Tile(1, 0, 1), Tile(63, 0), Tile(0, 10**18)):
        problem(client.get(f"/log/{format_tile_path(tile)}"), 404)
    headers = town.bearer(BUREAU)
    for index, wide in ((0, width + 1), (0, 256), (1, 1), (10**18, 256)):
        problem(client.get(f"/log/{format_bundle_path(index, wide)}", headers=headers), 404)


@pytest.mark.parametrize(
    "path",
    [
        "0/0",
        "0/00.p/1",
        "0/000.p/0",
        "0/000.p/01",
        "0/000.p/256",
        "0/000.p/1/",
        "00/000.p/1",
        "0/x000/000.p/1",
        "64/000.p/1",
        "-1/000.p/1",
        "0/000.p/%31",
        "0/00%30.p/1",
        "0%2f000.p/1",
        "data/000.p/1",
        "0/000",
        "0/\u0660\u0660\u0660",
        "%65ntries/000.p/1",
        "entries/000.p/%31",
        "entries/0",
        "0/" + "x001/" * 50 + "000",
    ],
)
def test_a_tile_has_one_spelling(client: CheckedClient, town: Town, path: str) -> None:
    problem(client.get(f"/log/tile/{path}", headers=town.bearer(AUTHORITY)), 404)


def test_entries_are_for_auditors(client: CheckedClient, town: Town) -> None:
    path = "/log/tile/entries/000.p/2"
    assert client.get(path, headers=town.bearer(BUREAU)).status_code == 200
    assert "public" not in client.get(path, headers=town.bearer(AUTHORITY)).headers["Cache-Control"]
    problem(client.get(path), 401)
    problem(client.get(path, headers=town.bearer(LAB)), 403)


def test_a_checkpoint_that_has_not_changed_is_not_sent_again(
    client: CheckedClient, grow: Callable[[int], None]
) -> None:
    first = client.get("/log/checkpoint")
    same = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/log/checkpoint", headers=same).status_code == 304
    grow(1)
    assert client.get("/log/checkpoint", headers=same).status_code == 200
