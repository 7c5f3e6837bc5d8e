"""The rollback pin: outside the database, the newest checkpoint this installation has signed.

A database restored from an old backup looks perfectly healthy from inside. Continuing it would sign a second, other
history over the same indexes. So each start compares the database with the pin, before anything is signed, and each
commit moves the pin on, never back.
"""

import fcntl
from pathlib import Path

from ledger.checkpoint import Checkpoint
from ledger.errors import MalformedError, RollbackError
from ledger.log import tile_reader
from ledger.note import split_note
from ledger.proof import tree_root
from ledger.store import Reader
from ledger.treehead import parse_checkpoint


def read_pin(file: Path) -> Checkpoint | None:
    """The pinned checkpoint, or None where none was made yet. Raises RollbackError when the file is not a pin."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return parse_checkpoint(text)
    except MalformedError:
        raise RollbackError(f"{file} is damaged: restore it, or see docs/operating.md#rollback") from None


def move_pin(file: Path, note: bytes) -> None:
    """Replace the pin by the checkpoint in `note` if that is larger. Processes take turns."""
    text, _ = split_note(note)
    size = parse_checkpoint(text).size
    with (file.parent / (file.name + ".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pinned = read_pin(file)
        if pinned is not None and pinned.size >= size:
            return
        fresh = file.with_name(file.name + ".new")
        fresh.write_bytes(text)
        fresh.replace(file)


def check_pin(file: Path, reader: Reader) -> None:
    """Raise RollbackError if the database holds less than, or other than, what was signed from it."""
    pinned = read_pin(file)
    if pinned is None or pinned.size == 0:
        return
    size = reader.size()
    if size < pinned.size:
        raise RollbackError(
            f"the database holds {size} entries, but {pinned.size} were signed: it is an old copy. Nothing will be "
            "recorded. Restore a newer copy, or see docs/operating.md#rollback"
        )
    if tree_root(pinned.size, tile_reader(reader, size).nodes) != pinned.root:
        raise RollbackError(
            f"the first {pinned.size} entries are not those that were signed. Nothing will be recorded. "
            "Run packtrail verify, and see docs/operating.md#rollback"
        )
