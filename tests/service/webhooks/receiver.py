"""A receiver of webhooks on this machine, which behaves as it is told, and what tests need to deliver to it."""

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from service.webhooks.addresses import Reach
from service.webhooks.delivering import Deliverer
from service.webhooks.sending import Network
from service.webhooks.subscriptions import Wanted, Webhook, add_webhook, load_webhook, make_secret
from tests.service.town import Town

TRIAL = Reach(private=True)
"""Reaches receivers on this machine."""
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Act = Callable[[socket.socket], bool]
"""What a receiver does once it has a request; tells whether it goes on to read from the connection."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request that came in whole."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent in it."""
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    @property
    def index(self) -> int:
        return int(self.event["sequence"])


def answer(data: bytes = OK, *, then: bool = True) -> Act:
    """Answer with these bytes."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(data)
        return then

    return act


def status(code: int) -> Act:
    return answer(f"HTTP/1.1 {code} So\r\nContent-Length: 0\r\n\r\n".encode())


def hang_up(connection: socket.socket) -> bool:
    """Reset the connection without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    return False


@dataclass
class Receiver:
    """Listens on a port of its own. `acts` are done for the next requests; None, and all after them: accepted."""

    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    acts: deque[Act | None] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    """Indexes of the entries that it answered with 200, in order."""
    connections: int = 0
    names: list[str] = field(default_factory=list)
    """What clients called it by when they began TLS."""

    def __post_init__(self) -> None:
        self._listener = socket.create_server((self.host, 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        if self.tls is not None:
            self.tls.sni_callback = lambda _socket, name, _context: self.names.append(name)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/hook?of=town"

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _attend(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError):  # ValueError: what came in is no HTTP
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as stream:
                while request := _read(stream):
                    act = self.acts.popleft() if self.acts else None
                    self.received.append(request)
                    if act is not None:
                        if not act(connection):
                            return
                        continue
                    if "sequence" in request.event:
                        self.accepted.append(request.index)
                    connection.sendall(OK)


def _read(stream: Any) -> Received | None:
    line = stream.readline()
    if not line:
        return None
    headers: dict[str, str] = {}
    while (text := stream.readline().decode()) not in ("\r\n", ""):
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    return Received(line.decode().strip(), headers, stream.read(int(headers["content-length"])))


@contextmanager
def receiving(**more: Any) -> Iterator[Receiver]:
    """A receiver, gone afterwards."""
    made = Receiver(**more)
    try:
        yield made
    finally:
        made.close()


def subscribe(town: Town, receiver: Receiver, operator: str = "cq-cells", **wanted: Any) -> tuple[Webhook, str]:
    """A webhook of `operator` that leads to `receiver`, and its secret."""
    with town.register.write_beside() as connection:
        hook = add_webhook(connection, operator, Wanted(receiver.url, **wanted), reach=TRIAL, now=town.clock.now)
        secret = make_secret(connection, town.register.vault, hook.id, now=town.clock.now)
    return hook, secret


def reload(town: Town, hook: Webhook) -> Webhook:
    with town.register.read() as reader:
        return load_webhook(reader.connection, hook.id)


@contextmanager
def delivering(town: Town, *, seconds: float = 2.0, **network: Any) -> Iterator[Deliverer]:
    """A deliverer whose rounds the test makes, ended as a process ends that is told to."""
    made = Deliverer(town.register, Network(TRIAL, seconds=seconds, **network), "test")
    try:
        yield made
    finally:
        made.close()


def rounds(deliverer: Deliverer, is_so: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Go round until it is so."""
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up
        deliverer.round()
        time.sleep(0.005)
