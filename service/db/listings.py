"""Where listed modules and cells stand: runs of codes that do not overlap, each found by one search in an index."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row

from service.db import bulk, tables
from service.domain.listing import Run, is_listable, is_serial, split

CHUNK = 250
"""Runs in one statement on SQLite: four values each."""
NEAREST = (
    "SELECT want.n, run.prefix, run.first, run.last, run.idx FROM want JOIN listed_run run ON run.prefix = want.prefix "
    "AND run.first = (SELECT max(below.first) FROM listed_run below "
    "WHERE below.prefix = want.prefix AND below.first <= want.high) WHERE run.last >= want.low"
)
"""Of the runs that touch each wanted one the last. As none overlap it is the one before the wanted run's end."""
ONE = (
    "SELECT 0 AS n, prefix, first, last, idx FROM listed_run WHERE prefix = {0} AND first <= {0} "
    "ORDER BY first DESC LIMIT 1"
)
UNION = 50
"""Queries in one statement."""
WITHIN = (
    "SELECT * FROM (SELECT code FROM battery WHERE code >= {0} AND code <= {0} AND length(code) = 24 "
    "ORDER BY code LIMIT {0}) AS page"
)
BETWEEN = (
    "SELECT want.n, (SELECT min(battery.code) FROM battery WHERE battery.code >= want.low "
    "AND battery.code <= want.high AND length(battery.code) = 24) AS code FROM want"
)


def find_listings(connection: Connection, codes: Iterable[str]) -> dict[str, int]:
    """By code of a module or cell, the entry that lists it; codes that none does are left out."""
    return _indexes(connection, [code for code in codes if is_listable(code)])


def find_own_listings(connection: Connection, packs: Iterable[str]) -> dict[str, int]:
    """By code of a pack, the entry that registers it with all its parts; other packs are left out."""
    return _indexes(connection, [code for code in packs if code[3:4] == "P" and is_serial(code)])


def _indexes(connection: Connection, wanted: list[str]) -> dict[str, int]:
    runs = [Run(prefix, serial, serial) for prefix, serial in map(split, wanted)]
    return {wanted[row.n]: row.idx for row in _nearest(connection, runs)}


def find_overlapping(connection: Connection, runs: Sequence[Run]) -> list[tuple[Run, int]]:
    """Stored runs that share a code with one of these, with the entry that lists them: one for each that has any."""
    return [(Run(row.prefix, row.first, row.last), row.idx) for row in _nearest(connection, runs)]


def find_registered(connection: Connection, runs: Sequence[Run]) -> list[str]:
    """Of each of these runs the first code that has a state of its own, where any has."""
    wanted = [(n, "", run.code(), run.code(run.size - 1)) for n, run in enumerate(runs)]
    rows = _ask(connection, BETWEEN, wanted, ends="text")
    return [row.code for row in rows if row.code is not None]


def find_states_in(connection: Connection, runs: Sequence[Run], *, limit: int) -> list[str]:
    """Codes in these runs that have a state of their own, up to `limit` of each run."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    found: list[str] = []
    for start in range(0, len(runs), UNION):
        chunk = runs[start : start + UNION]
        values = tuple(value for run in chunk for value in (run.code(), run.code(run.size - 1), limit))
        found += connection.exec_driver_sql(" UNION ALL ".join([WITHIN.format(mark)] * len(chunk)), values).scalars()
    return found


def save_runs(connection: Connection, rows: Iterable[tuple[Run, int]]) -> None:
    """Note runs, with the entry that lists each, for good."""
    bulk.writer(connection).insert(tables.listed_run, [(*run, index) for run, index in rows])


def _nearest(connection: Connection, runs: Sequence[Run]) -> Iterator[Row[Any]]:
    """For each of `runs`, by its number `n`, the last stored run that shares a code with it."""
    if len(runs) != 1:
        yield from _ask(connection, NEAREST, [(n, *run) for n, run in enumerate(runs)], ends="int4")
        return
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    [wanted] = runs
    found = connection.exec_driver_sql(ONE.format(mark), (wanted.prefix, wanted.last)).one_or_none()
    if found is not None and found.last >= wanted.first:
        yield found


def _ask(
    connection: Connection, query: str, want: Sequence[tuple[int, str, Any, Any]], *, ends: str
) -> Iterator[Row[Any]]:
    """The rows of `query`, which reads the wanted runs from `want (n, prefix, low, high)`."""
    if connection.dialect.name == "postgresql":
        if want:
            given = f"unnest(%s::int4[], %s::text[], %s::{ends}[], %s::{ends}[])"
            yield from connection.exec_driver_sql(_with(given, query), tuple(map(list, zip(*want, strict=True))))
        return
    for start in range(0, len(want), CHUNK):
        chunk = want[start : start + CHUNK]
        given = f"(VALUES {', '.join(['(?, ?, ?, ?)'] * len(chunk))})"
        yield from connection.exec_driver_sql(_with(given, query), tuple(value for row in chunk for value in row))


@lru_cache(maxsize=1024)
def _with(given: str, query: str) -> str:
    return f"WITH want (n, prefix, low, high) AS (SELECT * FROM {given} AS given) {query}"
