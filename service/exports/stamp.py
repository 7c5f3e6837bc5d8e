"""What every export says of itself: what it is, by which filter, as of which checkpoint, how many rows, its SHA-256.

    {"export": "report", "filter": {...}, "cells": "raw", "count": 3, "size": 41, "root": "<base64>", "sha256": "<hex>"}

`sha256` is over all bytes before the end mark. A file that was cut off has no end mark; one that was changed or
shortened in the middle does not fit it. Who did it, it does not say: that is what the signed checkpoint and its proofs
are for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ledger.entry import format_hash
from ledger.notes.checkpoint import parse_checkpoint
from ledger.notes.note import split_note
from service.work import RegisterReader

END = "packtrail_end"


class Cells(StrEnum):
    """spreadsheet: text that a spreadsheet would take for a formula begins with an apostrophe. raw: all as it is."""

    SPREADSHEET = "spreadsheet"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is known before the first row. filter: what was asked for, as text. size, root: of the checkpoint."""

    export: str
    filter: Mapping[str, str]
    size: int
    root: str


def stamp_of(reader: RegisterReader, export: str, asked: Mapping[str, str]) -> Stamp:
    """The stamp of an export that is read at the reader's moment."""
    checkpoint = parse_checkpoint(split_note(reader.checkpoint())[0])
    return Stamp(export, dict(asked), checkpoint.size, format_hash(checkpoint.root))


def end_members(stamp: Stamp, cells: Cells, *, count: int, digest: str) -> dict[str, Any]:
    """What stands under the end mark."""
    return {
        "export": stamp.export,
        "filter": dict(stamp.filter),
        "cells": cells.value,
        "count": count,
        "size": stamp.size,
        "root": stamp.root,
        "sha256": digest,
    }
