"""A witness under load: real HTTP, two processes, every cosigned checkpoint on the disk before its answer.

The load is 32 logs with one connection each, all adding checkpoint after checkpoint with a consistency proof. The
floor is the plainest Flask route on the same server software and engine that inserts one row a request. Both, and the
load, share this machine's cores.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.witness.keys import open_keys
from service.witness.logs import add_log
from service.witness.store import WitnessStore
from tests.benchmarks.figures import Figure, figure
from tests.benchmarks.http import floor_server, plain_request
from tests.benchmarks.sockets import request, send_all
from tests.needs import ROOT
from tests.scene import free_port, wait_for
from tests.service.witness.logs import GrowingLog

GROUP = "Witness through HTTP, two processes, durable (add-checkpoint/s)"
LOGS = 32


def run(*, quick: bool) -> Iterator[Figure]:
    """For each choice of keys, beside the floor."""
    runs, each = (1, 4) if quick else (3, 100)
    logs = [GrowingLog(f"log{number}.example/bench", 1 + runs * each, mldsa=True) for number in range(LOGS)]
    plain = [plain_request(number) for number in range(LOGS * each)]
    with floor_server() as port:
        floor = tuple(len(plain) / send_all(port, plain, connections=LOGS) for _ in range(runs))
    more: dict[str, Any] = {"beside": max(floor), "beside_name": "plain row"}
    for keys, target in (("both", 1_000.0), ("mldsa", None), ("ed25519", None)):
        with _witness(logs, keys) as port:
            found = []
            for number in range(runs):
                start = number * each
                # One log's requests are 32 places apart: they go over one connection, in order.
                sent = [_ask(log, start + step) for step in range(each) for log in logs]
                found.append(len(sent) / send_all(port, sent, connections=LOGS))
        yield figure(GROUP, f"{LOGS} logs at once, keys: {keys}", tuple(found), "/s", target=target, **more)


def _ask(log: GrowingLog, size: int) -> bytes:
    return request("POST", "/add-checkpoint", log.step(size, size + 1), content="text/plain")


@contextmanager
def _witness(logs: list[GrowingLog], keys: str) -> Iterator[int]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        data = Path(name)
        open_keys(data, name="witness.example/bench")
        store = WitnessStore(data)
        for log in logs:
            add_log(store, log.vkeys)
        store.close()
        command = [sys.executable, "-m", "api.cli", "witness", "serve", "--data", name, "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--keys", keys], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(15)
