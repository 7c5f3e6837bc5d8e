"""What is counted while requests are answered, in a database that all processes share.

On PostgreSQL these tables stand beside the register's. On SQLite they have a file of their own, `limits.db` in the data
folder: a file has one writer at a time, and no request shall wait while events are recorded. Commits here do not wait
for the disk; a power cut loses the last of them, and leaves the file sound.

A bucket is one number: the moment at which it will be full again. It is kept and compared in one statement, so that of
many who ask at once each gets what is there when it is his turn, and no more.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pysqlite3
from sqlalchemy import Engine, NullPool, PoolProxiedConnection, create_engine, event, make_url, select
from sqlalchemy.schema import CreateTable

from ledger.entry import format_time
from service.db.limit_tables import key_use, limit_bucket
from service.settings import Settings

FILE = "limits.db"
BUSY_MS = 1_000
CLEAR_SECONDS = 300.0
PRUNE_AT_ONCE = 5_000
SECOND = 1_000_000
"""Microseconds in a second: the unit of all times here."""

_TAKE = """\
WITH ask (name, now, unit, span, want, least) AS (VALUES {rows})
INSERT INTO limit_bucket AS kept (name, full_at, granted)
SELECT name, now + want * unit, want FROM ask WHERE true ORDER BY name
ON CONFLICT (name) DO UPDATE SET (full_at, granted) = (
  SELECT since + gets * unit, gets FROM (
    SELECT since, unit, CASE WHEN room >= want THEN want WHEN room >= least THEN least ELSE 0 END AS gets FROM (
      SELECT since, unit, want, least, (now + span - since) / unit AS room FROM (
        SELECT now, unit, span, want, least, {greatest}(now, {least}(kept.full_at, now + span)) AS since
        FROM ask WHERE ask.name = excluded.name) AS begun) AS counted) AS decided)
RETURNING name, full_at, granted"""
"""In the order of names, so that two who ask for the same buckets do not wait for each other. A moment further off than
a whole bucket comes from a clock that was put back since."""


class CountingError(Exception):
    """The counting database cannot be asked now."""


class Ask(NamedTuple):
    """Units wanted of a bucket that `amount` units fill in `seconds`: `want` of them, or at least `least`, or none."""

    bucket: str
    amount: int
    seconds: int
    want: int
    least: int

    @property
    def unit(self) -> int:
        """In how many microseconds one unit comes back."""
        return max(1, self.seconds * SECOND // self.amount)


class Grant(NamedTuple):
    """Units given, and when (microseconds since 1970) the bucket will be full again."""

    units: int
    full_at: int


class Counting:
    """The counting database, as one process has it open. Safe for its threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_postgres = engine.dialect.name == "postgresql"
        self._idle: list[PoolProxiedConnection] = []

    def take(self, asks: Sequence[Ask], now: int) -> dict[str, Grant]:
        """Take units out of buckets, by name. `now` in microseconds since 1970. Raises CountingError."""
        values: list[Any] = []
        for ask in asks:
            unit = ask.unit
            values += (ask.bucket, now, unit, unit * ask.amount, ask.want, ask.least)
        statement = _statement(len(asks), self._is_postgres)
        found = self._ask(statement, tuple(values))
        return {name: Grant(granted, full_at) for name, full_at, granted in found}

    def _ask(self, statement: str, values: tuple[Any, ...]) -> Sequence[Any]:
        """The rows that a statement returns, by the driver itself: the engine's layers cost more than the statement."""
        connection = None
        try:
            connection = self._connection()
            cursor = connection.cursor()
            cursor.execute(statement, values)
            found = cursor.fetchall()
        except Exception as error:  # of the driver, which differs from database to database
            if connection is not None:
                connection.invalidate()
            raise CountingError(str(error)) from error
        self._idle.append(connection)
        return found

    def _connection(self) -> PoolProxiedConnection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.raw_connection()

    def prune(self, now: int) -> int:
        """Forget buckets that are full, which is what one that is not there is taken for; gives how many."""
        gone, column = 0, limit_bucket.c
        some = select(column.name).where(column.full_at <= now).limit(PRUNE_AT_ONCE)
        while True:
            with self._engine.connect() as connection:
                full = column.name.in_(some), column.full_at <= now
                count = connection.execute(limit_bucket.delete().where(*full)).rowcount
            gone += count
            if count < PRUNE_AT_ONCE:
                return gone

    def note_use(self, key_id: str, now: datetime) -> None:
        """Note that an API key was used just now. Raises CountingError."""
        mark = "%s" if self._is_postgres else "?"
        statement = (
            f"INSERT INTO key_use (key, at) VALUES ({mark}, {mark}) "
            "ON CONFLICT (key) DO UPDATE SET at = excluded.at WHERE key_use.at < excluded.at RETURNING key"
        )
        self._ask(statement, (key_id, format_time(now)))

    def last_uses(self, key_ids: Sequence[str]) -> Mapping[str, str]:
        """When keys were last used, by id; those that never were are missing."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(key_use).where(key_use.c.key.in_(key_ids)))
            return {row.key: row.at for row in rows}

    def close(self) -> None:
        """Let go of the database."""
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()


def open_counting(settings: Settings) -> Counting:
    """The counting database of a register, which is made where there is none."""
    if make_url(settings.database_url).get_backend_name() == "postgresql":
        options = f"-c lock_timeout={BUSY_MS} -c synchronous_commit=off -c timezone=UTC"
        connect: dict[str, Any] = {"options": options}
        engine = create_engine(
            settings.database_url, isolation_level="AUTOCOMMIT", connect_args=connect, poolclass=NullPool
        )
        return Counting(engine)
    return Counting(_open_file(settings.data / FILE))


def clear_full(settings: Settings) -> None:
    """The chore: forget the buckets that are full, whoever they belonged to."""
    counting = open_counting(settings)
    try:
        counting.prune(time.time_ns() // 1000)
    finally:
        counting.close()


def _open_file(file: Path) -> Engine:
    engine = create_engine(f"sqlite:///{file}", module=pysqlite3, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    event.listen(engine, "connect", _prepare)
    with engine.connect() as connection:
        for table in (limit_bucket, key_use):
            connection.execute(CreateTable(table, if_not_exists=True))
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    """WAL with synchronous=NORMAL waits for the disk only when it folds the log back, here after 16 MB of it."""
    pragmas = (f"busy_timeout = {BUSY_MS}", "journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 4096")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()


@lru_cache(maxsize=32)
def _statement(count: int, is_postgres: bool) -> str:
    row = f"(%s::text{', %s::bigint' * 5})" if is_postgres else "(?, ?, ?, ?, ?, ?)"
    words = ("GREATEST", "LEAST") if is_postgres else ("max", "min")
    return _TAKE.format(rows=", ".join([row] * count), greatest=words[0], least=words[1])
