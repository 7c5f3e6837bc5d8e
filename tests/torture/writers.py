"""R-9: several processes write about the same batteries, while others read, export and copy the log of changes.

Some of them hand a battery on while others take it, the other way round too: of each battery the entries must tell of
one chain of holders.
"""

import os
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import pysqlite3

from ledger.entry import parse_entry
from ledger.tree import hash_leaf
from service import operators
from service.exporting import export_register
from service.recording.recorder import Recorder
from service.work import Register
from tests.needs import ROOT
from tests.scene import MAKER, Scene, set_scene, size_of
from tests.torture.journal import Journal, Sent
from tests.torture.lifebook import OUTLET, Book, Life, RefusalError, Telling
from tests.torture.oracle import judge
from tests.torture.verdict import Verdict, require
from tests.torture.writer import CODES, PASSING

PROCESSES = 4
PASSING_SHARE = 0.3
"""Of the events, those that hand a battery on or take it."""


def write_at_once(events: int, seed: int, *, database_url: str = "", threads: int = 8) -> Verdict:
    """`events` in all from four processes with `threads` each, on SQLite or on the PostgreSQL database given."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        folder = Path(name)
        scene = set_scene(folder / "data", packs=len(CODES), database_url=database_url)
        _enrol_outlet(scene)
        before = size_of(scene)
        each = max(1, events // PROCESSES // threads)
        writers = [_start(scene, folder / f"acks-{n}", seed * 100 + n, each, threads) for n in range(PROCESSES)]
        reader = _Reader(scene, folder / "out.ndjson")
        reader.start()
        ended = [_wait(writer) for writer in writers]
        reader.stop()
        journal = Journal()
        waits = [_collect(journal, folder / f"acks-{n}") for n in range(PROCESSES)]
        busy, declined = map(sum, zip(*waits, strict=True))
        passed, broken_chain = _custody(scene, before)
        counts = {"processes": PROCESSES, "threads": PROCESSES * threads, "reads": reader.reads}
        counts |= {"exports": reader.exports, "checkpoints": reader.checkpoints, "busy": busy}
        counts |= {"handed on and taken": passed, "declined": declined}
        return judge(scene, journal, before=before) + require(
            counts,
            every_writer_ended_well=ended == [0] * PROCESSES,
            every_event_was_recorded_or_declined=len(journal.events) + declined == each * threads * PROCESSES,
            each_battery_has_one_chain_of_holders=not broken_chain,
            batteries_were_handed_on_and_refused=passed > 0 and declined > 0,
            readers_saw_every_entry_once_and_unchanged=not reader.trouble,
            readers_read=reader.reads > 0,
        )


def _start(scene: Scene, acks: Path, seed: int, each: int, threads: int) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "tests.torture.writer", str(scene.settings.data), str(acks)]
    words += ["--seed", str(seed), "--count", str(each), "--threads", str(threads), "--passing", str(PASSING_SHARE)]
    environment = os.environ | {"PACKTRAIL_DATABASE_URL": scene.settings.database_url}
    return subprocess.Popen(words, cwd=ROOT, env=environment, start_new_session=True)


def _wait(writer: subprocess.Popen[bytes]) -> int:
    try:
        return writer.wait(600)
    except subprocess.TimeoutExpired:
        writer.kill()
        return writer.wait()


def _enrol_outlet(scene: Scene) -> None:
    """A second organisation, to hand batteries to and fro."""
    register = Register(scene.settings)
    recorder = Recorder(register)
    body = {"operator_id": OUTLET, "name": "测试网点", "roles": ["collector"], "region": "500102"}
    operators.enrol_operator(recorder, body)
    operators.make_custodial_key(recorder, OUTLET)
    register.close()


def _custody(scene: Scene, before: int) -> tuple[int, str]:
    """How many entries hand on or take, and the first that does not follow from those before it; empty for none."""
    register = Register(scene.settings)
    with register.read() as reader:
        events = [parse_entry(entry).event for entry in reader.entries(before, reader.size())]
    register.close()
    passed = [event for event in events if event.type in PASSING]
    book = Book({code: Life("REGISTERED", MAKER, MAKER, 1, 1, datetime.min.replace(tzinfo=UTC)) for code in CODES})
    for event in passed:
        try:
            book.take(Telling(event.id, event.type, event.actor, event.subjects, event.occurred_at, event.body))
        except RefusalError as why:
            return len(passed), f"{event.id}: {why}"
    return len(passed), ""


def _collect(journal: Journal, acks: Path) -> tuple[int, int]:
    """What a writer was told, into the journal; gives how often it was asked to wait, and how often declined."""
    busy = declined = 0
    for line in acks.read_text().splitlines():
        id_, index, leaf = [*line.split(), "", ""][:3]
        if id_ == "busy":
            busy += int(index)
        elif id_ == "declined":
            declined += 1
        elif id_ == "refused":
            journal.events.append(Sent("", b"", refused=line))
        else:
            journal.events.append(Sent(id_, b"", told={(int(index), bytes.fromhex(leaf))}))
            journal.answers["recorded"] += 1
    return busy, declined


class _Reader:
    """Follows the log entry by entry, exports it, and has SQLite copy its log of changes, all the time."""

    def __init__(self, scene: Scene, out: Path) -> None:
        self.reads = self.exports = self.checkpoints = 0
        self.trouble = ""
        self._scene = scene
        self._out = out
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        register = Register(self._scene.settings)
        leaves: list[bytes] = []
        try:
            while not self._stop.wait(0.05):
                self._follow(register, leaves)
                if self.reads % 10 == 0:
                    export_register(register, self._out)
                    self.exports += 1
                if register.store.engine.dialect.name == "sqlite":
                    self._checkpoint()
        finally:
            register.close()

    def _follow(self, register: Register, leaves: list[bytes]) -> None:
        """Read what is new; every tenth time all again, which must be what it was."""
        with register.read() as reader:
            size = reader.size()
            whole = self.reads % 10 == 0
            start = 0 if whole else len(leaves)
            found = [hash_leaf(entry) for entry in reader.entries(start, size)]
        if start + len(found) != size or (whole and found[: len(leaves)] != leaves):
            self.trouble = f"entries {start} to {size} are not what they were"
        leaves[start:] = found
        self.reads += 1

    def _checkpoint(self) -> None:
        connection = pysqlite3.connect(self._scene.settings.data / "register.db", timeout=10)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        connection.close()
        self.checkpoints += 1
