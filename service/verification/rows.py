"""A table as it is stored, row by row against the same table as it should be."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, String, Table, collate, select

from ledger.entry import is_subject
from ledger.verification.audit import Audit, Failure
from service.db import tables
from service.db.buckets import POSITION_BITS

BLOCK = 1024
_NO_ENTRIES = frozenset(each.name for each in (tables.tile, tables.map_tile, tables.bucket))
"""Tables whose `idx` counts something else than entries."""


def compare_table(audit: Audit, table: Table, stored: Connection, derived: Connection) -> int:
    """Read both in the order of their keys, and tell of the first row that differs; gives the number of rows read."""
    ours, theirs = read_rows(table, stored), read_rows(table, derived)
    width, count = len(table.primary_key), 0
    while True:
        left, right = next(ours, None), next(theirs, None)
        if left is None and right is None:
            return count
        if left != right:
            _tell_first(audit, table, left, right, width)
            return count
        count += 1


def read_rows(table: Table, connection: Connection) -> Iterator[tuple[Any, ...]]:
    """All rows, keys first and in their order, the same on both engines; a block at a time in memory."""
    keys = list(table.primary_key)
    columns = [*keys, *(column for column in table.columns if not column.primary_key)]
    query = select(*columns).order_by(*(in_bytes(connection, column) for column in keys))
    for row in connection.execute(query, execution_options={"yield_per": BLOCK}):
        yield tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)


def in_bytes(connection: Connection, column: Column[Any]) -> Any:
    """A column to order by so that text is in the order of its bytes, whatever the language of the database."""
    is_text = connection.dialect.name == "postgresql" and isinstance(column.type, String)
    return collate(column, "C") if is_text else column


def tell(audit: Audit, table: Table, what: str, *, index: int | None = None, battery: str | None = None) -> None:
    """Note what is wrong with a table. More than one table may be wrong about the same entry."""
    audit.failures.append(Failure(index, f"table {table.name}: {what}", battery))


def _tell_first(audit: Audit, table: Table, left: Any, right: Any, width: int) -> None:
    """`left` is stored where `right` should be; of two different keys the lower one is where it begins."""
    if left is None or right is None or left[:width] != right[:width]:
        is_extra = right is None or (left is not None and left[:width] < right[:width])
        row, what = (left, "no entry makes the row of {}") if is_extra else (right, "the row of {} is missing")
    else:
        row, what = left, "the row of {} is not what the entries make of it"
    shown = row[0].hex() if isinstance(row[0], bytes) else row[0]
    index, battery = _place(table, row)
    tell(audit, table, what.format(shown), index=index, battery=battery)


def _place(table: Table, row: Sequence[Any]) -> tuple[int | None, str | None]:
    """The entry that the key names, and the battery that the row is about, if any."""
    names = [*table.primary_key.columns.keys(), *(each.name for each in table.columns if not each.primary_key)]
    named = dict(zip(names, row, strict=True))
    index = named.get("idx") if "idx" in table.primary_key.columns and table.name not in _NO_ENTRIES else None
    if table is tables.link:
        index = row[0] >> POSITION_BITS
    battery = next((named[name] for name in ("code", "subject") if is_subject(named.get(name))), None)
    return index, battery
