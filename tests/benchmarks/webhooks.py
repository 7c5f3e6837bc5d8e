"""What webhooks cost recording: the latency of single events with none and with twenty, in turns in one run.

The process that delivers runs as in production, beside. The receivers, which stand elsewhere in production, run in a
process of their own with the lowest priority.
"""

import gc
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median

from ledger.entry import format_time
from service.db.webhook_tables import webhook, webhook_lease
from service.imports.working import worker_environment
from service.operators import CustodialEvent, admit_custodial
from service.recording.recorder import Recorded, Recorder
from service.webhooks.subscriptions import Wanted, add_webhook, list_webhooks, make_secret
from service.work import Register
from tests.benchmarks.figures import Figure, figure
from tests.needs import ROOT
from tests.scene import MAKER, set_scene
from tests.service.webhooks.receiver import TRIAL, Receiver

GROUP = "Recording single events with restricted values, SQLite, 20 a second, beside webhooks"
WEBHOOKS = 20
PACE = 0.05


def run(*, quick: bool) -> Iterator[Figure]:
    """Median latency with 0 and with 20 webhooks in turns of seconds, and the one as a multiple of the other."""
    turns, each = (2, 20) if quick else (12, 100)
    found: dict[bool, list[float]] = {False: [], True: []}
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name, _receiver() as url:
        scene = set_scene(Path(name) / "data", packs=20)
        register = Register(scene.settings)
        recorder = Recorder(register)
        _subscribe(register, url)
        for turn in range(turns):
            for beside in (False, True) if turn % 2 else (True, False):
                with _delivering(register, is_on=beside):
                    found[beside] += [_record(register, recorder, scene.packs[n % 20]) for n in range(each)]
        register.close()
    none, twenty = tuple(found[False]), tuple(found[True])
    yield figure(GROUP, "no webhook", none, "ms")
    name = f"{WEBHOOKS} webhooks, each told of every entry while it goes on"
    yield figure(GROUP, name, twenty, "ms", target=1.05 * median(none), beside=median(none), beside_name="none")


def _record(register: Register, recorder: Recorder, code: str) -> float:
    """Milliseconds from the told event to its receipt; then a pause."""
    body = {"soce_ppm": 981_000, "remaining_capacity_mah": 147_000, "full_cycles": 96, "method": "charge_test"}
    members = {"type": "report_soh", "subjects": [code], "occurred_at": format_time(register.clock()), "body": body}
    begun = time.perf_counter()
    [outcome] = recorder.record([admit_custodial(register, MAKER, CustodialEvent(members, {}))])
    taken = time.perf_counter() - begun
    if not isinstance(outcome, Recorded):
        raise outcome
    time.sleep(max(0.0, PACE - taken))
    return taken * 1000


def _subscribe(register: Register, url: str) -> None:
    for _ in range(WEBHOOKS):
        with register.write_beside() as connection:
            hook = add_webhook(connection, MAKER, Wanted(url), reach=TRIAL, now=register.clock())
            make_secret(connection, register.vault, hook.id, now=register.clock())


@contextmanager
def _delivering(register: Register, *, is_on: bool) -> Iterator[None]:
    """With the process that delivers beside, or without; in the end all webhooks stand where the log does."""
    if not is_on:
        yield
        return
    with register.read() as reader:
        size = reader.size()
    with register.write_beside() as connection:
        connection.execute(webhook.update().values(cursor=size))
        connection.execute(webhook_lease.update().values(holder="", until=""))
    environment = worker_environment(register.settings) | TRIAL.environment()
    command = [sys.executable, "-m", "service.webhooks.working", "bench"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait(register, "bench")
        yield
        _wait(register, "bench", delivered=True)
    finally:
        process.terminate()
        process.wait()


def _wait(register: Register, holder: str, *, delivered: bool = False) -> None:
    """Until the process delivers, or until everything is delivered. Garbage is collected meanwhile."""
    gc.collect()
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        with register.read() as reader:
            lease = reader.connection.execute(webhook_lease.select()).one()
            hooks, size = list_webhooks(reader.connection), reader.size()
        if lease.holder == holder and (not delivered or all(hook.cursor == size for hook in hooks)):
            return
        time.sleep(0.1)
    raise RuntimeError("webhooks are not delivered")


@contextmanager
def _receiver() -> Iterator[str]:
    """The address of a receiver in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_receive, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _receive(pipe: Pipe) -> None:
    os.nice(19)
    receiver = Receiver()
    pipe.send(receiver.url)
    while True:
        time.sleep(1)
        receiver.received.clear()
        receiver.accepted.clear()
