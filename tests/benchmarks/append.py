"""Appending through the library: ledger and store, everything on the disk before the next batch counts.

As in the service, two processes check what they got and take turns at the log: while one writes, the other verifies.
"""

import gc
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from multiprocessing.synchronize import Barrier

from sqlalchemy import insert

from ledger.log import Submission
from service.db import tables
from service.db.engine import open_engine, writing
from service.db.store import SqlStore
from tests.benchmarks.figures import Figure, figure, rate
from tests.benchmarks.grown import grow
from tests.benchmarks.material import Sent, check, keep_map, make_events, make_log
from tests.benchmarks.stores import ENGINES, fresh_store, store_url

GROUP = "Append through ledger and store, map and fsync on (entries/s)"
CURVE = "The same as the register grows: SQLite, batches of 500, signatures verified (entries/s)"
PROCESSES = 2
Work = Callable[[Sequence[Sequence[Sent]], Barrier], None]


def run(*, quick: bool) -> Iterator[Figure]:
    """Batches of 1, 100, 500 and 1,000 on both engines, beside the same rows inserted without a ledger."""
    count = 2_000 if quick else 40_000
    events = make_events(count)
    admitted = [check(sent) for sent in events]
    gc.freeze()  # what is sent is not the log's to look after
    floor = tuple(_on_all_cores(_check, events, 500) for _ in range(1 if quick else 3))
    yield figure(GROUP, f"the floor: {PROCESSES} processes check events, nothing is appended", floor, "/s")
    for engine in ENGINES:
        for size in (1, 100, 500, 1_000):
            many = count if size > 1 else count // 40
            floor = _best(engine, lambda store, m=many, n=size: _insert_plain(store, events[:m], n), quick=quick)
            beside = {"beside": max(floor), "beside_name": "plain insert"}
            runs = tuple(_fresh_checked(engine, events[:many], size) for _ in range(1 if quick else 3))
            name = f"{engine}, batches of {size:,}, signatures verified"
            yield figure(GROUP, name, runs, "/s", target=15_000.0 if size == 500 else None, **beside)
            runs = _best(engine, lambda store, m=many, n=size: append_admitted(store, admitted[:m], n), quick=quick)
            name = f"{engine}, batches of {size:,}, signatures verified before"
            yield figure(GROUP, name, runs, "/s", target=25_000.0 if size == 500 else None, **beside)
    yield from _curve((2_000, 4_000) if quick else (10_000, 100_000, 1_000_000, 5_000_000), 1_000 if quick else 20_000)


def append_admitted(store: SqlStore, events: Sequence[Submission], size: int) -> int:
    """Append what was parsed and verified before."""
    log, added = make_log(), 0
    for start in range(0, len(events), size):
        with store.append() as tx:
            added += keep_map(log, tx)
            log.append(tx, events[start : start + size], datetime.now(UTC))
    return len(events) + added


def append_checked(url: str, events: Sequence[Sent], size: int) -> float:
    """Entries per second of two processes that parse, verify and append, each every second batch."""
    return _on_all_cores(partial(_append, url), events, size)


def _on_all_cores(work: Work, events: Sequence[Sent], size: int) -> float:
    """Events per second, from when all processes are ready to when the last one has ended."""
    batches = [events[start : start + size] for start in range(0, len(events), size)]
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(PROCESSES + 1)
    workers = [context.Process(target=work, args=(batches[n::PROCESSES], barrier)) for n in range(PROCESSES)]
    for worker in workers:
        worker.start()
    barrier.wait()
    begun = time.perf_counter()
    for worker in workers:
        worker.join()
    taken = time.perf_counter() - begun
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a process that appends failed")
    return len(events) / taken


def _check(batches: Sequence[Sequence[Sent]], barrier: Barrier) -> None:
    barrier.wait()
    for batch in batches:
        for sent in batch:
            check(sent)


def _append(url: str, batches: Sequence[Sequence[Sent]], barrier: Barrier) -> None:
    engine = open_engine(url)
    store, log = SqlStore(engine), make_log()
    with store.read() as reader:
        reader.heads([])
    barrier.wait()
    for batch in batches:
        submissions = [check(sent) for sent in batch]
        with store.append() as tx:
            keep_map(log, tx)
            log.append(tx, submissions, datetime.now(UTC))
    engine.dispose()


def _fresh_checked(engine: str, events: Sequence[Sent], size: int) -> float:
    with fresh_store(engine) as store:
        append_admitted(store, [check(events[0])], 1)
        return append_checked(store_url(store), events[1:], size)


def _curve(sizes: Sequence[int], count: int) -> Iterator[Figure]:
    """The rate at each size: one battery for every ten entries of the largest."""
    batteries = sizes[-1] // 10
    with fresh_store("SQLite") as store:
        before = 0
        for size in sizes:
            grow(store, before, size - count, batteries=batteries)
            events = make_events(count, batteries=batteries, start=size - count)
            store.engine.dispose()
            runs = (append_checked(store_url(store), events, 500),)
            yield figure(CURVE, f"up to {size:,} entries", runs, "/s", target=15_000.0)
            before = size


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
