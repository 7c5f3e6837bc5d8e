"""An edit of the past by somebody who then makes chains, tiles and state fit again, with or without the log's keys."""

import random
import re
from base64 import b64encode
from typing import Any

from sqlalchemy import Connection, select

from ledger.tile import RightEdge
from ledger.tree import hash_leaf
from service.db import tables
from service.db.store import FULL, join_edge


def rechain(connection: Connection, rng: random.Random, *, tree: bool, edit: Any) -> None:
    """Edit one entry, make all later ones follow from it, and with `tree` everything stored that follows from them."""
    column = tables.entry.c
    entries = [bytes(row.data) for row in connection.execute(select(tables.entry).order_by(column.idx))]
    at = rng.randrange(1, len(entries))
    while (new := edit(entries[at], rng)) == entries[at]:
        at = rng.randrange(1, len(entries))
    moved: dict[bytes, bytes] = {hash_leaf(entries[at]): hash_leaf(new)}
    changed = {at: new}
    for index in range(at + 1, len(entries)):
        data = _renamed(entries[index], moved)
        moved[hash_leaf(entries[index])] = hash_leaf(data)
        changed[index] = data
    for index, data in changed.items():
        connection.execute(tables.entry.update().where(column.idx == index).values(data=data))
    if tree:
        _fit_tree(connection, [changed.get(index, data) for index, data in enumerate(entries)], moved)


def edit_event(data: bytes, rng: random.Random) -> bytes:
    """One digit of what the operator signed."""
    end = data.rfind(b',"jws":"')
    digits = [match.start() for match in re.finditer(rb"(?<=[1-9])[0-9](?=[0-9,])", data[:end])]
    return _other_digit(data, rng.choice(digits)) if digits else data


def edit_time(data: bytes, _: random.Random) -> bytes:
    """The time of receipt, which nobody but the log vouches for: by one millisecond, so that the order stays."""
    at = data.rfind(b'"log":{"at":"') + len('"log":{"at":"') + len("2026-05-01T04:00:00.00")
    return data[:at] + b"1" + data[at + 1 :]


def _other_digit(data: bytes, at: int) -> bytes:
    return data[:at] + (b"1" if data[at : at + 1] != b"1" else b"2") + data[at + 1 :]


def _renamed(data: bytes, moved: dict[bytes, bytes]) -> bytes:
    start = data.rfind(b',"log":{"at":"')
    tail = data[start:]
    for old, new in moved.items():
        tail = tail.replace(b64encode(old), b64encode(new))
    return data[:start] + tail


def _fit_tree(connection: Connection, entries: list[bytes], moved: dict[bytes, bytes]) -> None:
    """Tiles, right edge, heads and the texts of the checkpoints. What the log's keys signed cannot be made to fit."""
    leaves = [hash_leaf(entry) for entry in entries]
    edge = RightEdge(0, {})
    tiles = edge.extend(leaves)
    for (level, n), hashes in tiles.items():
        if len(hashes) == FULL:
            one = (tables.tile.c.level == level) & (tables.tile.c.idx == n)
            connection.execute(tables.tile.update().where(one).values(hashes=hashes))
    note = bytes(connection.execute(select(tables.tree_state.c.checkpoint)).scalar_one())
    state = {"last_leaf": leaves[-1], "edge": join_edge(edge.tiles), "checkpoint": _signing(note, edge.root())}
    connection.execute(tables.tree_state.update().values(**state))
    for row in connection.execute(select(tables.bucket)).all():
        rows = bytes(row.rows)
        for old, new in moved.items():
            rows = rows.replace(old, new)
        connection.execute(tables.bucket.update().where(tables.bucket.c.idx == row.idx).values(rows=rows))
    for row in connection.execute(select(tables.checkpoint)).all():
        part = RightEdge(0, {})
        part.extend(leaves[: row.size])
        fitting = _signing(bytes(row.note), part.root())
        connection.execute(tables.checkpoint.update().where(tables.checkpoint.c.size == row.size).values(note=fitting))


def _signing(note: bytes, root: bytes) -> bytes:
    lines = note.split(b"\n")
    return b"\n".join([*lines[:2], b64encode(root), *lines[3:]])
