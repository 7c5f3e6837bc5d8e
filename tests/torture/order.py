"""R-3: nobody is told "recorded" before the disk has said so, read from the order of system calls."""

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ledger.entry import parse_entry
from service.work import Register
from tests.scene import Server, size_of
from tests.torture.clients import Clients, Manner
from tests.torture.load import fresh_scene
from tests.torture.oracle import judge
from tests.torture.power import record_writer, wait_for_end
from tests.torture.trace import SYNCS, Op, read_trace, tracer
from tests.torture.verdict import Verdict, require

TOLD = re.compile(rb"HTTP/1\.1 201 .*?\r\nLocation: /v1/entries/(\d+)\r\n", re.DOTALL)
FRAME_HEADER = 24


def sync_first(requests: int, seed: int) -> Verdict:
    """Trace a server under load: each 201 must come after the sync of the commit that holds its event."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        folder, output = Path(name), Path(name) / "trace"
        scene = fresh_scene(folder / "data")
        before = size_of(scene)
        server = Server(scene, 2, under=tracer(output))
        server.start()
        clients = Clients(scene, server.port, seed=seed, manner=Manner(threads=6, limit=requests))
        try:
            clients.start()
            clients.join()
        finally:
            server.end()
        wait_for_end(output)
        ops = read_trace(output)
        answers = [(op, int(found[1])) for op in ops if op.call == "sendto" and (found := TOLD.match(op.data))]
        ids = _ids(Register(scene.settings))
        checked = _early(ops, [(op, ids[index]) for op, index in answers])
        enough = require({"answers traced": len(answers)}, every_201_was_seen_in_the_trace=len(answers) >= requests)
        return judge(scene, clients.journal, before=before) + enough + checked


def unsynced_is_noticed(seed: int, pragma: str = "synchronous=OFF") -> Verdict:
    """The negative control: a writer that does not wait for the disk, seen by the same judge."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        ops = record_writer(Path(name), seed, pragma=pragma, events=20, rounds=1)
        acks = Path(name) / "acks"
        answers = [(op, op.data.split()[0].decode()) for op in ops if op.path == acks and op.call == "write"]
        return _early(ops, answers)


def _early(ops: list[Op], answers: Iterable[tuple[Op, str]]) -> Verdict:
    """Count the answers that were begun before the commit with their event was synced."""
    log = [op for op in ops if op.path.name == "register.db-wal" and op.call != "openat"]
    pages = [op for op in log if op.call == "pwrite64" and len(op.data) > FRAME_HEADER]
    early, unseen, checked = 0, 0, 0
    for answer, id_ in answers:
        raw = bytes.fromhex(id_.replace("-", ""))
        first = next((op for op in pages if raw in op.data), None)
        if first is None:
            unseen += 1
            continue
        checked += 1
        early += not _synced(log, first, answer)
    conditions = {"every_answer_came_after_its_sync": early == 0, "every_event_was_seen_in_the_log": unseen == 0}
    return require({"answers checked": checked, "early": early}, **conditions)


def _synced(log: list[Op], first: Op, answer: Op) -> bool:
    """Whether the commit that `first` belongs to was written whole, and then synced, before the answer began.

    A frame is a header, then a page: the header of the page itself is the operation before it.
    """
    start = max(log.index(first) - 1, 0)
    header = next((n for n in range(start, len(log)) if _is_commit(log[n])), None)
    if header is None:
        return False
    page = next((n for n in range(header + 1, len(log)) if log[n].offset == log[header].offset + FRAME_HEADER), None)
    if page is None:
        return False
    sync = next((op for op in log[page + 1 :] if op.call in SYNCS and op.begun > log[page].ended), None)
    return sync is not None and sync.ended < answer.begun


def _is_commit(op: Op) -> bool:
    """A frame header that says how large the database is after the commit. Source: SQLite file format, 4.1."""
    return op.call == "pwrite64" and len(op.data) == FRAME_HEADER and op.data[4:8] != bytes(4)


def _ids(register: Register) -> dict[int, str]:
    with register.read() as reader:
        ids = {index: parse_entry(entry).event.id for index, entry in enumerate(reader.entries(0, reader.size()))}
    register.close()
    return ids
