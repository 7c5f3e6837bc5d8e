"""A gate before a server: lets requests through, loses answers, or is shut, as a bad network would."""

import http.client
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_HOP = {"connection", "keep-alive", "transfer-encoding"}


class Gate:
    """Where it is, and what it does. `loses`: how many of the answers to POST /v1/events never arrive, 0 to 1."""

    def __init__(self, target: int, seed: int) -> None:
        self.target = target
        self.loses = 0.0
        self.shut = False
        self.lost = 0
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self.address = ""

    def is_lost(self) -> bool:
        """Whether the present answer is lost."""
        with self._lock:
            lost = self._chance.random() < self.loses
            self.lost += lost
            return lost


@contextmanager
def gate_before(port: int, seed: int = 1) -> Iterator[Gate]:
    """A gate on a port of its own before the server on `port`."""
    gate = Gate(port, seed)

    class Handler(_Passing):
        pass

    Handler.gate = gate
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    gate.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield gate
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gate: Gate

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        gate = self.gate
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if gate.shut:
            return self._drop()
        onward = http.client.HTTPConnection("127.0.0.1", gate.target, timeout=30)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            onward.request(self.command, self.path, body or None, headers)
            answer = onward.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            return self._drop()
        finally:
            onward.close()
        if self.command == "POST" and self.path == "/v1/events" and gate.is_lost():
            return self._drop()
        with suppress(ConnectionError):  # a tab that is closed does not wait
            self._pass_on(answer, content)
        return None

    def do_POST(self) -> None:
        self.do_GET()

    def _pass_on(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {*_HOP, "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
