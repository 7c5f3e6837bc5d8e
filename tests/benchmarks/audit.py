"""Verification of a whole register, and what it weighs on the disk."""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ledger.export import write_export
from service.db.store import SqlStore
from tests.benchmarks.exported import write_cheap_export
from tests.benchmarks.figures import Figure, figure
from tests.benchmarks.grown import grown_store
from tests.needs import ROOT

GROUP = "Verification of an export, all cores (entries/s)"
BATTERIES = 50_000
TARGETS = {False: 600_000.0, True: 25_000.0}

PROGRAM = """
import re, resource, sys, time
from pathlib import Path
from ledger.__main__ import load_verifiers, verify_file
from tests.benchmarks.sweepfloor import hash_all, verify_all
export, keys, signatures = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "yes"
verifiers = load_verifiers([keys])
start = time.perf_counter()
count = (verify_all if signatures else hash_all)(export)
floor = count / (time.perf_counter() - start)
workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
start = time.perf_counter()
report = verify_file(export, verifiers, signatures=signatures)
rate = report.size / (time.perf_counter() - start)
assert report.ok and report.size == count, report.failures
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
workers = max(workers, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(rate, floor, int(peak[1]) / 1024, workers / 1024)
"""


def run(*, quick: bool) -> Iterator[Figure]:
    """Exports of growing size over one number of batteries: rate beside its floor, memory; then bytes on the disk."""
    runs = 1 if quick else 3
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.ndjson"
        for size in (5_000, 20_000) if quick else (500_000, 5_000_000):
            write_cheap_export(export, size, batteries=min(BATTERIES, size // 2))
            yield from _verify(export, size, signatures=False, runs=runs)
        size = 5_000 if quick else 200_000
        write_cheap_export(export, size, batteries=min(BATTERIES, size // 2), signed=True)
        yield from _verify(export, size, signatures=True, runs=runs)
    with grown_store(5_000 if quick else 500_000) as store, tempfile.TemporaryDirectory() as folder:
        yield _weight(store, _export(store, Path(folder)))


def _export(store: SqlStore, folder: Path) -> Path:
    export = folder / "export.ndjson"
    with store.read() as reader, export.open("wb") as file:
        write_export(file, reader.entries(0, reader.size()))
    return export


def _verify(export: Path, size: int, *, signatures: bool, runs: int) -> Iterator[Figure]:
    rates: list[float] = []
    floors: list[float] = []
    leading: list[float] = []
    working: list[float] = []
    for _ in range(runs):
        arguments = [str(export), str(export.parent / "log.vkeys"), "yes" if signatures else "no"]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, check=True, cwd=ROOT, text=True
        )
        for figures, text in zip((rates, floors, leading, working), done.stdout.split(), strict=True):
            figures.append(float(text))
    what = f"{'with' if signatures else 'without'} signatures, {size:,} entries"
    beside = {"beside": statistics.median(floors), "beside_name": "verify only" if signatures else "hash only"}
    yield figure(GROUP, what, tuple(rates), "/s", target=TARGETS[signatures], **beside)
    yield figure(GROUP, f"{what}, peak memory of the leading process", tuple(leading), "MB")
    yield figure(GROUP, f"{what}, peak memory of the largest worker", tuple(working), "MB")


def _weight(store: SqlStore, export: Path) -> Figure:
    """Size of the database, after its write-ahead log went into it, by size of all entries."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert store.engine.url.database is not None
    ratio = Path(store.engine.url.database).stat().st_size / export.stat().st_size
    return figure("Storage", "SQLite file by bytes of entries", (ratio,), "x bytes", target=1.5)
