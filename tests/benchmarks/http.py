"""Recording through HTTP: a real server of two processes, signed events, everything checked and on the disk.

The floor is the plainest Flask route on the same server software and engine that inserts one row a request. The load
comes from this machine's same two cores.
"""

import os
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from ledger.entry import build_event, format_hash
from ledger.signing.jws import Ed25519EventSigner, sign_event
from service.domain.restricted import SUFFIX
from service.operators import register_own_key
from service.private.commitments import SALT, make_private
from service.recording.recorder import Recorder
from service.work import Register
from tests.benchmarks.figures import Figure, figure
from tests.benchmarks.sockets import request, send_all
from tests.needs import ROOT
from tests.scene import MAKER, Scene, free_port, running_server, set_scene, size_of, wait_for

GROUP = "Recording through HTTP, SQLite, two processes (events/s)"
METHOD = {"method": "bms"}
MEASURED = {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": 10}
"""Restricted: the entry commits to them, the values go beside it."""
SIGNER = Ed25519EventSigner(f"{MAKER}/bench", b"\x07" * 32)
CONNECTIONS = 16


def run(*, quick: bool) -> Iterator[Figure]:
    """Batches of 500 with full and with brief receipts, then single posts beside the floor."""
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        scene = set_scene(Path(name), packs=1_000)
        register_key(scene)
        runs = 1 if quick else 3
        batches, singles = (2, 40) if quick else (24, 2_000)
        before = size_of(scene)
        start = 0
        with running_server(scene) as server:
            for receipts, target in (("full", 6_000.0), ("brief", None)):
                found = []
                for _ in range(runs):
                    sent = [_batch(scene, start + 500 * n, receipts) for n in range(batches)]
                    start += 500 * batches
                    found.append(500 * batches / send_all(server.port, sent, connections=4))
                yield figure(GROUP, f"batches of 500, {receipts} receipts", tuple(found), "/s", target=target)
            posts = []
            for _ in range(runs):
                sent = [_single(scene, start + n) for n in range(singles)]
                start += singles
                posts.append(singles / send_all(server.port, sent, connections=CONNECTIONS))
        check_recorded(size_of(scene) - before, start)
        floor = _floor([plain_request(n) for n in range(singles)], runs)
        best = max(floor)
        more = {"beside": best, "beside_name": "plain row"}
        yield figure(GROUP, f"single posts, {CONNECTIONS} at once", tuple(posts), "/s", **more)
        share = tuple(100 * each / best for each in posts)
        yield figure(GROUP, "single posts, share of the plain row", share, "%", target=60.0)


def register_key(scene: Scene) -> None:
    """Let the maker sign for itself."""
    register = Register(scene.settings)
    register_own_key(Recorder(register), SIGNER.header.kid, SIGNER.public_key)
    register.close()


def check_recorded(grown: int, sent: int) -> None:
    """A batch answers 200 also where its lines are refused. Maps come on top of what was sent."""
    if grown < sent:
        raise AssertionError(f"{sent} events were sent, {grown} entries came: refusals were measured")


def event(scene: Scene, number: int) -> bytes:
    """A signed report as a client sends it: canonical members, detached JWS, restricted values with their salts."""
    privates = [make_private(name, value, os.urandom(SALT)) for name, value in MEASURED.items()]
    signed = build_event(
        {
            "actor": MAKER,
            "body": METHOD | {f"{each.name}{SUFFIX}": each.text for each in privates},
            "id": f"01a1c000-{number >> 16 & 0xFFFF:04x}-7{number >> 4 & 0xFFF:03x}-8{number & 15:x}4f-0123456789ab",
            "log": "scene.example.cn/log",
            "occurred_at": "2026-06-01T08:00:00.000Z",
            "subjects": [scene.packs[number % len(scene.packs)]],
            "type": "report_soh",
            "v": 1,
        }
    )
    private = {each.name: {"value": each.value, "salt": format_hash(each.salt)} for each in privates}
    members = {"event": orjson.Fragment(signed.data), "jws": sign_event(signed.data, SIGNER), "private": private}
    return orjson.dumps(members)


def _batch(scene: Scene, start: int, receipts: str) -> bytes:
    body = b"\n".join(event(scene, start + n) for n in range(500))
    path = f"/v1/events:batch?receipts={receipts}"
    return request("POST", path, body, token=scene.api_key, content="application/x-ndjson")


def _single(scene: Scene, number: int) -> bytes:
    return request("POST", "/v1/events", event(scene, number), token=scene.api_key)


def plain_request(number: int) -> bytes:
    """A request of the same size for the floor."""
    body = orjson.dumps({"number": number, "filler": b64encode(b"x" * 450).decode()})
    return request("POST", "/rows", body, token="pt_" + "x" * 56)


def _floor(requests: Sequence[bytes], runs: int) -> tuple[float, ...]:
    with floor_server() as port:
        return tuple(len(requests) / send_all(port, requests, connections=CONNECTIONS) for _ in range(runs))


@contextmanager
def floor_server() -> Iterator[int]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as folder:
        command = [sys.executable, "-m", "tests.benchmarks.floor", folder, str(port), "2", "8"]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(10)
