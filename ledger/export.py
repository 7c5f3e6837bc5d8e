"""An export: the register as one file, and the checkpoint beside it.

`FILE` is NDJSON: one entry a line, byte for byte as hashed, in index order, each line ended by a line feed.
`FILE.checkpoint` is the signed note over exactly these entries.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from ledger.canonical import MAX_BYTES


def checkpoint_path(export: Path) -> Path:
    """Where the checkpoint of an export stands."""
    return export.with_name(export.name + ".checkpoint")


def write_export(file: BinaryIO, entries: Iterable[bytes]) -> int:
    """Write entries as lines. Gives their number."""
    count = 0
    for entry in entries:
        file.write(entry + b"\n")
        count += 1
    return count


def read_export(file: BinaryIO) -> Iterator[bytes]:
    """The entries of an export, streamed. A line that is too long comes cut, so that it fails as what it is."""
    while line := file.readline(MAX_BYTES + 2):
        yield line.removesuffix(b"\n")
