"""The rollback pin: outside the database, the newest checkpoint this installation has signed.

A database restored from an old backup looks perfectly healthy from inside. Continuing it would sign a second, other
history over the same indexes. So each start compares the database with the pin, before anything is signed, and each
commit moves the pin on, never back.
"""

import fcntl
import os
from hashlib import sha256
from pathlib import Path

from ledger.checkpoint import Checkpoint
from ledger.errors import LedgerError, MalformedError, RollbackError
from ledger.log import tile_reader
from ledger.proof import tree_root
from ledger.store import Reader
from ledger.treehead import parse_checkpoint

SLOTS = 2
SLOT = 512
"""Bytes of one slot: a hash, the text of the checkpoint, blanks. What one disk sector holds is written whole or not."""


def read_pin(file: Path) -> Checkpoint | None:
    """The pinned checkpoint, or None where none was made yet. Raises RollbackError when the file is not a pin."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    found = [checkpoint for slot in _slots(data) if (checkpoint := _parse_slot(slot))]
    if not found:
        raise RollbackError(f"{file} is damaged: restore it, or see docs/operating.md#rollback")
    return max(found, key=lambda checkpoint: checkpoint.size)


def move_pin(file: Path, note: bytes) -> None:
    """Move the pin on to the checkpoint in `note`, which we signed, if that is larger. Processes take turns.

    The smaller of two slots is overwritten, so that the other one is whole whenever the machine stops.
    """
    text = note.partition(b"\n\n")[0] + b"\n"
    size = parse_checkpoint(text).size
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        held = [_parse_slot(slot) for slot in _slots(os.pread(descriptor, SLOTS * SLOT, 0))]
        sizes = [-1 if checkpoint is None else checkpoint.size for checkpoint in held]
        if size > max(sizes):
            os.pwrite(descriptor, _format_slot(text), sizes.index(min(sizes)) * SLOT)
    finally:
        os.close(descriptor)


def _slots(data: bytes) -> list[bytes]:
    return [data[start : start + SLOT] for start in range(0, SLOTS * SLOT, SLOT)]


def _format_slot(text: bytes) -> bytes:
    return (sha256(text).hexdigest().encode() + b"\n" + text).ljust(SLOT - 1) + b"\n"


def _parse_slot(slot: bytes) -> Checkpoint | None:
    """The checkpoint of a slot; None for one that is empty, or was being written when the machine stopped."""
    digest, _, text = slot.rstrip(b" \n").partition(b"\n")
    text += b"\n"
    if digest != sha256(text).hexdigest().encode():
        return None
    try:
        return parse_checkpoint(text)
    except MalformedError:
        return None


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
    try:
        root = tree_root(pinned.size, tile_reader(reader, size).nodes)
    except LedgerError:  # a tile is missing
        root = b""
    if root != pinned.root:
        raise RollbackError(
            f"the first {pinned.size} entries are not those that were signed. Nothing will be recorded. "
            "Run packtrail verify, and see docs/operating.md#rollback"
        )
