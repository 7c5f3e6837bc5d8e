"""Edits by SQL that a register would never make, each drawn by lot. One that the database refuses is redrawn."""

import random
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Column, Connection, Integer, LargeBinary, Row, String, Table, select

from service.db import tables
from service.verification.vouched import DERIVED
from tests.torture.rechaining import edit_event, edit_time, rechain

Edit = Callable[[Connection, random.Random], None]
ALL = tables.metadata.sorted_tables
KEYS = (tables.operator_key, tables.key_notice, tables.registry, tables.operator)


class NothingToEditError(Exception):
    """This register has no such row: another edit is drawn."""


def change_column(connection: Connection, rng: random.Random, *, among: Any = ALL) -> None:
    """Another value in one column of one row of one table."""
    table = rng.choice([each for each in among if _rows(connection, each)])
    _set(connection, rng.choice(_rows(connection, table)), rng.choice(list(table.columns)), rng)


def delete_row(connection: Connection, rng: random.Random, *, among: Any = ALL) -> None:
    table = rng.choice([each for each in among if _rows(connection, each)])
    _change(connection, table.delete().where(_is(table, rng.choice(_rows(connection, table)))))


def duplicate_row(connection: Connection, rng: random.Random) -> None:
    """The same row once more, under another key."""
    table = rng.choice([each for each in ALL if _rows(connection, each)])
    row = dict(rng.choice(_rows(connection, table))._mapping)
    column = list(table.primary_key)[-1]
    row[column.name] = _other(row[column.name], column, rng)
    _change(connection, table.insert().values(**row))


def reorder(connection: Connection, rng: random.Random) -> None:
    """Two entries, or two rows of another table, change their places."""
    table = rng.choice([tables.entry, tables.entry, tables.link, tables.event_id, tables.battery, tables.checkpoint])
    _swap(connection, table, [column for column in table.columns if not column.primary_key], rng)


def swap_payloads(connection: Connection, rng: random.Random) -> None:
    """What two packs, or two values beside the log, say of themselves is exchanged."""
    table = rng.choice([tables.entry, tables.private_value, tables.battery, tables.identifier])
    column = {"entry": "data", "private_value": "sealed", "battery": "state", "identifier": "code"}[table.name]
    _swap(connection, table, [table.c[column]], rng)


def insert_entry(connection: Connection, rng: random.Random) -> None:
    """Room is made between two entries, and a copy of another put there."""
    rows = _rows(connection, tables.entry)
    at = rng.randrange(len(rows))
    column = tables.entry.c.idx
    for row in reversed(rows[at:]):
        _change(connection, tables.entry.update().where(column == row.idx).values(idx=row.idx + 1))
    _change(connection, tables.entry.insert().values(idx=at, data=bytes(rng.choice(rows).data)))


def append_entry(connection: Connection, rng: random.Random) -> None:
    rows = _rows(connection, tables.entry)
    beyond = rng.choice([len(rows), len(rows) + rng.randrange(1, 2**33)])
    _change(connection, tables.entry.insert().values(idx=beyond, data=bytes(rng.choice(rows).data)))


def truncate(connection: Connection, rng: random.Random) -> None:
    """The newest entries are gone; sometimes the register says that it never had more."""
    rows = _rows(connection, tables.entry)
    size = rng.randrange(1, len(rows))
    _change(connection, tables.entry.delete().where(tables.entry.c.idx >= size))
    if rng.random() < 0.5:
        _change(connection, tables.tree_state.update().values(size=size))


def set_null(connection: Connection, rng: random.Random) -> None:
    columns = [column for table in ALL for column in table.columns if column.nullable]
    column = rng.choice(columns)
    rows = [row for row in _rows(connection, column.table) if row._mapping[column.name] is not None]
    row = _choice(rows, rng)
    _change(connection, column.table.update().where(_is(column.table, row)).values({column.name: None}))


