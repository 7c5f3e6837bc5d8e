"""The scan page, and a history with the proof that it is complete, in a small and in a large register.

Server time inside the application, without a network. The floor is the plainest Flask route that reads one row of the
same register, asked in the same way.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from flask import Flask

from api.app import create_app
from ledger.entry import build_event
from ledger.signing.jws import sign_event
from service.db import views
from service.recording.mapping import commit_if_full, commit_map
from service.recording.recorder import Recorder
from service.work import Register
from tests.benchmarks.figures import Figure, each_ms, figure
from tests.benchmarks.floor import create_reader
from tests.benchmarks.material import SIGNER, Sent, make_events, make_members, trust
from tests.scene import Scene, set_scene

GROUP = "Scan page and history, server time (SQLite)"
STEPS = 30
"""Entries of the battery whose history is asked for."""
STEP = 10_000


def run(*, quick: bool) -> Iterator[Figure]:
    """HTML and JSON of one pack, and one pack's history, while the register grows around them."""
    sizes = (1_000, 5_000) if quick else (10_000, 1_000_000)
    count = 50 if quick else 1_000
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        scene = set_scene(Path(name), packs=100)
        register = Register(scene.settings)
        medians = []
        for number, size in enumerate(sizes):
            _grow(register, scene, size)
            app = create_app(register, Recorder(register))
            floor = median(_ask_plain(create_reader(register.store.engine), size, count))
            beside = {"beside": floor, "beside_name": "plain row"}
            html = _ask(app, scene, "text/html", count)
            medians.append(figure(GROUP, f"HTML, register of {size:,} entries", html, "ms", target=10.0, **beside))
            yield medians[-1]
            json = _ask(app, scene, "application/json", count)
            yield figure(GROUP, f"JSON, register of {size:,} entries", json, "ms", **beside)
            told = _ask_history(app, _long_lived(register, scene.packs[-1 - number], size), count)
            name_ = f"history of {STEPS} entries, complete by the map, register of {size:,} batteries"
            yield figure(GROUP, name_, told, "ms", target=10.0, **beside)
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


def _ask_plain(app: Flask, size: int, count: int) -> tuple[float, ...]:
    client = app.test_client()

    def get(number: int) -> None:
        answer = client.get(f"/rows/{number * 7919 % size}")
        assert answer.status_code == 200

    each_ms(get, count=20)
    return each_ms(get, count=count)


def _ask_history(app: Flask, code: str, count: int) -> tuple[float, ...]:
    client = app.test_client()

    def get(_: int) -> None:
        answer = client.get(f"/v1/batteries/{code}/history")
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["count"] == STEPS
        assert answer.json["map"]["lookup"]["bucket"]

    each_ms(get, count=20)
    return each_ms(get, count=count)


def _long_lived(register: Register, code: str, size: int) -> str:
    """A pack with as many entries as asked for, all of them covered by the newest map."""
    with register.read() as reader:
        have = len(reader.history(code))
    numbers = range(STEPS - have)
    events = [build_event(make_members(2 << 30 | size + n, "report_soh", [code], {"number": n})) for n in numbers]
    sent = [Sent(event.data, sign_event(event.data, SIGNER)) for event in events]
    with register.store.append() as tx:
        register.log.append(tx, [trust(each) for each in sent], register.clock())
    assert commit_map(register)
    return code


def _grow(register: Register, scene: Scene, size: int) -> None:
    """Append entries about other batteries, and give those batteries a state, until the register has `size`."""
    with register.read() as reader:
        state = views.load_states(reader.connection, scene.packs[:1])[scene.packs[0]]
        have = reader.size()
    while have < size:
        some = min(STEP, size - have)
        events = [trust(sent) for sent in make_events(some, batteries=size, start=have)]
        with register.store.append() as tx:
            commit_if_full(register, tx, register.current_registry(tx.connection))
            register.log.append(tx, events, register.clock())
            codes = {event.event.subjects[0] for event in events}
            views.save_states(tx.connection, {code: state.changed({"code": code}) for code in codes})
        have += some
