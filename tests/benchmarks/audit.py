"""Verification of a whole register, and what it weighs on the disk."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ledger.export import checkpoint_path, write_export
from service.db.store import SqlStore
from tests.benchmarks.figures import Figure, figure
from tests.benchmarks.grown import grown_store
from tests.benchmarks.material import make_log
from tests.needs import ROOT

GROUP = "Verification of an export, one process (entries/s)"

PROGRAM = """
import re, sys, time
from pathlib import Path
from ledger.__main__ import load_verifiers, verify_file
export, keys, signatures = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "yes"
verifiers = load_verifiers([keys])
start = time.process_time()
report = verify_file(export, verifiers, signatures=signatures)
used = time.process_time() - start
assert report.ok, report.failures
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(report.size / used, int(peak[1]) / 1024)
"""


def run(*, quick: bool) -> Iterator[Figure]:
    """Exports of growing size: rate per core and peak memory; then bytes on disk per byte of entry."""
    sizes = (5_000, 20_000) if quick else (100_000, 500_000)
    for size in sizes:
        with grown_store(size) as store, tempfile.TemporaryDirectory() as folder:
            export = _export(store, Path(folder))
            target = 300_000.0
            yield from _verify(export, size, signatures=False, runs=1 if quick else 3, target=target)
            if size == sizes[0]:
                yield from _verify(export, size, signatures=True, runs=1 if quick else 3, target=None)
            else:
                yield _weight(store, export)


def _export(store: SqlStore, folder: Path) -> Path:
    export = folder / "export.ndjson"
    with store.read() as reader:
        with export.open("wb") as file:
            write_export(file, reader.entries(0, reader.size()))
        checkpoint_path(export).write_bytes(reader.checkpoint())
    (folder / "log.vkeys").write_text("\n".join(signer.vkey for signer in make_log().signers) + "\n")
    return export


def _verify(export: Path, size: int, *, signatures: bool, runs: int, target: float | None) -> Iterator[Figure]:
    rates: list[float] = []
    memory: list[float] = []
    for _ in range(runs):
        arguments = [str(export), str(export.parent / "log.vkeys"), "yes" if signatures else "no"]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, check=True, cwd=ROOT, text=True
        )
        rate, peak = done.stdout.split()
        rates.append(float(rate))
        memory.append(float(peak))
    what = "with signatures" if signatures else "without signatures"
    yield figure(GROUP, f"{what}, {size:,} entries", tuple(rates), "/s", target=target)
    yield figure(GROUP, f"{what}, {size:,} entries, peak memory", tuple(memory), "MB")


def _weight(store: SqlStore, export: Path) -> Figure:
    """Size of the database, after its write-ahead log went into it, by size of all entries."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert store.engine.url.database is not None
    ratio = Path(store.engine.url.database).stat().st_size / export.stat().st_size
    return figure("Storage", "SQLite file by bytes of entries", (ratio,), "x bytes", target=1.5)
