"""The scan page, in a small and in a large register: server time inside the application, without a network."""

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from api.app import create_app
from service.db import views
from service.recording import Recorder
from service.work import Register
from tests.benchmarks.figures import Figure, each_ms, figure
from tests.benchmarks.material import make_events, trust
from tests.scene import Scene, set_scene

GROUP = "Scan page, server time (SQLite)"
STEP = 10_000


def run(*, quick: bool) -> Iterator[Figure]:
    """HTML and JSON of one pack, the register grown tenfold and a hundredfold around it."""
    sizes = (1_000, 5_000) if quick else (10_000, 1_000_000)
    count = 50 if quick else 1_000
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        scene = set_scene(Path(name), packs=100)
        register = Register(scene.settings)
        medians = []
        for size in sizes:
            _grow(register, scene, size)
            app = create_app(register, Recorder(register))
            html = _ask(app, scene, "text/html", count)
            medians.append(figure(GROUP, f"HTML, register of {size:,} entries", html, "ms", target=10.0))
            yield medians[-1]
            json = _ask(app, scene, "application/json", count)
            yield figure(GROUP, f"JSON, register of {size:,} entries", json, "ms")
        growth = medians[1].value / medians[0].value
        yield figure(GROUP, f"HTML at {sizes[1]:,} by HTML at {sizes[0]:,}", (growth,), "x", target=None)
        register.close()


def _ask(app: Flask, scene: Scene, accept: str, count: int) -> tuple[float, ...]:
    client = app.test_client()
    packs = scene.packs

    def get(number: int) -> None:
        answer = client.get(f"/b/{packs[number % len(packs)]}", headers={"Accept": accept})
        assert answer.status_code == 200

    each_ms(get, count=20)
    return each_ms(get, count=count)


def _grow(register: Register, scene: Scene, size: int) -> None:
    """Append entries about other batteries, and give those batteries a state, until the register has `size`."""
    with register.read() as reader:
        state = views.load_states(reader.connection, scene.packs[:1])[scene.packs[0]]
        have = reader.size()
    while have < size:
        some = min(STEP, size - have)
        events = [trust(sent) for sent in make_events(some, batteries=size // 10, start=have)]
        with register.store.append() as tx:
            register.log.append(tx, events, register.clock())
            codes = {event.event.subjects[0] for event in events}
            views.save_states(tx.connection, {code: dataclasses.replace(state, code=code) for code in codes})
        have += some
