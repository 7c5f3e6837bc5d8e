"""What the server makes of requests that no library sends: two lengths, broken chunks, slow senders, many headers.

A request that two readers could understand in two ways is refused, and the connection is closed behind it, so that
nothing that follows on it is taken for a request of somebody else.
"""

import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.test_server import Server, start
from tests.api.town import Town

HOST = b"Host: id.example.cn\r\n"
SMUGGLED = b"GET /v1/operators HTTP/1.1\r\nHost: x\r\n\r\n"
AMBIGUOUS = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxx",
    "two lengths in one": b"Content-Length: 5, 6\r\n\r\nxxxxx",
    "two equal lengths": b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "a length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded header": b"X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "a length in hexadecimal": b"Content-Length: 0x0\r\n\r\n",
    "a length in other digits": "Content-Length: ０\r\n\r\n".encode(),
    "a line ended by LF alone in a header": b"X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a NUL in a header": b"X: a\0b\r\n\r\n",
    "a CR in a header": b"X: a\rb\r\n\r\n",
    "a header without a name": b": x\r\n\r\n",
}
CHUNKS = {
    "a size that is none": b"zz\r\nxx\r\n0\r\n\r\n",
    "a negative size": b"-1\r\nxx\r\n0\r\n\r\n",
    "a size in 0x": b"0x2\r\nxx\r\n0\r\n\r\n",
    "a huge size": b"f" * 40 + b"\r\nxx\r\n0\r\n\r\n",
    "a chunk longer than it says": b"1\r\nxx\r\n0\r\n\r\n",
    "no end": b"2\r\n{}\r\n",
}


@pytest.fixture(scope="module")
def server(founded_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("raw")
    started = start(founded_town.copied(folder / "register"), folder / "log")
    yield started
    started.process.terminate()
    started.process.wait(15)


def answers_to(server: Server, raw: bytes) -> list[int]:
    """The statuses of everything that is answered to these bytes on one connection."""
    head, body = server.send(raw)
    return [int(status) for status in re.findall(r"HTTP/1\.1 ([0-9]{3}) ", head + "\r\n" + body.decode("latin-1"))]


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_request_that_can_be_read_in_two_ways_lets_nothing_slip_through_behind_it(server: Server, name: str) -> None:
    found = answers_to(server, b"POST /v1/events HTTP/1.1\r\n" + HOST + AMBIGUOUS[name] + SMUGGLED)
    assert len(found) == 1, "what came behind it was answered too"
    assert 400 <= found[0] < 500


@pytest.mark.parametrize("name", CHUNKS)
def test_a_chunked_body_that_is_wrong_is_refused_and_ends_the_connection(server: Server, name: str) -> None:
    authorization = f"Authorization: {server.town.bearer('cq-cells')['Authorization']}\r\n".encode()
    start_line = b"POST /v1/events HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    found = answers_to(server, start_line + HOST + authorization + b"\r\n" + CHUNKS[name] + SMUGGLED)
    assert found == [400]


def test_a_body_that_nobody_reads_is_no_second_request(server: Server) -> None:
    """Refused before it is read: its bytes are not taken for the next request on the connection."""
    raw = b"POST /nothing HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED
    assert len(answers_to(server, raw)) == 1


@pytest.mark.parametrize(
    ("target", "statuses"),
    [
        (b"http://evil.example/livez", {200, 400, 421}),
        (b"/v1/../livez", {404}),
        (b"/%2e%2e/livez", {404}),
        (b"/static/..%2fapp.py", {404}),
        (b"/static/%2e%2e/app.py", {404}),
        (b"/static//etc/passwd", {404}),
        (b"*", {400, 404}),
        (b"livez", {400, 404}),
        (b"/livez\x80", {400, 404}),
        (b"/b/%00", {400}),
    ],
)
def test_a_strange_target_is_answered_for_what_it_says(server: Server, target: bytes, statuses: set[int]) -> None:
    [status] = answers_to(server, b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert status in statuses


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "GETX", "get", "X" * 30])
def test_another_method_is_refused(server: Server, method: str) -> None:
    [status] = answers_to(server, f"{method} /v1/operators HTTP/1.1\r\n".encode() + HOST + b"Connection: close\r\n\r\n")
    assert status in (400, 401, 404, 405, 501)


def test_a_header_that_waits_for_leave_is_answered_once(server: Server) -> None:
    """Expect: 100-continue, and what is expected otherwise is not offered."""
    raw = (
        b"POST /v1/events HTTP/1.1\r\n"
        + HOST
        + b"Expect: 200-maybe\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    )
    assert next(status for status in answers_to(server, raw) if status != 100) >= 400


def held_up(server: Server, sent: bytes, times: int) -> float:
    """How long eight callers wait while so many connections have sent this and stay open."""
    others = []
    try:
        for _ in range(times):
            others.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            others[-1].sendall(sent)
        began = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda _: server.ask("GET", "/livez")[0], range(8))) == [200] * 8
        return time.monotonic() - began
    finally:
        for connection in others:
            connection.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"G",
        b"GET /livez HTTP/1.1\r\n" + HOST,
        b"X" * 30_000,
        b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"x\r\n\r\n",
    ],
    ids=["nothing", "a letter", "half a head", "much", "an answered request", "a refused request"],
)
def test_connections_that_stay_open_do_not_keep_others_waiting(server: Server, sent: bytes) -> None:
    """More of them than there are threads: each waits without one, before its request and after its answer."""
    assert held_up(server, sent, 60) < 1.5


def test_a_head_that_comes_in_pieces_is_read_all_the_same(server: Server) -> None:
    head = b"GET /livez HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 6000 + b"\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        for start_at in range(0, len(head), 700):
            connection.sendall(head[start_at : start_at + 700])
            time.sleep(0.005)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_long_body_right_behind_the_head_is_no_long_head(server: Server) -> None:
    head = b"POST /nothing HTTP/1.1\r\nConnection: close\r\nContent-Length: 300000\r\n" + HOST + b"\r\n"
    assert answers_to(server, head + b"x" * 300_000) == [404]


def test_several_requests_on_one_connection_are_answered_in_their_order(server: Server) -> None:
    one = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"
    last = b"GET /nothing HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert answers_to(server, one * 5 + last) == [200] * 5 + [404]
