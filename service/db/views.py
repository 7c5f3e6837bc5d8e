"""Present state: what each battery is now, and by which other names it is known. Follows from the entries alone."""

from collections.abc import Iterable, Mapping, Sequence

import orjson
from sqlalchemy import Connection

from service.db import bulk, tables
from service.domain.states import BatteryState


def load_states(connection: Connection, codes: Sequence[str]) -> dict[str, BatteryState]:
    """The states of those batteries that are in the register, by code."""
    rows = bulk.select_rows(connection, tables.battery.c.code, codes)
    return {row.code: BatteryState.from_mapping(orjson.loads(row.state)) for row in rows}


def save_states(connection: Connection, states: Mapping[str, BatteryState]) -> None:
    """Replace the states of these batteries."""
    rows = [(code, dump_state(state)) for code, state in states.items()]
    bulk.writer(connection).upsert(tables.battery, rows)


def dump_state(state: BatteryState) -> bytes:
    """The stored form of a state: equal states give equal bytes."""
    return orjson.dumps(state.stored(), option=orjson.OPT_SORT_KEYS)


def find_codes(connection: Connection, values: Sequence[str]) -> dict[str, str]:
    """The batteries that carry these other names, as `identifiers.naming` files them, by name."""
    rows = bulk.select_rows(connection, tables.identifier.c.value, values)
    return {row.value: row.code for row in rows}


def save_identifiers(connection: Connection, rows: Iterable[tuple[str, str]]) -> None:
    """Note (name, code) for good."""
    bulk.writer(connection).insert(tables.identifier, list(rows))


def find_trade_items(
    connection: Connection, gtins: Sequence[str], prefixes: Sequence[str] = ()
) -> set[tuple[str, str]]:
    """The ties (GTIN, positions 1-7 of battery codes) that hold one of these GTINs or beginnings."""
    columns = tables.trade_item.c
    rows = [*bulk.select_rows(connection, columns.gtin, gtins), *bulk.select_rows(connection, columns.prefix, prefixes)]
    return {(row.gtin, row.prefix) for row in rows}


def save_trade_items(connection: Connection, rows: Iterable[tuple[str, str]]) -> None:
    """Note (GTIN, positions 1-7) for good."""
    bulk.writer(connection).insert(tables.trade_item, list(rows))
