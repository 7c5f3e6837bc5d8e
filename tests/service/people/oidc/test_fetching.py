"""Answers of a provider that means no good: too long, too slow, elsewhere, or no JSON."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from service.people.oidc import fetching
from service.people.oidc.errors import SingleSignOnError
from service.people.oidc.fetching import fetch_json

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """An address where every request is answered so, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(status: int, body: bytes, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        send(200, b"{"),
        send(200, b"[]"),
        send(200, b"<html>"),
        send(200, b"\xff\xfe"),
        send(200, b"[" * 100_000),
        send(200, b'{"a": "' + b"x" * fetching.MAX_ANSWER + b'"}'),
        send(404, b"{}"),
        send(500, b"{}"),
    ],
)
def test_what_is_no_json_object_of_reasonable_size_is_an_error(answer: Answer) -> None:
    with serving(answer) as (address, _), pytest.raises(SingleSignOnError):
        fetch_json(address)


def test_a_redirect_is_not_followed() -> None:
    with (
        serving(send(200, b"{}")) as (elsewhere, asked),
        serving(send(302, b"", Location=elsewhere)) as (address, _),
        pytest.raises(SingleSignOnError),
    ):
        fetch_json(address)
    assert asked == []


def test_who_sends_a_byte_now_and_then_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    def swallow(handler: BaseHTTPRequestHandler) -> None:
        try:
            drip(handler)
        except OSError:
            stop.set()

    with serving(swallow) as (address, _):
        with pytest.raises(SingleSignOnError):
            fetch_json(address)
        stop.set()
