"""Evidence: a folder that holds what was found, and says in plain words what it proves and how to check it again.

Made beside and renamed when whole. The name follows from what was found, so that finding it again writes nothing.
"""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from textwrap import fill

from sqlalchemy import Connection

from ledger.errors import LedgerError
from ledger.export import checkpoint_path, write_export
from ledger.proof import prove_inclusion
from ledger.receipt import Receipt, format_receipt
from ledger.signing.keys import read_head as read_note
from ledger.tile import TILE_WIDTH, Tile, format_tile_path, tile_width
from ledger.tree import HASH_SIZE
from ledger.verification.contradiction import format_contradiction
from service.errors import ServiceError
from service.monitoring.misbehaviour import Exhibit, Kind, MisbehaviourError
from service.monitoring.source import StoppedError
from service.monitoring.state import Head, read_head, read_tile, tree_reader
from service.monitoring.watching import Monitor
from service.monitoring.words import WORDS

SITES = {Kind.ROLLBACK, Kind.TILES, Kind.CHECKPOINT, Kind.UNWITNESSED}
"""Kinds whose evidence is shown as a register would serve it."""


WIDTH = 110
"""Letters in a line of README.txt."""


def keep_evidence(monitor: Monitor, error: MisbehaviourError) -> Path:
    """Write the evidence of `error`; gives its folder. What can not be got from the register any more is left out."""
    kept = monitor.watch.evidence
    with monitor.state.read() as connection:
        held = read_head(connection)
        shown = error.exhibit.note or held.note
        label = sha256(b"\n".join((shown, held.note, error.kind.value.encode(), str(error.exhibit.index).encode())))
        folder = kept / f"{error.kind.value}-{held.size}-{label.hexdigest()[:8]}"
        if folder.exists():
            return folder
        beside = folder.with_name(folder.name + ".new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        missing = _write(monitor, connection, held, error, beside)
        (beside / "README.txt").write_text(_explain(monitor, held, error, missing), "utf-8")
    beside.rename(folder)
    return folder


def _write(monitor: Monitor, connection: Connection, held: Head, error: MisbehaviourError, folder: Path) -> list[str]:
    exhibit, watch = error.exhibit, monitor.watch
    shown = exhibit.note or held.note
    (folder / "vkeys").write_text("".join(f"{key.vkey}\n" for key in watch.given), "utf-8")
    for name, note in (("held.checkpoint", held.note), ("shown.checkpoint", shown)):
        if note:
            (folder / name).write_bytes(note)
    if watch.policy_file:
        shutil.copyfile(watch.policy_file, folder / "policy.txt")
    if exhibit.contradiction:
        (folder / "contradiction.json").write_bytes(format_contradiction(exhibit.contradiction))
    if error.kind in (Kind.ENTRY, Kind.CONTENT) and exhibit.index is not None:
        (folder / "entry.json").write_bytes(exhibit.entry + b"\n")
        proof = tuple(prove_inclusion(exhibit.index, held.size, tree_reader(connection, held.size).nodes))
        (folder / "entry.receipt").write_bytes(format_receipt(Receipt(exhibit.index, proof, held.note)))
    try:
        if error.kind is Kind.CONTENT:
            _export(monitor, held, folder / "entries.ndjson")
        if error.kind in SITES:
            needed = 0 if error.kind is Kind.CHECKPOINT else read_note(shown).size
            _site(monitor, connection, exhibit, folder, (shown, needed))
    except (ServiceError, LedgerError, StoppedError) as failure:
        return [str(failure) or "the monitor was stopped"]
    return []


def _export(monitor: Monitor, held: Head, file: Path) -> None:
    """All entries, fetched again: who is to judge them needs them from the beginning."""

    def entries() -> Iterator[bytes]:
        for index in range(-(-held.size // TILE_WIDTH)):
            yield from monitor.source.bundle(index, tile_width(0, index, held.size))

    checkpoint_path(file).write_bytes(held.note)
    with file.open("wb") as stream:
        write_export(stream, entries())


def _site(monitor: Monitor, connection: Connection, exhibit: Exhibit, folder: Path, shown: tuple[bytes, int]) -> None:
    """The checkpoint, and the leaf hashes of as many entries as it takes to judge it."""
    log = folder / "site" / "log"
    note, size = shown
    _put(log / "checkpoint", note)
    for tile, hashes in exhibit.tiles.items():
        if tile.level:
            _put(folder / f"{format_tile_path(tile).replace('/', '-')}.served", hashes)
    for index in range(-(-size // TILE_WIDTH)):
        tile = Tile(0, index, tile_width(0, index, size))
        known = (read_tile(connection, 0, index) or b"")[: tile.width * HASH_SIZE]
        if tile in exhibit.tiles:
            known = exhibit.tiles[tile]
        elif len(known) < tile.width * HASH_SIZE:
            known = monitor.source.fetch(format_tile_path(tile))
        _put(log / format_tile_path(tile), known)


def _put(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _explain(monitor: Monitor, held: Head, error: MisbehaviourError, missing: list[str]) -> str:
    words = WORDS[error.kind]
    left_out = "".join(f"Could not be fetched any more: {what}.\n" for what in missing)
    at = monitor.watch.clock().strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"""What was found / 发现
{_filled(error.what)}

At {at}, at {monitor.source.base_url}, by packtrail monitor,
which had followed the log {held.origin or monitor.watch.given[0].name} up to {held.size} entries.
{left_out}
What this proves / 证明
{_filled(words.english)}

{words.chinese}

How to check it again / 复核方法
Get the verifier keys from a place you trust and compare them with the file vkeys: whoever wrote this folder wrote that
file too. Then, in this folder:

{words.commands}

This must give: {words.says}.
"""


def _filled(text: str) -> str:
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
