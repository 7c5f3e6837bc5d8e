"""Recording through HTTP: a real server of two processes, signed events, everything checked and on the disk.

The floors are the plainest Flask routes on the same server software and engine: one inserts a row a request, one the
lines of a batch, the very same bytes, in one commit. The load comes from this machine's same two cores.
"""

import os
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from ledger.entry import build_event, format_hash
from ledger.signing.jws import Ed25519EventSigner, sign_event
from service.db.engine import sqlite_url
from service.domain.restricted import SUFFIX
from service.operators import register_own_key
from service.private.commitments import SALT, make_private
from service.recording.recorder import Recorder
from service.work import Register
from tests.benchmarks.figures import Figure, figure
from tests.benchmarks.sockets import request, send_all
from tests.benchmarks.stores import ENGINES, fresh_url
from tests.needs import ROOT
from tests.scene import MAKER, MODEL, Scene, free_port, running_server, set_scene, size_of, wait_for

GROUP = "Recording through HTTP, {}, two processes (events/s)"
METHOD = {"method": "bms"}
MEASURED = {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": 10}
"""Restricted: the entry commits to them, the values go beside it."""
SIGNER = Ed25519EventSigner(f"{MAKER}/bench", b"\x07" * 32)
CONNECTIONS = 16
LINES = "application/x-ndjson"
Make = Callable[[Scene, int], bytes]


@dataclass(frozen=True)
class Batches:
    """One line of the table: so many events of one kind a request."""

    name: str
    size: int
    make: Make
    query: str = ""
    target: float | None = None


def run(*, quick: bool) -> Iterator[Figure]:
    """On each engine batches of three sizes and two kinds, then single posts, all beside their floors."""
    events, singles, runs = (1_000, 40, 1) if quick else (12_000, 2_000, 3)
    for engine in ENGINES:
        yield from run_on(engine, events=events, singles=singles, runs=runs)


def run_on(engine: str, *, events: int, singles: int, runs: int, packs: int = 1_000) -> Iterator[Figure]:
    """The lines of one engine, each of at least so many events in every run."""
    group = GROUP.format(engine)
    with fresh_scene(engine, packs=packs) as scene:
        before, start = size_of(scene), 0
        with fresh_url(engine) as url, floor_server(url) as port:
            floors = {each.name: _batch_floor(port, scene, each, events, runs) for each in KINDS}
            plain = max(_single_floor(port, [plain_request(n) for n in range(singles)], runs))
        with running_server(scene) as server:
            for each in KINDS:
                found = []
                for _ in range(runs):
                    sent = list(_requests(scene, each, start, events, "/v1/events:batch" + each.query))
                    start += each.size * len(sent)
                    found.append(each.size * len(sent) / send_all(server.port, sent, connections=4))
                more = {"beside": floors[each.name], "beside_name": "plain rows, one commit", "target": each.target}
                yield figure(group, each.name, tuple(found), "/s", **more)
            posts = []
            for _ in range(runs):
                sent = [_single(scene, start + n) for n in range(singles)]
                start += singles
                posts.append(singles / send_all(server.port, sent, connections=CONNECTIONS))
        check_recorded(size_of(scene) - before, start)
    more = {"beside": plain, "beside_name": "plain row"}
    yield figure(group, f"single posts, {CONNECTIONS} at once", tuple(posts), "/s", **more)
    share = tuple(100 * each / plain for each in posts)
    yield figure(group, "single posts, share of the plain row", share, "%", target=60.0)


@contextmanager
def fresh_scene(engine: str, *, packs: int) -> Iterator[Scene]:
    """A register on `engine` whose maker signs for itself; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name, fresh_url(engine) as url:
        scene = set_scene(Path(name), packs=packs, database_url=url)
        register_key(scene)
        yield scene


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
    body = METHOD | {f"{each.name}{SUFFIX}": each.text for each in privates}
    private = {each.name: {"value": each.value, "salt": format_hash(each.salt)} for each in privates}
    return _sign(number, "report_soh", scene.packs[number % len(scene.packs)], body, private)


def registration(_: Scene, number: int) -> bytes:
    """A signed registration of one more pack: nothing in it is restricted."""
    body = {name: MODEL[name] for name in ("model_id", "mass_g", "capacity_mah", "energy_wh")}
    body |= {"made_on": "2026-01-01", "site": "hall 1"}
    return _sign(number, "register", f"0TTPB01ABCDEFGG11{1_000_000 + number:07d}", body, {})


def _sign(number: int, kind: str, subject: str, body: dict[str, object], private: dict[str, object]) -> bytes:
    signed = build_event(
        {
            "actor": MAKER,
            "body": body,
            "id": f"01a1c000-{number >> 16 & 0xFFFF:04x}-7{number >> 4 & 0xFFF:03x}-8{number & 15:x}4f-0123456789ab",
            "log": "scene.example.cn/log",
            "occurred_at": "2026-06-01T08:00:00.000Z",
            "subjects": [subject],
            "type": kind,
            "v": 1,
        }
    )
    members = {"event": orjson.Fragment(signed.data), "jws": sign_event(signed.data, SIGNER)}
    return orjson.dumps(members | ({"private": private} if private else {}))


KINDS = (
    Batches("batches of 100, full receipts", 100, event),
    Batches("batches of 500, full receipts", 500, event, target=6_000.0),
    Batches("batches of 1,000, full receipts", 1_000, event),
    Batches("batches of 500, brief receipts", 500, event, "?receipts=brief"),
    Batches("batches of 500 registrations, nothing restricted, full receipts", 500, registration, target=6_000.0),
)
"""Reports of health, with three restricted values each, unless their name says otherwise."""


def _requests(scene: Scene, kind: Batches, start: int, events: int, path: str) -> Iterator[bytes]:
    for first in range(start, start + events, kind.size):
        body = b"\n".join(kind.make(scene, first + n) for n in range(kind.size))
        yield request("POST", path, body, token=scene.api_key, content=LINES)


def _single(scene: Scene, number: int) -> bytes:
    return request("POST", "/v1/events", event(scene, number), token=scene.api_key)


def plain_request(number: int) -> bytes:
    """A request of the same size for the floor."""
    body = orjson.dumps({"number": number, "filler": b64encode(b"x" * 450).decode()})
    return request("POST", "/rows", body, token="pt_" + "x" * 56)


def _batch_floor(port: int, scene: Scene, kind: Batches, events: int, runs: int) -> float:
    sent = list(_requests(scene, kind, 0, events, "/rows:batch"))
    return max(kind.size * len(sent) / send_all(port, sent, connections=4) for _ in range(runs))


def _single_floor(port: int, requests: Sequence[bytes], runs: int) -> tuple[float, ...]:
    return tuple(len(requests) / send_all(port, requests, connections=CONNECTIONS) for _ in range(runs))


@contextmanager
def floor_server(url: str = "") -> Iterator[int]:
    """The port of a floor on this database; without one, on SQLite in a folder of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as folder:
        database = url or sqlite_url(Path(folder) / "floor.db")
        command = [sys.executable, "-m", "tests.benchmarks.floor", database, str(port), "2", "8"]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(10)