def change_type(connection: Connection, rng: random.Random) -> None:
    """The same characters as another type; PostgreSQL does not take it."""
    if connection.dialect.name != "sqlite":
        raise NothingToEditError
    table = rng.choice([each for each in ALL if _rows(connection, each)])
    column, row = rng.choice(list(table.columns)), rng.choice(_rows(connection, table))
    kind = "TEXT" if isinstance(column.type, LargeBinary) else "BLOB"
    names = [each.name for each in table.primary_key]
    where = " AND ".join(f"{name} = ?" for name in names)
    query = f"UPDATE {table.name} SET {column.name} = CAST({column.name} AS {kind}) WHERE {where}"
    found = connection.exec_driver_sql(query, tuple(row._mapping[name] for name in names))
    if found.rowcount != 1:
        raise NothingToEditError


def change_spelling(connection: Connection, rng: random.Random) -> None:
    """Upper for lower case, an escape for a character, another form of it in Unicode, a blank that is not seen."""
    places = [(tables.entry, "data"), (tables.entry, "data"), (tables.battery, "state"), (tables.operator, "name")]
    places += [(tables.model, "body"), (tables.operator_key, "kid"), (tables.identifier, "value")]
    table, name = rng.choice(places)
    row = _choice(_rows(connection, table), rng)
    old = row._mapping[name]
    text = old if isinstance(old, str) else bytes(old).decode()
    new = rng.choice([_other_case, _escaped, _other_form, _with_blank])(text, rng)
    if new == text:
        raise NothingToEditError
    value = new if isinstance(old, str) else new.encode()
    _change(connection, table.update().where(_is(table, row)).values({name: value}))


def change_event_id(connection: Connection, rng: random.Random) -> None:
    """What the register remembers of the ids of events: another place, another id, two exchanged, one forgotten."""
    table = tables.event_id
    kind = rng.randrange(4)
    if kind == 0:
        _swap(connection, table, [table.c.idx], rng)
    elif kind == 1:
        delete_row(connection, rng, among=[table])
    else:
        _set(connection, rng.choice(_rows(connection, table)), [table.c.id, table.c.idx][kind - 2], rng)


def change_keys(connection: Connection, rng: random.Random) -> None:
    """Another public key, a revoked one valid again, a valid one revoked, a key made the service's own."""
    table, kind = tables.operator_key, rng.randrange(4)
    rows = _rows(connection, table)
    row = rng.choice(rows)
    values: dict[str, Any] = {"until": None if row.until is not None else row.since + 1}
    if kind == 1:
        values = {"public_key": bytes(rng.choice([each for each in rows if each.kid != row.kid]).public_key)}
    elif kind == 2:
        values = {"custodial": 1 - row.custodial}
    elif kind == 3:
        change_column(connection, rng, among=KEYS)
        return
    _change(connection, table.update().where(_is(table, row)).values(**values))


def change_checkpoint(connection: Connection, rng: random.Random) -> None:
    """A kept checkpoint, or the newest: a byte, a line, another one's note, another size, none."""
    kind = rng.randrange(5)
    if kind == 0:
        _set(connection, _rows(connection, tables.tree_state)[0], tables.tree_state.c.checkpoint, rng)
    elif kind == 1:
        delete_row(connection, rng, among=[tables.checkpoint])
    elif kind == 2:
        _swap(connection, tables.checkpoint, [tables.checkpoint.c.note], rng)
    else:
        column = [tables.checkpoint.c.size, tables.checkpoint.c.note][kind - 3]
        _set(connection, rng.choice(_rows(connection, tables.checkpoint)), column, rng)


def drop_from_schema(connection: Connection, rng: random.Random) -> None:
    """An index of ours."""
    name = rng.choice([index.name for table in ALL for index in table.indexes])
    connection.exec_driver_sql(f"DROP INDEX {name}")


