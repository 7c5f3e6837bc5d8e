"""The real server over a real socket: start, refusals below the application, concurrency, stop."""

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.server import Place, check
from ledger.entry import parse_entry
from ledger.errors import RollbackError
from ledger.receipt import parse_receipt, verify_receipt
from service.errors import SettingsError
from service.work import Register
from tests.api.town import BASE_URL, MAKER, ORIGIN, Town, pack, pin_ahead, settings_in, signed
from tests.needs import ROOT

START = """
import sys
from pathlib import Path
from api.server import Place, serve
from service.settings import read_settings
settings = read_settings({"PACKTRAIL_BASE_URL": sys.argv[3]}, data=Path(sys.argv[1]))
serve(settings, Place(port=int(sys.argv[2]), workers=2, threads=4))
"""


@dataclass(frozen=True)
class Server:
    town: Town
    port: int
    process: subprocess.Popen[bytes]

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = self.town.bearer(MAKER) | {"Content-Type": "application/json"}
        connection.request(method, path, None if body is None else orjson.dumps(body), headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, data

    def send(self, raw: bytes) -> tuple[str, bytes]:
        """The head and the body of the answer to these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while piece := connection.recv(65536):
                received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        return head.decode("latin-1"), body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(town: Town, log: Path) -> Server:
    port = free_port()
    command = [sys.executable, "-c", START, str(town.settings.data), str(port), BASE_URL]
    with log.open("wb") as stderr:
        process = subprocess.Popen(command, cwd=ROOT, stderr=stderr)
    server = Server(town, port, process)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if server.ask("GET", "/livez")[0] == 200:
                return server
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def server(founded_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    started = start(founded_town.copied(folder / "register"), folder / "log")
    yield started
    started.process.terminate()
    started.process.wait(15)


def test_two_processes_append_at_once_and_the_log_stays_dense(server: Server) -> None:
    def record(number: int) -> dict[str, Any]:
        status, _, data = server.ask("POST", "/v1/events", signed("register", pack(1000 + number)))
        assert status == 201, data
        return dict(orjson.loads(data))

    before = orjson.loads(server.ask("GET", "/readyz")[2])["checks"]["size"]
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(record, range(64)))
    indexes = sorted(receipt["index"] for receipt in receipts)
    assert indexes == list(range(before, before + 64))
    register = Register(settings_in(server.town.settings.data))
    with register.read() as reader:
        entries = list(reader.entries(0, reader.size()))
    for receipt in receipts:
        parsed = parse_receipt(receipt["proof"].encode())
        verify_receipt(parsed, entries[receipt["index"]], register.verifiers, origin=ORIGIN)
    times = [parse_entry(entry).at for entry in entries]
    assert times == sorted(times)
    register.close()


def test_the_same_event_sent_to_both_processes_at_once_is_recorded_once(server: Server) -> None:
    event = signed("register", pack(5000))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.ask("POST", "/v1/events", event), range(16)))
    assert sorted({status for status, _, _ in answers}) in ([200, 201], [200, 201, 409])
    assert [status for status, _, _ in answers].count(201) == 1
    assert len({orjson.loads(data)["index"] for status, _, data in answers if status < 300}) == 1


def test_numbers_are_summed_over_the_processes(server: Server) -> None:
    def count() -> float:
        text = server.ask("GET", "/metrics")[2].decode()
        lines = [line for line in text.splitlines() if line.startswith("packtrail_requests_total") and "/livez" in line]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    before = count()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: server.ask("GET", "/livez"), range(40)))
    assert count() == before + 40


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /livez HTTP/9.9\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /livez HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\n", 431),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", 431),
    ],
)
def test_what_is_no_http_is_refused_as_a_problem_too(server: Server, raw: bytes, status: int) -> None:
    head, body = server.send(raw)
    assert head.startswith(f"HTTP/1.1 {status} "), head
    assert "application/problem+json" in head
    members = orjson.loads(body)
    assert members["status"] == status
    assert members["type"] == f"{BASE_URL}/problems/{members['code']}"
    assert members.keys() == {"type", "title", "status", "detail", "instance", "code", "trace_id"}


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        (b"2\r\n{}\r\n0\r\n\r\n", 422),
        (b"zz\r\n{}\r\n0\r\n\r\n", 400),
        (b"5\r\n{}", 400),
        (b"900001\r\n" + b"x" * 0x900001 + b"\r\n0\r\n\r\n", 413),
    ],
)
def test_a_chunked_body_is_read_to_its_limit_and_must_be_whole(server: Server, chunks: bytes, status: int) -> None:
    authorization = f"Authorization: {server.town.bearer(MAKER)['Authorization']}\r\n".encode()
    head, body = server.send(
        b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + authorization
        + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        + chunks
    )
    assert head.startswith(f"HTTP/1.1 {status} "), body
    assert "application/problem+json" in head


def test_it_finishes_what_it_has_begun_and_stops_within_ten_seconds(town: Town, tmp_path: Path) -> None:
    server = start(town, tmp_path / "log")
    events = [signed("register", pack(7000 + n)) for n in range(400)]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(server.ask, "POST", "/v1/events:batch?receipts=brief", events)
        time.sleep(0.05)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        status, _, data = running.result(timeout=15)
    assert server.process.wait(timeout=15) == 0
    assert time.monotonic() - began < 10
    assert (status, len(orjson.loads(data))) == (200, 400)
    with pytest.raises(OSError):
        server.ask("GET", "/livez")
    Register(settings_in(town.settings.data)).close()


def test_an_old_copy_of_the_database_is_not_served(town: Town) -> None:
    pin_ahead(town.settings)
    with pytest.raises(RollbackError, match="old copy"):
        check(town.settings)


def test_a_folder_without_a_register_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="packtrail init"):
        check(settings_in(tmp_path))


def test_an_ipv6_address_is_bound_in_brackets() -> None:
    assert Place(host="::1", port=80).bind == "[::1]:80"
    assert Place(host="0.0.0.0", port=80).bind == "0.0.0.0:80"
