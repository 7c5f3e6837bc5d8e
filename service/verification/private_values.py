"""Verification of what stands beside the log: every restricted value is there as committed to, or lawfully erased.

For each commitment in an entry there is a row. A sealed one opens to the value and salt committed to; an emptied one is
named by an `erase_values` of whoever may; and nothing is there that an entry says was destroyed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from ledger.entry import Event, format_hash, parse_entry
from ledger.erasure import ErasureCheck, erasure_note
from ledger.errors import LedgerError
from ledger.verification.audit import Audit
from service.db import bulk, tables
from service.db.store import SqlReader
from service.keys.vault import Vault
from service.private.commitments import commit, commitments_of
from service.private.values import find, find_rows, subject_of

BLOCK = 500
MARK = b'_commitment":"'


def verify_private(audit: Audit, reader: SqlReader, vault: Vault | None) -> dict[str, int]:
    """Check restricted values against all entries; counts those that are there, those erased, and the erasures.

    Without a vault nothing is opened: then only what should be there and what should not is compared.
    """
    erased = _read_erasures(audit, reader)
    check = _Check(audit, reader, vault, erased)
    for block in _blocks(reader):
        check.feed(block)
    for index, what in erased.check.finish():
        audit.fail(index, what)
    stored = reader.connection.execute(select(func.count()).select_from(tables.private_value)).scalar_one()
    if stored != check.rows:
        audit.fail(None, f"{abs(stored - check.rows)} restricted values beside the log belong to no entry")
    if stored != check.rows or audit.failures:  # among them what the engine says of its file
        _name_strays(audit, reader)
    counts = {"restricted_values": check.present}
    if erased.places:
        counts |= {"erased_values": check.erased, "erasures": len(set(erased.places.values()))}
    return counts


def _name_strays(audit: Audit, reader: SqlReader) -> None:
    """Say of each value beside the log that its entry does not commit to it. The rows are read past their index."""
    column = tables.private_value.c
    rows = iter(reader.connection.execute(select(column.commitment, column.idx)))
    while block := list(islice(rows, BLOCK)):
        entries = reader.entries_at(sorted({row.idx for row in block}))
        for row in block:
            entry = entries.get(row.idx)
            if entry is None or format_hash(bytes(row.commitment)).encode() not in entry:
                index = row.idx if entry is not None else None
                audit.fail(index, "beside the log stands a value for this entry that it does not commit to")


def erasure_notes(reader: SqlReader) -> tuple[str, ...]:
    """What a report says of lawful erasures."""
    column = tables.erasure.c
    places = list(reader.connection.execute(select(column.idx).order_by(column.idx)).scalars())
    return (erasure_note(len(places), sorted(set(places))),) if places else ()


@dataclass
class _Erasures:
    """`places`: the entry that erased each commitment."""

    check: ErasureCheck
    places: dict[bytes, int]


def _read_erasures(audit: Audit, reader: SqlReader) -> _Erasures:
    """The erasures, by the table that follows from the entries; that it does is checked with the derived tables."""
    rows = reader.connection.execute(select(tables.erasure)).all()
    first = reader.entry(0)
    check = ErasureCheck(_actor(first) if first is not None else "")
    for index, data in sorted(reader.entries_at(sorted({row.idx for row in rows})).items()):
        try:
            check.add(index, _event(data))
        except LedgerError as error:
            audit.fail(index, str(error))
    return _Erasures(check, {bytes(row.commitment): row.idx for row in rows})


def _blocks(reader: SqlReader) -> Iterator[list[tuple[int, Event]]]:
    """The entries that hold commitments, some at a time. What cannot be parsed was found by the audit."""
    block: list[tuple[int, Event]] = []
    for index, data in enumerate(reader.entries(0, reader.size())):
        if MARK in data:
            try:
                block.append((index, _event(data)))
            except LedgerError:
                continue
            if len(block) == BLOCK:
                yield block
                block = []
    if block:
        yield block


@dataclass
class _Check:
    audit: Audit
    reader: SqlReader
    vault: Vault | None
    erasures: _Erasures
    rows: int = 0
    present: int = 0
    erased: int = 0

    def feed(self, block: list[tuple[int, Event]]) -> None:
        wanted = [(index, event, *each) for index, event in block for each in _commitments(event)]
        commitments = [commitment for *_, commitment in wanted]
        connection = self.reader.connection
        rows = {bytes(row.commitment): row for row in find_rows(connection, commitments)}
        opened = find(connection, self.vault, commitments).keys() if self.vault else rows.keys()
        old = {bytes(row.commitment): row for row in _unsealed(connection, set(commitments) - rows.keys())}
        self.rows += len(rows)
        for index, event in block:
            try:
                self.erasures.check.see(index, event)
            except LedgerError as error:
                self.audit.fail(None, str(error))
        for index, event, name, commitment in wanted:
            row, battery = rows.get(commitment), event.subjects[0] if event.subjects else None
            if row is None:
                what = self._judge_unsealed(name, old.get(commitment), commitment)
            elif (row.idx, row.name, row.subject) != (index, name, subject_of(event)):
                what = f"its {name} beside the log is filed under another entry"
            else:
                what = self._judge(row, there=commitment in opened)
            if what:
                self.audit.fail(index, what, battery)

    def _judge(self, row: Any, *, there: bool) -> str:
        """Count the value, and say what is wrong with it."""
        by = self.erasures.places.get(bytes(row.commitment))
        if row.sealed is None:
            self.erased += 1
            return "" if by is not None else f"its {row.name} was removed, and no entry says that it was erased"
        if by is not None:
            return f"its {row.name} was erased by entry {by}, and is there all the same"
        self.present += 1
        return "" if there else f"the {row.name} beside the log is not the one that it commits to"

    def _judge_unsealed(self, name: str, row: Any, commitment: bytes) -> str:
        """A value of an older version that was not sealed yet."""
        if row is None:
            return f"its {name} is missing, and no entry says that it was erased"
        if commit(row.value, bytes(row.salt)) != commitment:
            return f"the {name} beside the log is not the one that it commits to"
        self.present += 1
        return ""


def _unsealed(connection: Any, commitments: set[bytes]) -> Iterator[Any]:
    return bulk.select_rows(connection, tables.unsealed_value.c.commitment, sorted(commitments))


def _commitments(event: Event) -> list[tuple[str, bytes]]:
    try:
        return list(commitments_of(event).items())
    except LedgerError:
        return []


def _actor(first: bytes) -> str:
    try:
        return _event(first).actor
    except LedgerError:  # found by the audit
        return ""


def _event(data: bytes) -> Event:
    return parse_entry(data).event
