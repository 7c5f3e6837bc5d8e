"""Witnesses at real sockets: honest ones, and servers that answer a witness's addresses as badly as they are told."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ledger.notes.note import format_signatures
from ledger.notes.policy import Policy, parse_policy
from ledger.notes.witness import Verdict
from service.witness.cosigning import Witness
from service.witness.keys import open_keys
from service.witness.logs import add_log
from service.witness.store import WitnessStore

Behave = Callable[[BaseHTTPRequestHandler, bytes], None]


@dataclass
class Place:
    """Where it is, and what it was sent."""

    url: str
    received: list[tuple[str, bytes]] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def hostile(behave: Behave, *, port: int = 0) -> Iterator[Place]:
    """Serve for as long as the block lasts; each request is answered by `behave(handler, body)`."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            place.received.append((self.path, body))
            try:
                behave(self, body)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = answer  # noqa: N815 - the names are the library's

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", port), Handler)
    place = Place(f"http://127.0.0.1:{server.server_address[1]}/w")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()


def saying(status: int, body: bytes, **headers: str) -> Behave:
    """Always the same answer."""

    def behave(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


STATUS = {
    Verdict.COSIGN: 200,
    Verdict.UNKNOWN_LOG: 404,
    Verdict.NOT_SIGNED: 403,
    Verdict.TOO_OLD: 400,
    Verdict.CONFLICT: 409,
    Verdict.INCONSISTENT: 422,
}


class Honest:
    """A witness with keys and a memory of its own, which survives being switched off."""

    def __init__(self, folder: Path, name: str, vkeys: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._store = WitnessStore(folder)
        keys = open_keys(folder, name=name)
        self.name = name
        self.vkeys = [key.vkey for key in keys]
        self._witness = Witness(self._store, keys)
        add_log(self._store, vkeys)

    @contextmanager
    def served(self, *, port: int = 0) -> Iterator[Place]:
        with hostile(self.behave, port=port) as place:
            yield place

    def behave(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Answer as the protocol has it."""
        if handler.command == "GET":
            note = self._witness.newest(handler.path.split("/")[-2])
            saying(404 if note is None else 200, note or b"")(handler, body)
            return
        answer = self._witness.add_checkpoint(body)
        text = b"%d\n" % answer.size if answer.verdict is Verdict.CONFLICT else format_signatures(answer.cosignatures)
        saying(STATUS[answer.verdict], text)(handler, body)


def policy_text(logs: Sequence[str], witnesses: dict[str, str], needed: str) -> str:
    """A policy of one group of all witnesses, by their names and vkeys."""
    lines = [f"log {vkey}" for vkey in logs] + [f"witness {name} {vkey}" for name, vkey in witnesses.items()]
    return "\n".join([*lines, f"group enough {needed} {' '.join(witnesses)}", "quorum enough"]) + "\n"


def policy_of(logs: Sequence[str], witnesses: dict[str, str], needed: str) -> Policy:
    return parse_policy(policy_text(logs, witnesses, needed))
