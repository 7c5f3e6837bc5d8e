"""Erasure of restricted values: the entry that says so and the destruction are one transaction.

`erase_values` names commitments of earlier entries of a battery and the law that asks for their erasure. With the entry
the sealed values go, and with the last value of a battery the key they were sealed under. Table `erasure` follows from
the entries alone: wherever a value turns up again that it names, because a backup was put back, the value is emptied
again when the register is opened and when it is rebuilt.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from ledger.entry import parse_entry, parse_hash
from service.db import bulk, tables
from service.db.store import SqlReader
from service.domain.bodies import EraseValues
from service.errors import ConflictError, Fault, NotPermittedError, RefusedError
from service.private.values import empty, find_rows

_UNKNOWN = ("no earlier entry of this battery commits to such a value", "该电池此前的记录中没有此承诺值")


def check_erasure(connection: Connection, body: EraseValues, code: str | None, *, actor: str, authority: str) -> None:
    """Raise why this erasure must be refused: NotPermittedError, RefusedError or ConflictError.

    code: None where the values are those of events that name no battery.
    """
    rows = {bytes(row.commitment): row for row in find_rows(connection, map(parse_hash, body.commitments))}
    entries = SqlReader(connection).entries_at(sorted({row.idx for row in rows.values()}))
    events = {index: parse_entry(data).event for index, data in entries.items()}
    for at, text in enumerate(body.commitments):
        row = rows.get(parse_hash(text))
        event = events.get(row.idx) if row is not None else None
        if row is None or event is None or (code not in event.subjects if code else event.subjects):
            raise RefusedError([Fault(f"/body/commitments/{at}", "unknown", *_UNKNOWN)])
        if actor not in (authority, event.actor):
            raise NotPermittedError(f"{actor} did not tell this value: its erasure is for {event.actor} or {authority}")
        if row.sealed is None:
            raise ConflictError("this value is erased already")


def save_erasures(connection: Connection, erased: Mapping[bytes, int]) -> None:
    """Destroy what was accepted to be erased, and note the entries that say so."""
    if erased:
        bulk.writer(connection).insert(tables.erasure, list(erased.items()))
        empty(connection, list(erased))


def find_unerased(connection: Connection) -> list[bytes]:
    """The commitments whose values an entry says were erased, and that are there all the same."""
    value, erasure = tables.private_value.c, tables.erasure.c
    query = select(value.commitment).join(tables.erasure, erasure.commitment == value.commitment)
    return [bytes(each) for each in connection.execute(query.where(value.sealed.is_not(None))).scalars()]


def erase_again(connection: Connection) -> int:
    """Empty what was erased before and came back; gives the number of values."""
    again = find_unerased(connection)
    empty(connection, again)
    return len(again)
