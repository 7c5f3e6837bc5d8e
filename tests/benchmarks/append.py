"""Appending through the library: ledger and store, everything on the disk before the next batch counts."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlalchemy import insert

from ledger.log import Submission
from service.db import tables
from service.db.engine import writing
from service.db.store import SqlStore
from tests.benchmarks.figures import Figure, figure, rate
from tests.benchmarks.material import Sent, check, make_events, make_log
from tests.benchmarks.stores import ENGINES, fresh_store

GROUP = "Append through ledger and store, fsync on (entries/s)"


def run(*, quick: bool) -> Iterator[Figure]:
    """Batches of 1, 100, 500 and 1,000 on both engines, beside the same rows inserted without a ledger."""
    count = 2_000 if quick else 20_000
    events = make_events(count)
    admitted = [check(sent) for sent in events]
    for engine in ENGINES:
        for size in (1, 100, 500, 1_000):
            many = count if size > 1 else count // 40
            floor = _best(engine, lambda store, m=many, n=size: _insert_plain(store, events[:m], n), quick=quick)
            beside = {"beside": max(floor), "beside_name": "plain insert"}
            runs = _best(engine, lambda store, m=many, n=size: append_checked(store, events[:m], n), quick=quick)
            name = f"{engine}, batches of {size:,}, signatures verified"
            yield figure(GROUP, name, runs, "/s", target=12_000.0 if size == 500 else None, **beside)
            runs = _best(engine, lambda store, m=many, n=size: append_admitted(store, admitted[:m], n), quick=quick)
            name = f"{engine}, batches of {size:,}, signatures verified before"
            yield figure(GROUP, name, runs, "/s", target=25_000.0 if size == 500 else None, **beside)


def append_checked(store: SqlStore, events: Sequence[Sent], size: int) -> int:
    """Parse, verify and append: while one batch is written, the next ones are admitted on the other core."""
    batches = [events[start : start + size] for start in range(0, len(events), size)]
    log = make_log()
    with ThreadPoolExecutor(2) as pool:
        for submissions in pool.map(lambda batch: [check(sent) for sent in batch], batches):
            with store.append() as tx:
                log.append(tx, submissions, datetime.now(UTC))
    return len(events)


def append_admitted(store: SqlStore, events: Sequence[Submission], size: int) -> int:
    """Append what was parsed and verified before."""
    log = make_log()
    for start in range(0, len(events), size):
        with store.append() as tx:
            log.append(tx, events[start : start + size], datetime.now(UTC))
    return len(events)


def _insert_plain(store: SqlStore, events: Sequence[Sent], size: int) -> int:
    """The floor: rows of the same size, the same commits, no ledger."""
    filler = b"x" * 420
    for start in range(0, len(events), size):
        rows = [
            {"idx": index, "data": sent.event + filler}
            for index, sent in enumerate(events[start : start + size], start)
        ]
        with store.engine.connect() as connection:
            writing(connection).execute(insert(tables.entry), rows)
            connection.commit()
    return len(events)


def _best(engine: str, work: Callable[[SqlStore], int], *, quick: bool) -> tuple[float, ...]:
    found: tuple[float, ...] = ()
    for _ in range(1 if quick else 3):
        with fresh_store(engine) as store:
            found += rate(lambda: work(store), runs=1)
    return found
