"""A grown log: many entries in a SQLite register, made as fast as the store allows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from service.db.store import SqlStore
from tests.benchmarks.material import make_events, make_log, trust
from tests.benchmarks.stores import fresh_store

STEP = 10_000


@contextmanager
def grown_store(size: int) -> Iterator[SqlStore]:
    """A log of `size` entries about a tenth as many batteries."""
    log = make_log()
    with fresh_store("SQLite") as store:
        for start in range(0, size, STEP):
            batch = make_events(min(STEP, size - start), batteries=max(size // 10, 1), start=start)
            with store.append() as tx:
                log.append(tx, [trust(sent) for sent in batch], datetime.now(UTC))
        yield store
