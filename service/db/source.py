"""Entries and tiles of a database as workers of a verification read them: each by itself, by index."""

from collections.abc import Iterator
from typing import Any

import pysqlite3
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger.tile import TILE_WIDTH
from ledger.verification.source import BLOCK, Place
from ledger.verification.stretch import UnsoundError
from service.db.engine import open_engine, reading


class DatabaseSource:
    """Implements `ledger.verification.source.Source` for the first `size` entries of the register at `url`.

    Entries are only ever appended, so readers that begin at different moments read the same.
    """

    forks = False

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._size = size
        self._engine: Engine | None = None
        self._connection: Connection | None = None

    def __getstate__(self) -> tuple[str, int]:
        return self._url, self._size

    def __setstate__(self, state: tuple[str, int]) -> None:
        self.__init__(*state)  # type: ignore[misc]  # a connection does not travel

    def places(self, chunk: int) -> Iterator[Place]:
        for first in range(0, self._size, chunk):
            yield Place(first, min(chunk, self._size - first))

    def blocks(self, place: Place) -> Iterator[list[bytes]]:
        for start in range(place.first, place.first + place.count, BLOCK):
            end = min(start + BLOCK, place.first + place.count)
            rows = self._rows(f"SELECT idx, data FROM entry WHERE idx >= {start} AND idx < {end} ORDER BY idx")
            if [row[0] for row in rows] != list(range(start, end)):
                raise UnsoundError
            yield [bytes(row[1]) for row in rows]

    def leaves(self, place: Place) -> bytes | None:
        start, end = place.first // TILE_WIDTH, (place.first + place.count) // TILE_WIDTH
        query = f"SELECT idx, hashes FROM tile WHERE level = 0 AND idx >= {start} AND idx < {end} ORDER BY idx"
        rows = self._rows(query)
        if [row[0] for row in rows] != list(range(start, end)):
            raise UnsoundError
        return b"".join([bytes(row[1]) for row in rows])

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._engine is not None:
            self._engine.dispose()
        self._connection = self._engine = None

    def _rows(self, query: str) -> list[Any]:
        """Rows as the driver gives them: wrapping each would take longer than hashing it."""
        try:
            if self._connection is None:
                self._engine = open_engine(self._url)
                self._connection = reading(self._engine.connect())
            cursor = self._connection.exec_driver_sql(query).cursor
            return list(cursor.fetchall()) if cursor is not None else []
        except (DBAPIError, pysqlite3.Error) as error:  # what it is, the plain audit finds out
            raise UnsoundError from error
