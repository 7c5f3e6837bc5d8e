"""Registers behind one address: the real application over a real socket, or a history that its owner forged."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.note import Signer
from ledger.tile import RightEdge, encode_bundle, format_bundle_path, format_tile_path, tile_width, tiles_for
from ledger.tree import HASH_SIZE, hash_leaf
from service.operators import CustodialEvent, admit_custodial
from service.recording.mapping import commit_map
from service.recording.recorder import Recorded, Recorder
from service.work import Register
from tests.api.town import MAKER, Town, pack, told
from tests.applications import app_on

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Silent(WSGIRequestHandler):
    def log_request(self, *_arguments: Any) -> None:
        """Say nothing."""


@dataclass
class Address:
    """One address; `application` answers there, and may be another one later. `asked` are the paths of requests."""

    application: Application
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self.asked.append(environ["PATH_INFO"].removeprefix("/log/"))
        return self.application(environ, start)


@contextmanager
def served(application: Application) -> Iterator[Address]:
    """Serve for as long as the block lasts."""
    address = Address(application)
    server = make_server("127.0.0.1", 0, address, threaded=True, request_handler=Silent)
    address.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class OpenRegister:
    """A town's register, to be recorded in and served."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.register = Register(town.settings)
        self.recorder = Recorder(self.register)

    @cached_property
    def _flask(self) -> Flask:
        return app_on(self.register, self.recorder)

    def application(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        return self._flask(environ, start)

    def close(self) -> None:
        self.register.close()

    def grow(self, numbers: Iterable[int]) -> None:
        """Register the packs of these numbers."""
        events = [
            admit_custodial(self.register, MAKER, CustodialEvent(told("register", pack(number)), {}))
            for number in numbers
        ]
        outcomes = self.recorder.record(events)
        assert all(isinstance(outcome, Recorded) for outcome in outcomes), outcomes[0]

    def map(self) -> None:
        assert commit_map(self.register)

    def size(self) -> int:
        with self.register.read() as reader:
            return reader.size()

    def entries(self) -> list[bytes]:
        with self.register.read() as reader:
            return list(reader.entries(0, reader.size()))

    def signers(self) -> Sequence[Signer]:
        return self.register.signers

    def vkeys(self, folder: Path) -> Path:
        file = folder / "vkeys"
        file.write_text("".join(f"{signer.vkey}\n" for signer in self.signers()))
        return file


def forged(entries: Sequence[bytes], origin: str, signers: Sequence[Signer]) -> dict[str, bytes]:
    """What a register would serve of these entries if its owner signed them, whatever they are: bytes by path."""
    leaves = [hash_leaf(entry) for entry in entries]
    edge = RightEdge()
    tiles = edge.extend(leaves)
    size = len(entries)
    paths = {}
    for tile in tiles_for(size):
        paths[format_tile_path(tile)] = tiles[tile.level, tile.index][: tile.width * HASH_SIZE]
    for index in range(-(-size // 256)):
        width = tile_width(0, index, size)
        paths[format_bundle_path(index, width)] = encode_bundle(entries[index * 256 : index * 256 + width])
    paths["checkpoint"] = sign_checkpoint(Checkpoint(origin, size, edge.root()), signers)
    return paths


def serving(paths: dict[str, bytes]) -> Application:
    """Serves these bytes, to anybody."""

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = paths.get(environ["PATH_INFO"].removeprefix("/log/"))
        start("200 OK" if body is not None else "404 Not Found", [("Content-Length", str(len(body or b"")))])
        return [body or b""]

    return application


def replaced(application: Application, path: str, change: Callable[[bytes], bytes]) -> Application:
    """The application, except that one answer is changed on its way."""

    def changed(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != f"/log/{path}":
            return application(environ, start)
        body = change(b"".join(application(environ, lambda *_: None)))
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return changed
