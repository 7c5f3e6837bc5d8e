"""The figures follow the log: stretch by stretch, beside recording, each entry exactly once.

A stretch is read and worked out as of one moment, without a lock. Then it is written in one short transaction together
with the cursor, if that still stands where the stretch began: of two processes that fold the same stretch one writes.
So a process may be killed at any point, and the next one goes on. Recording does not wait for any of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event as Signal

from sqlalchemy import Connection, select

from service.chores import work_off
from service.db.figure_tables import figure_cursor
from service.figures.delays import refresh_delays
from service.figures.folding import Folded, Source, fold
from service.figures.measuring import count_health
from service.figures.resembling import Lookalikes
from service.figures.storing import VERSION, Cursor, clear, read_cursor, read_prefixes, save
from service.private.values import Cabinet
from service.work import Register

EVERY_SECONDS = 1.0
STRETCH = 1_000
"""Entries of one stretch: it is written while recording waits, some twenty milliseconds."""
DELAYS_SECONDS = 10.0
"""How often the delays of organisations that have changed are counted anew."""
_cursor = figure_cursor.c


class Follower:
    """Folds what there is. It keeps nothing but the beginnings of codes, which it reads again after any surprise."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._lookalikes = Lookalikes()
        self._known_at = -1
        self._delays_at = 0.0

    def work(self, stopping: Signal) -> None:
        """Fold until nothing is left, with rests."""
        work_off(self.fold_some, stopping)
        if time.monotonic() - self._delays_at >= DELAYS_SECONDS:
            self.refresh()

    def catch_up(self, *, tick: Callable[[int], None] | None = None) -> int:
        """Fold all there is, without rests; gives how many entries. `tick` is told how many so far."""
        count = 0
        while folded := self.fold_some():
            count += folded
            if tick:
                tick(count)
        self.refresh()
        return count

    def refresh(self) -> None:
        """Count the delays anew of those organisations and months whose sums have changed."""
        refresh_delays(self._register)
        self._delays_at = time.monotonic()

    def fold_some(self, most: int = STRETCH) -> int:
        """Fold one stretch of at most so many entries; gives how many there were, 0 at the end of the log."""
        register = self._register
        with register.read() as reader:
            cursor, size = read_cursor(reader.connection), reader.size()
            if cursor.version != VERSION or cursor.size > size:  # another way of folding, or an older backup
                return self._begin_anew()
            if cursor.size == size:
                return 0
            known_at, self._known_at = self._known_at, -1  # until what is learned here is written
            if known_at != cursor.size:
                self._lookalikes = Lookalikes(read_prefixes(reader.connection))
            entries = list(reader.entries(cursor.size, min(size, cursor.size + most)))
            models = register.current_registry(reader.connection).models
            source = Source(reader, reader.connection, models, self._lookalikes)
            folded = fold(source, cursor.size, entries)
            cabinet = Cabinet(reader.connection, register.vault)
            count_health(folded.measurements, cabinet, folded.tally.health)
        if self._write(cursor, folded):
            self._known_at = folded.size
        return len(entries)

    def _write(self, cursor: Cursor, folded: Folded) -> bool:
        with self._register.write_beside() as connection:
            if _locked(connection) != cursor:
                return False
            save(connection, folded)
        return True

    def _begin_anew(self) -> int:
        forget_figures(self._register)
        self._known_at = -1
        return 1


def forget_figures(register: Register) -> None:
    """Begin anew with the first entry."""
    with register.write_beside() as connection:
        clear(connection)


def _locked(connection: Connection) -> Cursor:
    """The cursor, which nobody else moves before this transaction ends."""
    query = select(_cursor.size, _cursor.at, _cursor.version).where(_cursor.id == 1).with_for_update()
    row = connection.execute(query).one_or_none()
    return Cursor(*row) if row else Cursor()
