"""The figures' tables: adding a stretch to them, and where the folding is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, Table, select

from service.db import bulk
from service.db.figure_tables import (
    FIGURE_TABLES,
    figure_act,
    figure_battery,
    figure_cursor,
    figure_flow,
    figure_health,
    figure_item,
    figure_item_sum,
    figure_lot,
    figure_prefix,
    figure_stock,
)
from service.figures.folding import Folded
from service.figures.noticing import Item
from service.figures.tally import Sums, add, with_cuts

VERSION = 3
"""Of what folding makes of entries. A register folded by another one is folded anew."""
_cursor = figure_cursor.c
_item = figure_item.c


class Cursor(NamedTuple):
    """How far the folding is. at: when entry `size` - 1 was recorded, empty before the first."""

    size: int = 0
    at: str = ""
    version: int = VERSION


def read_cursor(connection: Connection) -> Cursor:
    """Where the folding is: at the beginning before anything is folded."""
    row = connection.execute(select(_cursor.size, _cursor.at, _cursor.version).where(_cursor.id == 1)).one_or_none()
    return Cursor(*row) if row else Cursor()


def read_prefixes(connection: Connection) -> set[str]:
    """The beginnings of all codes: a few for each model and line of production."""
    return set(connection.execute(select(figure_prefix.c.prefix)).scalars())


def save(connection: Connection, folded: Folded) -> None:
    """Add a stretch, and move the cursor past it."""
    write = bulk.writer(connection)
    write.upsert(figure_battery, [folded.lives[code] for code in sorted(folded.lives)])
    write.insert(figure_prefix, [(prefix,) for prefix in sorted(folded.prefixes)])
    _save_items(connection, folded)
    tally = folded.tally
    for table, sums in (
        (figure_stock, with_cuts(tally.stock)),
        (figure_flow, with_cuts(tally.flow)),
        (figure_act, tally.act),
        (figure_lot, tally.lot),
        (figure_health, tally.health),
        (figure_item_sum, tally.item),
    ):
        _add(connection, table, sums)
    sum_months(connection, {(actor, kind, str(day)[:7]) for actor, kind, day in tally.act})
    write.upsert(figure_cursor, [(1, folded.size, folded.at, VERSION)])


def sum_months(connection: Connection, months: Iterable[tuple[str | int, ...]]) -> None:
    """Make the rows of these months, each as (actor, kind, month), from those of their days."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    keys = sorted(months)
    if not keys:
        return
    same = f"actor = {mark} AND kind = {mark}"
    connection.exec_driver_sql(f"DELETE FROM figure_act_month WHERE {same} AND month = {mark}", keys)
    connection.exec_driver_sql(
        f"INSERT INTO figure_act_month SELECT actor, kind, {mark}, min(day), max(day), sum(count) FROM figure_act "
        f"WHERE {same} AND day >= {mark} AND day <= {mark} GROUP BY actor, kind",
        [(month, actor, kind, f"{month}-01", f"{month}-31") for actor, kind, month in keys],
    )


def clear(connection: Connection) -> None:
    """Forget all: the folding begins with the first entry."""
    for table in FIGURE_TABLES:
        connection.execute(table.delete())


def _save_items(connection: Connection, folded: Folded) -> None:
    for each in folded.removed.values():
        connection.execute(
            figure_item.delete().where(_item.list == each.list, _item.idx == each.index, _item.code == each.code)
        )
    bulk.writer(connection).upsert(figure_item, [folded.added[key] for key in sorted(folded.added)])
    _count(folded.tally.item, folded.removed.values(), -1)
    _count(folded.tally.item, folded.added.values(), 1)


def _count(sums: Sums, items: Iterable[Item], sign: int) -> None:
    for each in items:
        amounts = (sign, sign * each.amount_g, sign * each.expected_g)
        add(sums, (each.list, each.operator, each.month), amounts)


def _add(connection: Connection, table: Table, sums: Mapping[tuple[str | int, ...], list[int]]) -> None:
    """Add to the rows of these keys. Where nothing is left no row is."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    rows = [(*key, *amounts) for key, amounts in sorted(sums.items()) if any(amounts)]
    if rows:
        connection.exec_driver_sql(_adding(table, mark), rows)
    less = [key for key, amounts in sorted(sums.items()) if min(amounts) < 0]
    if less:
        connection.exec_driver_sql(_clearing(table, mark), less)


@lru_cache(maxsize=16)
def _adding(table: Table, mark: str) -> str:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    added = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in names if name not in keys)
    marks = ", ".join([mark] * len(names))
    return f"INSERT INTO {table.name} VALUES ({marks}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}"


@lru_cache(maxsize=16)
def _clearing(table: Table, mark: str) -> str:
    keys = [column.name for column in table.primary_key]
    same = [f"{name} = {mark}" for name in keys]
    nothing = [f"{column.name} = 0" for column in table.columns if not column.primary_key]
    return f"DELETE FROM {table.name} WHERE {' AND '.join(same + nothing)}"
