"""Clients that remember what they sent and what they were told: an answer, a refusal, or nothing."""

import http.client
import json
import os
import threading
import time
from base64 import b64decode
from dataclasses import dataclass, field

from service.domain.uuid7 import make_uuid7
from tests.scene import Scene


@dataclass
class Sent:
    """One event, and what came of it. `told` are (index, leaf hash) of every receipt received."""

    id: str
    body: bytes
    told: set[tuple[int, bytes]] = field(default_factory=set)
    refused: str = ""
    unknown: int = 0


@dataclass
class Journal:
    """All that the clients know, to be held against the register."""

    events: list[Sent] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self) -> list[Sent]:
        return [sent for sent in self.events if sent.told]


class Clients:
    """Threads that report health of packs, each event again and again until it has an answer."""

    def __init__(self, scene: Scene, port: int, *, threads: int, copies: int = 1) -> None:
        self.journal = Journal()
        self._scene = scene
        self._port = port
        self._copies = copies
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each thread settle the event in its hands, then end."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _work(self, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            sent = self._new_event(number, count)
            count += 1
            with self.journal.lock:
                self.journal.events.append(sent)
            senders = [threading.Thread(target=self._settle, args=(sent,)) for _ in range(self._copies - 1)]
            for sender in senders:
                sender.start()
            self._settle(sent)
            for sender in senders:
                sender.join()

    def _settle(self, sent: Sent) -> None:
        """Send until it is answered; what breaks off is sent again with the same id."""
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            try:
                status, answer = self._post(sent.body)
            except (OSError, http.client.HTTPException):
                sent.unknown += 1
                time.sleep(0.02)
                continue
            if status in (200, 201):
                sent.told.add((answer["index"], b64decode(answer["leaf_hash"])))
                return
            if status < 500:
                sent.refused = f"{status}: {answer}"
                return
            sent.unknown += 1
            time.sleep(0.02)

    def _post(self, body: bytes) -> tuple[int, dict[str, object]]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._scene.api_key}"}
            connection.request("POST", "/v1/events", body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def _new_event(self, number: int, count: int) -> Sent:
        id_ = make_uuid7(int(time.time() * 1000), os.urandom(10))
        event = {
            "id": id_,
            "type": "report_soh",
            "subjects": [self._scene.packs[(number * 31 + count) % len(self._scene.packs)]],
            "occurred_at": "2026-06-01T08:00:00.000Z",
            "body": {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": 10, "method": "bms"},
        }
        return Sent(id_, json.dumps(event).encode())