EDITS: dict[str, Edit] = {
    "change column": change_column,
    "change entry": partial(change_column, among=[tables.entry]),
    "change derived": partial(change_column, among=DERIVED),
    "change tree": partial(change_column, among=[tables.tree_state, tables.tile, tables.map_tile]),
    "change value beside": partial(change_column, among=[tables.private_value, tables.data_key, tables.erasure]),
    "delete row": delete_row,
    "delete entry": partial(delete_row, among=[tables.entry]),
    "delete derived": partial(delete_row, among=DERIVED),
    "duplicate row": duplicate_row,
    "reorder": reorder,
    "swap payloads": swap_payloads,
    "insert entry": insert_entry,
    "append entry": append_entry,
    "truncate": truncate,
    "null": set_null,
    "type": change_type,
    "spelling": change_spelling,
    "event id": change_event_id,
    "keys": change_keys,
    "checkpoint": change_checkpoint,
    "index": drop_from_schema,
    "rechain event": partial(rechain, tree=False, edit=edit_event),
    "rechain event and tree": partial(rechain, tree=True, edit=edit_event),
    "rechain time": partial(rechain, tree=False, edit=edit_time),
    "rechain time and tree": partial(rechain, tree=True, edit=edit_time),
}


def _rows(connection: Connection, table: Table) -> list[Row[Any]]:
    return list(connection.execute(select(table).order_by(*table.primary_key)).all())


def _choice(rows: list[Any], rng: random.Random) -> Any:
    if not rows:
        raise NothingToEditError
    return rng.choice(rows)


def _is(table: Table, row: Row[Any]) -> Any:
    first, *rest = [column == row._mapping[column.name] for column in table.primary_key]
    for each in rest:
        first = first & each
    return first


def _change(connection: Connection, statement: Any) -> None:
    if connection.execute(statement).rowcount == 0:
        raise NothingToEditError


def _set(connection: Connection, row: Row[Any], column: Column[Any], rng: random.Random) -> None:
    value = _other(row._mapping[column.name], column, rng)
    _change(connection, column.table.update().where(_is(column.table, row)).values({column.name: value}))


def _swap(connection: Connection, table: Table, columns: list[Column[Any]], rng: random.Random) -> None:
    rows = _rows(connection, table)
    if len(rows) < 2:
        raise NothingToEditError
    one, other = rng.sample(rows, 2)
    for left, right in ((one, other), (other, one)):
        values = {column.name: right._mapping[column.name] for column in columns}
        _change(connection, table.update().where(_is(table, left)).values(values))


def _other(old: Any, column: Column[Any], rng: random.Random) -> Any:
    """Another value of the same type."""
    if isinstance(column.type, LargeBinary):
        data = bytearray(old or b"\0")
        if not data or rng.random() < 0.1:
            return bytes(data) + rng.randbytes(1)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return bytes(data)
    if isinstance(column.type, String):
        text = old or ""
        at = rng.randrange(len(text) + 1)
        new = text[:at] + rng.choice("0aZ7-") + text[at + rng.randrange(2) :]
        return new[: column.type.length] if new[: column.type.length] != text else f"{text[1:]}x"
    assert isinstance(column.type, Integer)
    return 7 if old is None else rng.choice([old + 1, old - 1, -old - 1, old + rng.randrange(2, 9999)])


def _other_case(text: str, rng: random.Random) -> str:
    at = _choice([n for n, char in enumerate(text) if char.swapcase() != char], rng)
    return text[:at] + text[at].swapcase() + text[at + 1 :]


def _escaped(text: str, rng: random.Random) -> str:
    at = _choice([n for n, char in enumerate(text) if char.isalpha()], rng)
    return f"{text[:at]}\\u{ord(text[at]):04x}{text[at + 1 :]}"


def _other_form(text: str, rng: random.Random) -> str:
    at = _choice([n for n, char in enumerate(text) if char.isalnum()], rng)
    wide = chr(ord(text[at]) + 0xFEE0) if text[at].isascii() else unicodedata.normalize("NFD", text[at] + "\u0301")
    return text[:at] + wide + text[at + 1 :]


def _with_blank(text: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(text))
    return text[:at] + rng.choice(["\u200b", "\u00a0", " ", "\ufeff"]) + text[at:]
