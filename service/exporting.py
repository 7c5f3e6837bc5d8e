"""Export of the whole register: every entry as stored, and the checkpoint over exactly these."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from ledger.export import checkpoint_path, write_export
from service.errors import NotFoundError
from service.failpoints import reach
from service.work import Register

TICK = 10_000


def export_register(
    register: Register, file: Path, *, witnessed: bool = False, tick: Callable[[int, int], None] | None = None
) -> int:
    """Write FILE and FILE.checkpoint; gives the number of entries. A broken-off export leaves neither.

    `witnessed` ends the export at the newest witnessed checkpoint; without it the newest entries are there, too, and
    the checkpoint has the cosignatures that it has. `tick` hears how many entries of how many are written. Raises
    NotFoundError where nothing was witnessed.
    """
    unfinished = file.with_name(file.name + ".part")
    with register.read() as reader:
        head, size, note = reader.witnessed(), reader.size(), reader.checkpoint()
        if witnessed and not head.size:
            raise NotFoundError("no checkpoint was witnessed yet")
        if witnessed or head.size == size:
            size, note = head.size, head.note
        with unfinished.open("wb") as stream:
            count = write_export(stream, _ticking(reader.entries(0, size), size, tick))
            stream.flush()
            os.fsync(stream.fileno())
    reach("export-written")
    checkpoint_path(file).write_bytes(note)
    reach("export-named")
    unfinished.replace(file)
    return count


def _ticking(entries: Iterator[bytes], size: int, tick: Callable[[int, int], None] | None) -> Iterator[bytes]:
    for count, entry in enumerate(entries, 1):
        if tick and (count % TICK == 0 or count == size):
            tick(count, size)
        yield entry
