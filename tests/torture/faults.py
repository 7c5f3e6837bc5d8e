"""The faults, by name. Each runs a server under load, breaks something, and gives a verdict."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from service.work import Register
from tests.scene import Scene, Server, running_server, set_scene
from tests.torture.clients import Clients
from tests.torture.oracle import Verdict, judge

Fault = Callable[[Server, random.Random], None]


def kill_workers(*, kills: int, seed: int) -> Verdict:
    """SIGKILL for one worker after another, 50 to 250 ms apart."""

    def fault(server: Server, chance: random.Random) -> None:
        for _ in range(kills):
            time.sleep(chance.uniform(0.05, 0.25))
            alive = server.workers()
            if alive:
                _kill(chance.choice(alive))

    return _under_load(fault, seed=seed)


def kill_server(*, kills: int, seed: int) -> Verdict:
    """SIGKILL for the whole group, master included, then a fresh start."""

    def fault(server: Server, chance: random.Random) -> None:
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 0.6))
            server.kill_all()
            server.start()

    return _under_load(fault, seed=seed)


def send_again(*, seconds: float, seed: int) -> Verdict:
    """Every event sent by three clients at once: whoever comes first, all get the same answer."""

    def fault(_server: Server, _chance: random.Random) -> None:
        time.sleep(seconds)

    return _under_load(fault, seed=seed, copies=3)


def _under_load(fault: Fault, *, seed: int, copies: int = 1) -> Verdict:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as folder:
        scene = set_scene(Path(folder), packs=50)
        before = _size(scene)
        with running_server(scene) as server:
            clients = Clients(scene, server.port, threads=8 if copies == 1 else 4, copies=copies)
            clients.start()
            try:
                fault(server, chance)
            finally:
                clients.stop()
        return judge(scene, clients.journal, before=before)


def _size(scene: Scene) -> int:
    register = Register(scene.settings)
    with register.read() as reader:
        size = reader.size()
    register.close()
    return size


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):  # it may have ended by itself
        os.kill(pid, signal.SIGKILL)
