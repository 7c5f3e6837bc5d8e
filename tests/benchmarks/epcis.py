"""Capturing documents of EPCIS events beside the same entries through /v1/events:batch, and pages of a query.

Both send the same reports of health in documents of 500; the service holds the sender's key and signs. Capture has to
read the words of EPCIS on top: identifiers, measurements, units.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from ledger.entry import format_time
from service.epcis.documents import capture_document
from service.epcis.naming import Names
from service.epcis.writing import Told, write_events
from tests.benchmarks.figures import Figure, figure
from tests.benchmarks.http import check_recorded
from tests.benchmarks.sockets import request, send_all
from tests.scene import Scene, running_server, set_scene, size_of

GROUP = "EPCIS, SQLite, two processes (events/s)"
PAGES = "EPCIS queries, one page of 30 (ms)"
BATCH = 500
CONNECTIONS = 4
PACKS = CONNECTIONS * BATCH
"""The reports of a battery all go through one connection, so that none comes after a later one and is refused."""
START = datetime(2026, 6, 1, tzinfo=UTC)
NAMES = Names("http://127.0.0.1:8000")


def run(*, quick: bool) -> Iterator[Figure]:
    """Capture and its floor in turn, then pages by battery, by kind and by time."""
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        scene = set_scene(Path(name), packs=PACKS)
        batches, runs = (2, 1) if quick else (24, 3)
        before, start = size_of(scene), 0
        floors: list[float] = []
        captures: list[float] = []
        with running_server(scene) as server:
            for _ in range(runs):
                for found, make in ((floors, _batch), (captures, _document)):
                    sent = [make(scene, start + BATCH * n) for n in range(batches)]
                    start += BATCH * batches
                    found.append(BATCH * batches / send_all(server.port, sent, connections=CONNECTIONS))
            check_recorded(size_of(scene) - before, start)
            floor = max(floors)
            yield figure(GROUP, "the floor: batches of 500 through /v1/events:batch", tuple(floors), "/s")
            more = {"beside": floor, "beside_name": "/v1/events:batch", "target": 3_000.0}
            yield figure(GROUP, "capture of documents of 500", tuple(captures), "/s", **more)
            for title, path in _questions(scene):
                yield figure(PAGES, title, _times(server.port, scene, path, 5 if quick else 100), "ms")


def _body(number: int) -> dict[str, Any]:
    body = {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": 10 + number // 1_000}
    return body | {"method": "bms"}


def _moment(number: int) -> datetime:
    return START + timedelta(milliseconds=number)


def _id(number: int) -> str:
    return f"01a1c000-{number >> 16 & 0xFFFF:04x}-7{number >> 4 & 0xFFF:03x}-8{number & 15:x}4f-0123456789ab"


def _pack(scene: Scene, number: int) -> str:
    return scene.packs[number % len(scene.packs)]


def batch_body(scene: Scene, start: int) -> bytes:
    """Reports for /v1/events:batch, told in custody."""
    lines = [
        orjson.dumps(
            {
                "type": "report_soh",
                "subjects": [_pack(scene, n)],
                "occurred_at": format_time(_moment(n)),
                "id": _id(n),
                "body": _body(n),
            }
        )
        for n in range(start, start + BATCH)
    ]
    return b"\n".join(lines)


def document_body(scene: Scene, start: int) -> bytes:
    """The same reports for /epcis/capture."""
    events = []
    for n in range(start, start + BATCH):
        told = Told(_id(n), "report_soh", _moment(n), [_pack(scene, n)], _body(n))
        events += write_events(told, NAMES)
    return orjson.dumps(capture_document(events, START))


def _batch(scene: Scene, start: int) -> bytes:
    body = batch_body(scene, start)
    path = "/v1/events:batch?receipts=brief"
    return request("POST", path, body, token=scene.api_key, content="application/x-ndjson")


def _document(scene: Scene, start: int) -> bytes:
    return request("POST", "/epcis/capture", document_body(scene, start), token=scene.api_key)


def _questions(scene: Scene) -> list[tuple[str, str]]:
    epc = f"http://127.0.0.1:8000/b/{scene.packs[7]}".replace(":", "%3A").replace("/", "%2F")
    return [
        ("by battery", f"/epcis/events?MATCH_epc={epc}"),
        ("by business step, newest first", "/epcis/events?EQ_bizStep=inspecting"),
        ("by time of record", "/epcis/events?orderBy=recordTime"),
    ]


def _times(port: int, scene: Scene, path: str, count: int) -> tuple[float, ...]:
    asked = request("GET", path, token=scene.api_key)
    found = []
    for _ in range(count):
        begun = time.perf_counter()
        send_all(port, [asked], connections=1)
        found.append((time.perf_counter() - begun) * 1000)
    return tuple(found)
