"""Processor time of an event on its way through the application, in one process: what a crowded machine does not blur.

python -m tests.benchmarks.cost [NAME ...] [--profile]: the figures by themselves, or where the time goes.
"""

import argparse
import cProfile
import gc
import pstats
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient

from api import json
from api.app import create_app
from service.recording.recorder import Recorder
from service.work import Register
from tests.benchmarks import epcis, http
from tests.benchmarks.figures import Figure, figure
from tests.scene import Scene, set_scene

GROUP = "Processor time of an event, SQLite, one process (us)"
BATCH = 500
Make = Callable[[Scene, int], bytes]


@dataclass(frozen=True)
class Way:
    """One way in: where to, as what, how many events a request holds, and how a request's body is made."""

    path: str
    content: str
    events: int
    make: Make


def _signed(scene: Scene, start: int) -> bytes:
    return b"\n".join(http.event(scene, start + n) for n in range(BATCH))


WAYS = {
    "signed, batches of 500, full receipts": Way("/v1/events:batch", json.LINES, BATCH, _signed),
    "signed, batches of 500, brief receipts": Way("/v1/events:batch?receipts=brief", json.LINES, BATCH, _signed),
    "signed, one a request": Way("/v1/events", json.JSON, 1, http.event),
    "in custody, batches of 500, brief receipts": Way(
        "/v1/events:batch?receipts=brief", json.LINES, BATCH, epcis.batch_body
    ),
    "EPCIS, documents of 500": Way("/epcis/capture", json.JSON, BATCH, epcis.document_body),
}


def run(*, quick: bool) -> Iterator[Figure]:
    """Every way in."""
    for name in WAYS:
        yield figure(GROUP, name, measure(name, rounds=1 if quick else 5), "us")


def measure(name: str, *, rounds: int, profile: cProfile.Profile | None = None) -> tuple[float, ...]:
    """Microseconds of processor time per event, for each round of some 5,000 events; the first round is not told."""
    way = WAYS[name]
    requests = 4 if way.events > 1 else 200
    found = []
    with _client() as (scene, client):
        start = 0
        for number in range(rounds + 1):
            bodies = []
            for _ in range(requests):
                bodies.append(way.make(scene, start))
                start += way.events
            gc.collect()
            watched = profile if number else None
            found.append(_spent(client, scene, way, bodies, watched) / (requests * way.events))
    return tuple(found[1:])


def _spent(
    client: FlaskClient, scene: Scene, way: Way, bodies: Sequence[bytes], profile: cProfile.Profile | None
) -> float:
    headers = {"Authorization": f"Bearer {scene.api_key}"}
    if profile is not None:
        profile.enable()
    begun = time.process_time()
    for body in bodies:
        answer = client.post(way.path, data=body, content_type=way.content, headers=headers)
        if answer.status_code >= 300:
            raise AssertionError(answer.get_data(as_text=True)[:600])
    taken = time.process_time() - begun
    if profile is not None:
        profile.disable()
    return taken * 1e6


@contextmanager
def _client() -> Iterator[tuple[Scene, FlaskClient]]:
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as folder:
        scene = set_scene(Path(folder), packs=epcis.PACKS)
        http.register_key(scene)
        register = Register(scene.settings)
        yield scene, create_app(register, Recorder(register)).test_client()
        register.close()


def main() -> None:
    """Print the least of each way's rounds, or the profile of its functions by their own time."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cost")
    parser.add_argument("names", nargs="*", help="a part of the name of each way; all if none is given")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    for name in WAYS:
        if options.names and not any(each in name for each in options.names):
            continue
        profile = cProfile.Profile() if options.profile else None
        found = measure(name, rounds=5, profile=profile)
        print(f"{name}: least {min(found):.0f} us of " + ", ".join(f"{each:.0f}" for each in found), flush=True)
        if profile is not None:
            for order in ("tottime", "cumtime"):
                pstats.Stats(profile).sort_stats(order).print_stats(45)


if __name__ == "__main__":
    main()
