"""The log as an auditor leafs through it: the newest entries, one entry with its proof, the checkpoints of late.

No answer reads more than its page, however long the log is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ledger.entry import Entry, parse_entry, parse_time
from ledger.errors import ProofError
from ledger.notes.treehead import Checkpoint
from ledger.proof import verify_inclusion
from ledger.signing.keys import read_head
from service.db import tables
from service.verification.kept import time_of
from service.work import ProvenEntry, Register, RegisterReader

PAGE = 50
KEPT = 10


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in a list."""

    index: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry whole. leads_to_root: whether its proof does, under `checkpoint`. last: the index of the newest entry.

    disputed: the key that signed it is said to have been in wrong hands.
    """

    proven: ProvenEntry
    entry: Entry
    checkpoint: Checkpoint
    leads_to_root: bool
    disputed: bool

    @property
    def last(self) -> int:
        return self.checkpoint.size - 1


@dataclass(frozen=True, slots=True)
class RecentCheckpoint:
    """at: when its newest entry was received. cosigned: by these witnesses."""

    checkpoint: Checkpoint
    at: datetime
    cosigned: tuple[str, ...]


def latest_entries(register: Register, *, before: int | None = None) -> list[Line]:
    """The newest entries, or the newest of those before an index; newest first."""
    with register.read() as reader:
        end = reader.size() if before is None else min(before, reader.size())
        start = max(0, end - PAGE)
        found = list(enumerate(reader.entries(start, end), start))
    return [Line(index, parse_entry(data)) for index, data in reversed(found)]


def read_leaf(register: Register, index: int) -> Leaf:
    """One entry with its proof under the newest checkpoint, verified. Raises NotFoundError."""
    with register.read() as reader:
        found = reader.proven(index)
        ring = register.current_registry(reader.connection).ring
    entry, head = parse_entry(found.entry), read_head(found.receipt.checkpoint)
    try:
        verify_inclusion(index, head.size, found.leaf_hash, found.receipt.proof, head.root)
        leads = True
    except ProofError:
        leads = False
    return Leaf(found, entry, head, leads, ring.is_disputed(index, entry.jws.header.kid))


def recent_checkpoints(reader: RegisterReader) -> list[RecentCheckpoint]:
    """The newest checkpoint, and before it the newest of the history; newest first."""
    state, column = reader.state(), tables.checkpoint.c
    query = select(tables.checkpoint).where(column.size < state.size).order_by(column.size.desc()).limit(KEPT)
    notes = {state.size: state.checkpoint} | {row.size: bytes(row.note) for row in reader.connection.execute(query)}
    entries = reader.entries_at([size - 1 for size in notes])
    cosigned = _cosigned(reader, list(notes))
    return [
        RecentCheckpoint(read_head(note), parse_time(time_of(entries[size - 1])), tuple(cosigned.get(size, ())))
        for size, note in notes.items()
    ]


def _cosigned(reader: RegisterReader, sizes: Sequence[int]) -> dict[int, list[str]]:
    column, found = tables.cosignature.c, dict[int, list[str]]()
    query = select(column.size, column.witness).where(column.size.in_(sizes)).order_by(column.witness)
    for row in reader.connection.execute(query):
        found.setdefault(row.size, []).append(row.witness)
    return found
