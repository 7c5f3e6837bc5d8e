"""What authentication and limits add to a request: the same view behind our door and without it, in turns.

Server time inside the application, without a network. Means, not medians: that some requests ask the counting database
and most do not is what is measured.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask, Response
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from api.app import create_app
from api.auth import PUBLIC, READER
from api.routes import Routes, Terms
from service import access
from service.access import id_of
from service.limits.changing import store_limit
from service.limits.rows import LIMITS
from service.programs.keeping import WhichKey, end_key
from service.recording.recorder import Recorder
from service.work import Register
from tests.benchmarks.figures import Figure, figure
from tests.postgres import PostgresServer
from tests.scene import MAKER, Scene, set_scene

TARGET_MS = 0.3
PARTS = 20
Ask = Callable[[FlaskClient, int], int]


def run(*, quick: bool) -> Iterator[Figure]:
    """One busy key, many keys, many networks; then how soon a key that was ended is refused elsewhere."""
    count = 400 if quick else 10_000
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        yield from _measure("SQLite", set_scene(Path(name), packs=1), count)
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name, PostgresServer.start() as server:
        scene = set_scene(Path(name), packs=1, database_url=server.create_database())
        yield from _measure("PostgreSQL", scene, count)


def _measure(engine: str, scene: Scene, count: int) -> Iterator[Figure]:
    group = f"Authentication and limits, added to a request, {engine}"
    register = Register(scene.settings)
    app = create_app(register, Recorder(register))
    _add_views(app)
    keys = _make_keys(register, 50)
    with register.write_beside() as connection:
        for limit in LIMITS:  # ten times the defaults: a second here is a minute of a busy caller
            store_limit(connection, limit, (60_000, 60))
    cases: tuple[tuple[str, Ask], ...] = (
        ("one busy key", lambda client, n: _get(client, "/bench/keyed", keys[0])),
        (f"{len(keys)} keys in turn", lambda client, n: _get(client, "/bench/keyed", keys[n % len(keys)])),
        ("no key, another network each time", lambda client, n: _get(client, "/bench/open", address=_address(n))),
    )
    for name, ask in cases:
        added, plain = _compare(app, ask, count)
        more = {"beside": plain, "beside_name": "the same without (ms)", "target": TARGET_MS}
        yield figure(group, name, added, "ms", **more)
    yield figure(group, "a key that is ended is refused by another process after", _end(app, scene, keys[-1]), "ms")
    register.close()


def _compare(app: Flask, ask: Ask, count: int) -> tuple[tuple[float, ...], float]:
    """Milliseconds that the door adds, in each part of the run, and those of the view without it."""
    client, share = app.test_client(), count // PARTS
    for number in range(share):
        ask(client, number)
    added, plain = [], []
    for part in range(PARTS):
        without = _time(lambda n: _get(client, "/bench/plain"), part * share, share)
        added.append(_time(lambda n: ask(client, n), part * share, share) - without)
        plain.append(without)
    return tuple(added), sum(plain) / len(plain)


def _time(work: Callable[[int], int], start: int, count: int) -> float:
    begun = time.perf_counter()
    for number in range(start, start + count):
        assert work(number) == 200
    return (time.perf_counter() - begun) / count * 1000


def _get(client: FlaskClient, path: str, key: str = "", *, address: str = "127.0.0.1") -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return client.get(path, headers=headers, environ_base={"REMOTE_ADDR": address}).status_code


def _address(number: int) -> str:
    return f"10.{number >> 8 & 255}.{number & 255}.1"


def _add_views(app: Flask) -> None:
    routes = Routes("bench", described=False)

    @routes.get("/bench/keyed", Terms(READER, "Behind the door"))
    def keyed() -> ResponseReturnValue:
        return Response("x")

    @routes.get("/bench/open", Terms(PUBLIC, "The same for everybody"))
    def open_() -> ResponseReturnValue:
        return Response("x")

    routes.register(app)
    app.add_url_rule("/bench/plain", "plain", lambda: Response("x"))


def _make_keys(register: Register, count: int) -> list[str]:
    with register.write_beside() as connection:
        return [access.make_api_key(connection, MAKER, now=register.clock()) for _ in range(count)]


def _end(app: Flask, scene: Scene, key: str) -> tuple[float, ...]:
    """From the commit that ends it to the first refusal by an application that knew it."""
    client, elsewhere = app.test_client(), Register(scene.settings)
    assert _get(client, "/bench/keyed", key) == 200
    end_key(Recorder(elsewhere), WhichKey(id_of(key)), by=MAKER)
    begun = time.perf_counter()
    while _get(client, "/bench/keyed", key) == 200:
        pass
    took = (time.perf_counter() - begun) * 1000
    elsewhere.close()
    return (took,)
