"""R-4: the power goes. Thousands of disks as it may leave them, each opened and held against what was acknowledged."""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections import Counter
from pathlib import Path

import pysqlite3
from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import LedgerError
from ledger.notes.checkpoint import open_checkpoint
from ledger.tile import RightEdge
from ledger.tree import hash_leaf
from service.errors import ServiceError
from service.settings import Settings, read_settings
from service.verification.register import verify_database
from service.work import Register
from tests.needs import ROOT
from tests.torture.disk import Disk, moments
from tests.torture.trace import Op, read_trace, tracer
from tests.torture.verdict import Verdict

VERIFIED = 40
"""One image of so many is verified whole, signatures and derived tables too; of each, every entry and the root."""

Acks = list[tuple[int, str]]
"""Line of the trace, and `<id> <index> <leaf hash>`."""


def cut_power(images: int, seed: int, *, pragma: str = "") -> Verdict:
    """Trace a register from its founding on, then look at `images` disks of moments drawn by lot."""
    events, rounds = (120, 3) if images >= 200 else (30, 2)
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-", dir=_memory()) as name:
        folder = Path(name)
        ops = record_writer(folder, seed, pragma=pragma, events=events, rounds=rounds)
        acks = [(op.begun, line) for op in ops if op.path == folder / "acks" for line in op.data.decode().splitlines()]
        ops = [op for op in ops if (folder / "data") in (op.path, *op.path.parents)]
        chance = random.Random(seed)
        start, end = acks[0][0], ops[-1].ended + 1
        cuts = sorted(chance.randint(start, end) for _ in range(images))
        return _try_cuts(folder / "data", ops, acks, cuts, chance)


def record_writer(folder: Path, seed: int, *, pragma: str, events: int, rounds: int) -> list[Op]:
    """The trace of a writer that founds a register in `folder`/data and records into it, opening it again and again."""
    data, acks = folder / "data", folder / "acks"
    words = [sys.executable, "-m", "tests.torture.writer", str(data), str(acks), "--seed", str(seed)]
    words += ["--count", str(events), "--rounds", str(rounds), "--pragma", pragma]
    output = folder / "trace"
    run = subprocess.run([*tracer(output), *words], cwd=ROOT, timeout=600, capture_output=True, check=False)
    if run.returncode:
        raise AssertionError(run.stderr.decode()[-2000:])
    wait_for_end(output)
    return read_trace(output)


def wait_for_end(output: Path) -> None:
    """The tracer is another process than the one we waited for: its last line says that all have ended."""
    give_up = time.monotonic() + 10
    while b"+++ exited" not in output.read_bytes()[-4096:] and time.monotonic() < give_up:
        time.sleep(0.02)


def _try_cuts(data: Path, ops: list[Op], acks: Acks, cuts: list[int], chance: random.Random) -> Verdict:
    disk, found = Disk(), Counter[str]()
    waiting = list(reversed(cuts))
    broken: list[str] = []
    for line, begins, op in [*moments(ops), (1 << 60, False, ops[-1])]:
        while waiting and waiting[-1] < line:
            cut = waiting.pop()
            told = [text for _, text in acks[: bisect_left(acks, (cut, ""))]]
            whole = len(waiting) % VERIFIED == 0
            _restore(data, disk.image(chance))
            kind, trouble = _look(read_settings({}, data=data), told, whole=whole)
            found[kind] += 1
            found["verified whole"] += whole
            if kind != "sound":
                broken.append(f"{kind} at line {cut}: {trouble}")
        if begins:
            disk.begin(op)
        else:
            disk.end(op)
    counts = {
        "images": len(cuts),
        "moments": len(set(cuts)),
        "acknowledged": len(acks),
        "syncs": sum(op.call in ("fsync", "fdatasync") for op in ops),
        "lost": found["lost"],
        "unopenable": found["unopenable"],
        "unsound": found["unsound"],
        "verified whole": found["verified whole"],
    }
    return Verdict(counts, tuple(broken[:5]))


def _restore(data: Path, files: dict[Path, bytes]) -> None:
    shutil.rmtree(data, ignore_errors=True)
    (data / "keys").mkdir(parents=True)
    for path, content in files.items():
        path.write_bytes(content)


def _look(settings: Settings, told: list[str], *, whole: bool) -> tuple[str, str]:
    """Open what is left. `sound`, `lost` (acknowledged, not there), `unsound` or `unopenable`, and why."""
    try:
        register = Register(settings)
    except (ServiceError, LedgerError, SQLAlchemyError, pysqlite3.DatabaseError) as error:
        return "unopenable", str(error)
    try:
        with register.read() as reader:
            leaves = [hash_leaf(entry) for entry in reader.entries(0, reader.size())]
            note, size = reader.checkpoint(), reader.size()
        for line in told:
            _, index, leaf = line.split()
            if int(index) >= len(leaves) or leaves[int(index)].hex() != leaf:
                return "lost", line
        edge = RightEdge(0, {})
        edge.extend(leaves)
        checkpoint = open_checkpoint(note, register.verifiers, origin=register.log.origin, require_all=True)
        if (checkpoint.size, checkpoint.root, len(leaves)) != (edge.size, edge.root(), size):
            return "unsound", "the checkpoint is not that of the entries"
        if whole:
            for failure in verify_database(settings.database_url, register.verifiers, vault=register.vault).failures:
                return "unsound", f"entry {failure.index}: {failure.what}"
    except (LedgerError, SQLAlchemyError, pysqlite3.DatabaseError) as error:
        return "unsound", str(error)
    finally:
        register.close()
    return "sound", ""


def _memory() -> str | None:
    """Images go where nothing waits for a disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
