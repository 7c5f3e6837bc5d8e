"""Clients that send events until each has an answer, and remember what they were told."""

import http.client
import json
import os
import random
import socket
import struct
import threading
import time
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from service.domain.uuid7 import make_uuid7
from tests.scene import Scene
from tests.torture.journal import Journal, Sent

PATIENCE_SECONDS = 60
"""How long an event is sent again and again; then it stays in doubt."""


@dataclass(frozen=True)
class Manner:
    """How clients send. `copies`: threads that send the same at once. `cut`, `altered`: shares from 0 to 1."""

    threads: int = 8
    copies: int = 1
    batch: int = 1
    cut: float = 0.0
    """Connections reset after the request was sent."""
    altered: float = 0.0
    """Events sent once more with another body under the same id."""
    stubborn: bool = False
    """Refusals are no answer: they send again until they are accepted, or until patience ends."""
    pause: float = 0.0
    """Seconds between two events of a thread."""
    limit: int | None = None
    """Events in all; none means until stopped."""


class Clients:
    """Threads that report health of packs."""

    def __init__(self, scene: Scene, port: int, *, seed: int, manner: Manner | None = None) -> None:
        self.journal = Journal()
        self._scene = scene
        self._port = port
        self._manner = manner or Manner()
        self._stop = threading.Event()
        names = [f"{seed}/{number}" for number in range(self._manner.threads)]
        self._threads = [threading.Thread(target=self._work, args=(random.Random(name),)) for name in names]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each thread settle the events in its hands, then end."""
        self._stop.set()
        self.join()

    def join(self) -> None:
        """Wait until the threads end by themselves."""
        for thread in self._threads:
            thread.join()

    def _work(self, chance: random.Random) -> None:
        manner = self._manner
        line = _Line(self._scene, self._port)
        for _ in range(-(-manner.limit // manner.batch // manner.threads) if manner.limit else 1 << 60):
            if self._stop.is_set():
                break
            events = [self._new_event(chance) for _ in range(manner.batch)]
            for sent in events:
                self.journal.add(sent)
            again = chance.randint(1, 2 * manner.copies - 1) - 1
            names = [chance.random() for _ in range(again)]
            senders = [threading.Thread(target=self._settle_alone, args=(events, random.Random(n))) for n in names]
            for sender in senders:
                sender.start()
            self._settle(line, events, chance)
            for sender in senders:
                sender.join()
            time.sleep(manner.pause)
            if chance.random() < manner.altered:
                self._send_altered(line, events[0])
        line.close()

    def _settle_alone(self, events: list[Sent], chance: random.Random) -> None:
        line = _Line(self._scene, self._port)
        self._settle(line, events, chance)
        line.close()

    def _settle(self, line: "_Line", events: list[Sent], chance: random.Random) -> None:
        """Send until it is answered; what breaks off is sent again with the same ids."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            if chance.random() < self._manner.cut:
                line.send_and_cut([sent.body for sent in events])
                self.journal.count("cut by us")
                continue
            try:
                status, answer = line.post([sent.body for sent in events])
            except (OSError, http.client.HTTPException, ValueError):
                self.journal.count("broken off")
                for sent in events:
                    sent.unknown += 1
                time.sleep(0.05)
                continue
            self.journal.count(_name(status, answer))
            if status < (300 if self._manner.stubborn else 500):
                return self._take(events, status, answer)
            for sent in events:
                sent.unknown += 1
            time.sleep(0.02)
        return None

    def _take(self, events: list[Sent], status: int, answer: Any) -> None:
        rows = answer if isinstance(answer, list) else [{"status": status, **answer}] * len(events)
        for sent, row in zip(events, rows, strict=True):
            if row["status"] in (200, 201):
                leaf = b64decode(row["leaf_hash"])
                sent.told.add((row["index"], leaf))
                if "proof" in row:
                    self.journal.see_receipt(leaf, row["proof"])
            else:
                sent.refused = json.dumps(row)

    def _send_altered(self, line: "_Line", sent: Sent) -> None:
        """Another event under a known id must be refused, and change nothing."""
        event = json.loads(sent.body)
        event["body"]["full_cycles"] += 1
        try:
            status, answer = line.post([json.dumps(event).encode()])
        except (OSError, http.client.HTTPException, ValueError):
            return
        self.journal.count("altered: " + _name(status, answer))
        sent.altered_accepted += status < 400

    def _new_event(self, chance: random.Random) -> Sent:
        id_ = make_uuid7(int(time.time() * 1000), os.urandom(10))
        event = {
            "id": id_,
            "type": "report_soh",
            "subjects": [chance.choice(self._scene.packs)],
            "occurred_at": "2026-06-01T08:00:00.000Z",
            "body": {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": 10, "method": "bms"},
        }
        return Sent(id_, json.dumps(event).encode())


class _Line:
    """A connection that is opened when it is needed, and again when it broke."""

    def __init__(self, scene: Scene, port: int) -> None:
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {scene.api_key}"}
        self._port = port
        self._open: http.client.HTTPConnection | None = None

    def post(self, bodies: list[bytes]) -> tuple[int, Any]:
        """Send one event or a batch; gives status and JSON. After an error the next call opens a new connection."""
        try:
            self._request(bodies)
            response = self._connection().getresponse()
            text = response.read()
            if response.will_close:
                self.close()
            return response.status, json.loads(text)
        except BaseException:
            self.close()
            raise

    def send_and_cut(self, bodies: list[bytes]) -> None:
        """Send, and reset the connection without looking at the answer."""
        try:
            self._request(bodies)
            connection = self._connection()
            if connection.sock is not None:
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except (OSError, http.client.HTTPException):
            pass
        self.close()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None

    def _request(self, bodies: list[bytes]) -> None:
        if len(bodies) == 1:
            self._connection().request("POST", "/v1/events", bodies[0], self._headers)
        else:
            body = b"[" + b",".join(bodies) + b"]"
            self._connection().request("POST", "/v1/events:batch?receipts=brief", body, self._headers)

    def _connection(self) -> http.client.HTTPConnection:
        if self._open is None:
            self._open = http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)
        return self._open


def _name(status: int, answer: Any) -> str:
    return f"{status} {answer['code']}" if isinstance(answer, dict) and "code" in answer else str(status)
