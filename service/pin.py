"""The rollback pin: outside the database, the newest checkpoint this installation has signed.

A database restored from an old backup looks perfectly healthy from inside. Continuing it would sign a second, other
history over the same indexes. So each start compares the database with the pin, before anything is signed, and each
commit moves the pin on, never back. In a later epoch of the log any size is further on than in the one before.
"""

import fcntl
import os
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from tempfile import mkstemp
from typing import NamedTuple

from ledger.errors import LedgerError, MalformedError, RollbackError
from ledger.log import tile_reader
from ledger.notes.checkpoint import Checkpoint
from ledger.notes.treehead import format_checkpoint, parse_checkpoint
from ledger.proof import tree_root
from ledger.signing.keys import Epoch
from ledger.store import Reader
from service.failpoints import reach
from service.keys.masterkey import sync_folder

SLOTS = 2
SLOT = 512
"""Bytes of one slot: a hash, the text of the checkpoint, blanks. What one disk sector holds is written whole or not."""
LONG = "sha256:"
"""Stands before the hash of an origin that is too long for a slot."""
LONGEST = 300
"""Bytes of an origin that a slot holds as it is."""
HELP = "see docs/operating.md#rollback, and run packtrail restore-check"


class Pin(NamedTuple):
    """What a slot holds."""

    epoch: int
    checkpoint: Checkpoint

    @property
    def place(self) -> tuple[int, int]:
        """How far on: epoch, then size."""
        return self.epoch, self.checkpoint.size

    def is_of(self, origin: str) -> bool:
        """Whether it was signed under this origin."""
        return self.checkpoint.origin in (origin, _short(origin))


def read_pin(file: Path) -> Checkpoint | None:
    """The pinned checkpoint, or None where none was made yet. Raises RollbackError when the file is not a pin."""
    found = find_pin(file)
    return None if found is None else found.checkpoint


def find_pin(file: Path) -> Pin | None:
    """As `read_pin`, with the number of the epoch."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RollbackError(f"{file} cannot be read ({error.strerror}): restore it, or {HELP}") from error
    found = [pin for slot in _slots(data) if (pin := _parse_slot(slot))]
    if not found:
        raise RollbackError(f"{file} is damaged: restore it, or {HELP}")
    return max(found, key=lambda pin: pin.place)


def move_pin(file: Path, note: bytes, *, epoch: int = 1) -> None:
    """Move the pin on to the checkpoint in `note`, which we signed, if that is further on. Processes take turns.

    The slot that is further back is overwritten, so that the other one is whole whenever the machine stops. The first
    pin comes under its name only when it is on the disk: a file that is there but says nothing was damaged.
    """
    signed = parse_checkpoint(note.partition(b"\n\n")[0] + b"\n")
    pin = Pin(epoch, Checkpoint(_short(signed.origin), signed.size, signed.root))
    if not file.exists():
        _make(file, pin)
    descriptor = os.open(file, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        reach("pin-opened")
        held = [_parse_slot(slot) for slot in _slots(os.pread(descriptor, SLOTS * SLOT, 0))]
        places = [(0, -1) if each is None else each.place for each in held]
        if pin.place > max(places):
            os.pwrite(descriptor, _format_slot(pin), places.index(min(places)) * SLOT)
    finally:
        os.close(descriptor)


def check_pin(file: Path, reader: Reader, epochs: Sequence[Epoch] = ()) -> None:
    """Raise RollbackError if the database holds less than, or other than, what was signed from it.

    `epochs` are those that its entries tell of: what a new epoch says was lost may be missing.
    """
    pin = find_pin(file)
    if pin is None or pin.checkpoint.size == 0:
        return
    pinned, size = pin.checkpoint, reader.size()
    if is_told_lost(pin, epochs):
        return
    if size < pinned.size:
        raise RollbackError(
            f"the database holds {size} entries, but {pinned.size} were signed: it is an old copy. Nothing will be "
            f"recorded. Restore a newer copy; {HELP}"
        )
    if root_of(reader, pinned.size) != pinned.root:
        raise RollbackError(
            f"the first {pinned.size} entries are not those that were signed. Nothing will be recorded. "
            f"Run packtrail verify, and {HELP}"
        )


def is_told_lost(pin: Pin, epochs: Sequence[Epoch]) -> bool:
    """Whether the entries themselves say that what the pin covers was lost, and that the log went on without it."""
    return any(
        pin.is_of(before.origin) and after.start < pin.checkpoint.size <= after.start + after.lost
        for before, after in pairwise(epochs)
    )


def follow_epoch(file: Path, note: bytes, epochs: Sequence[Epoch]) -> None:
    """Move a pin that is left behind in the epoch before on to `note`: the start of the epoch broke off before that."""
    pin = find_pin(file)
    if pin is not None and is_told_lost(pin, epochs):
        move_pin(file, note, epoch=epochs[-1].number)


def root_of(reader: Reader, size: int) -> bytes:
    """The root of the first `size` entries by the stored tiles; empty where one is missing."""
    try:
        return tree_root(size, tile_reader(reader, reader.size()).nodes)
    except LedgerError:
        return b""


def _make(file: Path, pin: Pin) -> None:
    """Make the first pin. Where another process was faster, its pin stays."""
    descriptor, name = mkstemp(prefix=f"{file.name}.", dir=file.parent)  # for its owner only
    fresh = Path(name)
    try:
        os.write(descriptor, _format_slot(pin))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    sync_folder(file.parent)


def _slots(data: bytes) -> list[bytes]:
    return [data[start : start + SLOT] for start in range(0, SLOTS * SLOT, SLOT)]


def _format_slot(pin: Pin) -> bytes:
    extensions = () if pin.epoch == 1 else (f"epoch {pin.epoch}",)
    text = format_checkpoint(Checkpoint(*(pin.checkpoint.origin, pin.checkpoint.size, pin.checkpoint.root), extensions))
    return (sha256(text).hexdigest().encode() + b"\n" + text).ljust(SLOT - 1) + b"\n"


def _parse_slot(slot: bytes) -> Pin | None:
    """The pin in a slot; None for one that is empty, or was being written when the machine stopped."""
    digest, _, text = slot.rstrip(b" \n").partition(b"\n")
    text += b"\n"
    if digest != sha256(text).hexdigest().encode():
        return None
    try:
        found = parse_checkpoint(text)
        epoch = int(found.extensions[0].removeprefix("epoch ")) if found.extensions else 1
    except (MalformedError, ValueError):
        return None
    return Pin(epoch, Checkpoint(found.origin, found.size, found.root))


def _short(origin: str) -> str:
    """The origin as a slot holds it: its hash, where it would leave too little room for the rest."""
    return origin if len(origin.encode()) <= LONGEST else LONG + sha256(origin.encode()).hexdigest()
