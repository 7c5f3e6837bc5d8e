"""Lots and the sums of recovery, stored: lots by key, sums by operator and month."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row

from service.db import bulk
from service.db.batch_tables import lot, recovery_sum
from service.domain.materials.lots import Lot
from service.domain.recovery.sums import Key, Measure, Stage, Sum

_COLUMNS = ", ".join(column.name for column in recovery_sum.columns)


class StoredSum(NamedTuple):
    """The sum of one month of an operator. month: "2026-05"."""

    operator: str
    month: str
    key: Key
    amount: Sum


def load_lots(connection: Connection, keys: Sequence[str]) -> dict[str, Lot]:
    """Those of these lots that are there, by key."""
    rows = bulk.select_rows(connection, lot.c.key, keys)
    return {row.key: Lot.from_mapping(row.key, row.left_g, row.idx, orjson.loads(row.content)) for row in rows}


def save_lots(connection: Connection, lots: Iterable[Lot]) -> None:
    """Replace these lots."""
    rows = [(each.key, each.left_g, each.index, _dump(each)) for each in lots]
    bulk.writer(connection).upsert(lot, rows)


def _dump(each: Lot) -> bytes:
    return orjson.dumps(each.to_mapping(), option=orjson.OPT_SORT_KEYS)


def add_sums(connection: Connection, added: Mapping[tuple[str, str], Mapping[Key, Sum]]) -> None:
    """Add to the sums of (operator, month). One question for each of these, and one statement for all rows."""
    rows = []
    for (operator, month), amounts in sorted(added.items()):
        known = {each.key: each.amount for each in read_sums(connection, month, month, operator=operator)}
        for key, amount in sorted(amounts.items()):
            whole = known.get(key, Sum()).plus(amount)
            rows.append((operator, month, key.stage.value, key.family, key.measure.value, *whole))
    bulk.writer(connection).upsert(recovery_sum, rows)


def read_sums(connection: Connection, first: str, last: str, *, operator: str | None = None) -> list[StoredSum]:
    """The sums of the months from `first` to `last`, of one operator or of all. Walks an index over these months."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    where = f"month >= {mark} AND month <= {mark}" + (f" AND operator = {mark}" if operator else "")
    query = f"SELECT {_COLUMNS} FROM recovery_sum WHERE {where} ORDER BY operator, month, stage, family, measure"
    values = (first, last, operator) if operator else (first, last)
    return [_read(row) for row in connection.exec_driver_sql(query, values)]


def add_up(
    connection: Connection, first: str, last: str, *, by: str = "", operator: str | None = None
) -> list[StoredSum]:
    """The sums of these months added up `by` "operator" or "month", or over both: what is added over is empty."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    where = f"month >= {mark} AND month <= {mark}" + (f" AND operator = {mark}" if operator else "")
    names = [column.name for column in recovery_sum.columns][5:]
    summed = ", ".join(f"CAST(sum({name}) AS bigint)" for name in names)
    keys = f"{'operator' if by == 'operator' else chr(39) * 2}, {'month' if by == 'month' else chr(39) * 2}"
    grouped = f"{by}, stage, family, measure".lstrip(", ")
    query = (
        f"SELECT {keys}, stage, family, measure, {summed} FROM recovery_sum WHERE {where} "
        f"GROUP BY {grouped} ORDER BY {grouped}"
    )
    values = (first, last, operator) if operator else (first, last)
    return [_read(row) for row in connection.exec_driver_sql(query, values)]


def _read(row: Row[Any]) -> StoredSum:
    operator, month, stage, family, measure, *amounts = tuple(row)
    return StoredSum(operator, month, Key(Stage(stage), family, Measure(measure)), Sum(*amounts))
