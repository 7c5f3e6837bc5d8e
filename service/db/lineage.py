"""The links of lineage as rows: asked for by either end, for many nodes at once, so many of each, oldest first."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection

from service.db import bulk, tables
from service.domain.lineage import Edge, Link

CHUNK = 50
"""Nodes in one statement. Each is a query of its own in it, with its own limit and its own search in the index."""


class StoredEdge(NamedTuple):
    """A link with the entry that made it and the time in the world, as text."""

    source: str
    target: str
    link: Link
    entry: int
    occurred_at: str


def edges_from(
    connection: Connection, nodes: Sequence[str], *, since: int = 0, limit: int
) -> dict[str, list[StoredEdge]]:
    """By node, up to `limit` of the links that begin there, those of entry `since` and later."""
    return _grouped(nodes, _ask(connection, ("source", "target"), nodes, (since, limit)), "source")


def edges_to(
    connection: Connection, nodes: Sequence[str], *, since: int = 0, limit: int
) -> dict[str, list[StoredEdge]]:
    """By node, up to `limit` of the links that end there."""
    return _grouped(nodes, _ask(connection, ("target", "source"), nodes, (since, limit)), "target")


def save_edges(connection: Connection, rows: Iterable[tuple[Edge, int, str]]) -> None:
    """Add links: each with its entry and the time in the world."""
    values = [(edge.source, index, edge.target, edge.link.value, at) for edge, index, at in rows]
    bulk.writer(connection).insert(tables.lineage, values)


def _grouped(nodes: Sequence[str], edges: Iterable[StoredEdge], end: str) -> dict[str, list[StoredEdge]]:
    found: dict[str, list[StoredEdge]] = {node: [] for node in nodes}
    for edge in edges:
        found[getattr(edge, end)].append(edge)
    return found


def _ask(
    connection: Connection, ends: tuple[str, str], nodes: Sequence[str], page: tuple[int, int]
) -> Iterable[StoredEdge]:
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    for start in range(0, len(nodes), CHUNK):
        chunk = nodes[start : start + CHUNK]
        values = tuple(value for node in chunk for value in (node, *page))
        for row in connection.exec_driver_sql(_query(mark, ends, len(chunk)), values):
            yield StoredEdge(row.source, row.target, Link(row.link), row.idx, row.occurred_at)


@lru_cache(maxsize=256)
def _query(mark: str, ends: tuple[str, str], count: int) -> str:
    end, other = ends
    one = (
        "SELECT * FROM (SELECT source, target, link, idx, occurred_at FROM lineage "
        f"WHERE {end} = {mark} AND idx >= {mark} ORDER BY idx, {other} LIMIT {mark}) AS page"
    )
    return " UNION ALL ".join([one] * count)
