"""R-7 and R-8: a disk that is full, and one that fails. Nobody may be told "recorded" who is not."""

import random
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.scene import Scene, Server
from tests.torture.clients import Manner
from tests.torture.journal import Journal
from tests.torture.load import fresh_scene, load_scene
from tests.torture.machine import BROKEN, FOR_EVER, FULL, KILL, Machine, Trap
from tests.torture.verdict import Verdict, require

RECOVERY_SECONDS = 10
LOAD = Manner(threads=4, pause=0.02)
CHANGES, DATABASE, PIN = "/register.db-wal", "/register.db", "/log.pin"
"""Files that are written: SQLite's log of changes with every commit, the database itself when that log is copied."""
OPENINGS = 5
"""Openings after a crash within which somebody touches the database file: who opens it last copies nothing."""
LASTING = 5
"""One fault of so many lasts until it is mended; the others hit one call."""


@dataclass(frozen=True)
class Trouble:
    """Calls of one kind that fail on files with these names, one after the other."""

    kind: str
    error: int
    places: tuple[str, ...]


NO_SPACE = Trouble("write", FULL, (CHANGES, PIN))
NOT_KEPT = Trouble("sync", BROKEN, (CHANGES,))
NOT_READ = Trouble("read", BROKEN, (CHANGES, PIN))
NOT_WRITTEN = Trouble("write", BROKEN, (CHANGES, PIN))


def fail_writes(faults: int, seed: int) -> Verdict:
    """The disk is full: writes fail, one here and one there, then all until space is made."""
    return _fail([NO_SPACE] * faults, seed)


def fail_syncs(faults: int, seed: int) -> Verdict:
    """The disk can not keep what was written: EIO at a sync."""
    return _fail([NOT_KEPT] * faults, seed)


def fail_reads(faults: int, seed: int) -> Verdict:
    """The disk can not give back what was written: EIO at a read."""
    return _fail([NOT_READ] * faults, seed)


def break_writes(faults: int, seed: int) -> Verdict:
    """The disk does not take what is written: EIO at a write."""
    return _fail([NOT_WRITTEN] * faults, seed)


def fail_all(faults: int, seed: int) -> Verdict:
    """All four kinds on one server."""
    return _fail([trouble for trouble in (NO_SPACE, NOT_KEPT, NOT_READ, NOT_WRITTEN) for _ in range(faults)], seed)


def fail_database(faults: int, seed: int) -> Verdict:
    """EIO at a write, a sync or a read of the database file itself: by whoever opens the register after a crash.

    That one copies the log of changes into it. It may refuse to start, and must start when the disk is mended.
    """
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        machine = Machine(Path(name))
        scene = fresh_scene(Path(name) / "data")
        struck = refused = 0

        def fault(server: Server, chance: random.Random, journal: Journal) -> None:
            nonlocal struck, refused
            for number in range(faults):
                trap: Trap = getattr(machine, ("write", "sync", "read")[number % 3])
                for _ in range(OPENINGS):
                    _await_answer(journal)  # so that there is something to copy
                    server.kill_all()
                    trap.set(DATABASE, BROKEN, skip=chance.randint(0, 2) if number % 3 == 2 else 0)
                    server.launch()
                    met = _until(lambda trap=trap: trap.struck > 0, 5)  # type: ignore[misc]
                    refused += server.wait(chance.uniform(0.1, 1)) is not None
                    machine.heal()
                    server.kill_all()
                    server.start()
                    if met:
                        break
                struck += met

        verdict = load_scene(scene, fault, seed=seed, manner=LOAD, environment=machine.environment)
        counts = {"faults": struck, "starts refused": refused}
        return verdict + require(counts, every_fault_was_met=struck == faults)


def die_in_writes(deaths: int, seed: int) -> Verdict:
    """The machine stops within a write: of the log of changes, of the pin, of the database while the log is copied."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        machine = Machine(Path(name))
        scene = fresh_scene(Path(name) / "data")
        died = 0

        def fault(server: Server, chance: random.Random, _: Journal) -> None:
            nonlocal died
            for number in range(deaths):
                part = (CHANGES, DATABASE, PIN)[number % 3]
                if part == DATABASE:  # the first to open the register after a crash copies the log when it closes
                    server.kill_all()
                machine.write.set(part, KILL, skip=chance.randint(0, 20 if part == DATABASE else 60))
                if part == DATABASE:
                    server.launch()
                died += server.wait(20) is not None
                machine.heal()
                server.start()

        verdict = load_scene(scene, fault, seed=seed, manner=LOAD, environment=machine.environment)
        return verdict + require({"deaths": died}, every_write_that_kills_was_met=died == deaths)


def fill_disk(rounds: int, seed: int) -> Verdict:
    """A disk without a free byte under load, and with space again. A real small one, where we may mount it."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        if not may_mount():
            return _fill_by_trap(Path(name), rounds, seed)
        disk = Path(name) / "disk"
        disk.mkdir()
        # Room for the 32 MB to which SQLite's log of changes grows: a smaller disk stays full without its ballast.
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)], check=True, capture_output=True)
        try:
            return _fill_by_ballast(disk, rounds, seed)
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=True)


