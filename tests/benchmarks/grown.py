"""A grown log: many entries in a SQLite register with its maps, made as fast as the store allows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from service.db.store import SqlStore
from tests.benchmarks.material import keep_map, make_events, make_log, trust
from tests.benchmarks.stores import fresh_store

STEP = 10_000


@contextmanager
def grown_store(size: int) -> Iterator[SqlStore]:
    """A log of `size` events about a tenth as many batteries."""
    with fresh_store("SQLite") as store:
        grow(store, 0, size, batteries=max(size // 10, 1))
        yield store


def grow(store: SqlStore, start: int, end: int, *, batteries: int) -> None:
    """Append events `start` to `end`, whose signatures nobody checks."""
    log = make_log()
    for first in range(start, end, STEP):
        batch = make_events(min(STEP, end - first), batteries=batteries, start=first)
        with store.append() as tx:
            keep_map(log, tx)
            log.append(tx, [trust(sent) for sent in batch], datetime.now(UTC))