def may_mount() -> bool:
    """Whether this machine lets us mount a file system."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        words = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", name]
        try:
            held = subprocess.run(words, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            return False
        if held:
            subprocess.run(["umount", name], check=True)
        return held


def _fill_by_ballast(disk: Path, rounds: int, seed: int) -> Verdict:
    ballast = disk / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as stream:
            _write_until_full(stream.write)

    scene = fresh_scene(disk / "data")
    return _fill(scene, fill, ballast.unlink, rounds, seed) + Verdict({"real disks": 1})


def _fill_by_trap(folder: Path, rounds: int, seed: int) -> Verdict:
    machine = Machine(folder)
    scene = fresh_scene(folder / "data")

    def fill() -> None:
        machine.write.set(CHANGES, FULL)

    return _fill(scene, fill, machine.heal, rounds, seed, machine.environment)


def _fill(
    scene: Scene,
    fill: Callable[[], None],
    clear: Callable[[], None],
    rounds: int,
    seed: int,
    environment: Mapping[str, str] | None = None,
) -> Verdict:
    found = {"rounds": 0, "refusals while full": 0, "reads while full": 0}
    slow: list[float] = []

    def fault(server: Server, _chance: random.Random, journal: Journal) -> None:
        for _ in range(rounds):
            time.sleep(0.3)
            fill()
            found["refusals while full"] += _await_refusal(journal)
            found["reads while full"] += _reads(scene, server)
            clear()
            slow.append(_await_answer(journal))
            found["rounds"] += 1

    verdict = load_scene(scene, fault, seed=seed, manner=LOAD, environment=environment)
    return verdict + require(
        found | {"slowest recovery ms": int(max(slow) * 1000)},
        every_full_disk_was_noticed=found["refusals while full"] == rounds,
        every_read_was_answered=found["reads while full"] == rounds,
        recovered_in_time=max(slow) <= RECOVERY_SECONDS,
    )


def _write_until_full(write: Callable[[bytes], int | None]) -> None:
    for block in (1 << 16, 1 << 12, 1):
        try:
            while write(bytes(block)):
                pass
        except OSError:
            continue


def _fail(troubles: Sequence[Trouble], seed: int) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        machine = Machine(Path(name))
        scene = fresh_scene(Path(name) / "data")
        found = {"faults": 0, "calls failed": 0, "lasting": 0, "reads while they lasted": 0}
        slow: list[float] = []

        def fault(server: Server, chance: random.Random, journal: Journal) -> None:
            for number, trouble in enumerate(troubles):
                trap: Trap = getattr(machine, trouble.kind)
                lasting = number % LASTING == LASTING - 1 and trouble is not NOT_READ
                skip, times = (0, FOR_EVER) if lasting else (chance.randint(0, 12), 1)
                trap.set(trouble.places[number % len(trouble.places)], trouble.error, skip=skip, times=times)
                found["faults"] += _until(lambda trap=trap: trap.struck > 0, 10)  # type: ignore[misc]
                if lasting:
                    found["lasting"] += 1
                    found["reads while they lasted"] += _reads(scene, server)
                found["calls failed"] += trap.struck
                trap.heal()
                slow.append(_await_answer(journal))

        verdict = load_scene(scene, fault, seed=seed, manner=LOAD, environment=machine.environment)
        return verdict + require(
            found | {"slowest recovery ms": int(max(slow) * 1000)},
            every_fault_was_met=found["faults"] == len(troubles),
            every_read_was_answered=found["reads while they lasted"] == found["lasting"],
            recovered_in_time=max(slow) <= RECOVERY_SECONDS,
        )


def _await_answer(journal: Journal) -> float:
    """Seconds until the next event is recorded."""
    started, before = time.monotonic(), _recorded(journal)
    _until(lambda: _recorded(journal) > before, 3 * RECOVERY_SECONDS)
    return time.monotonic() - started


def _await_refusal(journal: Journal) -> bool:
    before = _refused(journal)
    return _until(lambda: _refused(journal) > before, 15)


def _recorded(journal: Journal) -> int:
    return journal.answers["201"]


def _refused(journal: Journal) -> int:
    return sum(number for name, number in list(journal.answers.items()) if name.startswith("5"))


def _until(held: Callable[[], bool], seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while not held():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.005)
    return True


def _reads(scene: Scene, server: Server) -> bool:
    """Whether a battery's page data and the checkpoint can still be had."""
    try:
        for path in (f"/v1/batteries/{scene.packs[0]}", "/log/checkpoint", "/v1/entries/5"):
            request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}")
            request.add_header("Authorization", f"Bearer {scene.api_key}")
            with urllib.request.urlopen(request, timeout=10) as answer:
                answer.read()
    except (urllib.error.URLError, OSError):
        return False
    return True
