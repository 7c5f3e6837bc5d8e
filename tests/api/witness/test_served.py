"""A witness as the network has it: real processes, real HTTP, and processes that die."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.notes.checkpoint import open_checkpoint
from ledger.notes.note import Ed25519Signer, parse_vkey, split_note, verify_signatures
from ledger.notes.witness import MAX_REQUEST, origin_hash, parse_cosignatures
from service.witness.keys import open_keys
from service.witness.logs import add_log
from service.witness.store import WitnessStore
from tests.needs import ROOT
from tests.scene import free_port, wait_for
from tests.service.witness.logs import GrowingLog

LOG, OTHER = GrowingLog("log.test", 40, mldsa=True), GrowingLog("log.test", 40, branch=1, forked=5)
RACE = GrowingLog("race.test", 150), GrowingLog("race.test", 150, branch=1, forked=5)
SMALL, LATE = GrowingLog("small.test", 5), GrowingLog("late.test", 5)


class Reply(NamedTuple):
    status: int
    content: str
    body: bytes
    headers: dict[str, str]


class Served:
    """A witness's processes, its folder and its public keys."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data, self.options, self.port = data, options, free_port()
        self.vkeys = [key.vkey for key in open_keys(data, name="witness.test")]
        store = WitnessStore(data)
        for log in (LOG, RACE[0], SMALL):
            add_log(store, log.vkeys)
        store.close()
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "api.cli", "witness", "serve", "--data", str(self.data)]
        command += ["--port", str(self.port), *self.options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_for(self.port)

    def kill(self) -> None:
        """Kill -9, all processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def ask(self, method: str, path: str, body: bytes | None = None) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body)
            found = connection.getresponse()
            return Reply(found.status, found.headers["Content-Type"], found.read(), dict(found.headers))
        finally:
            connection.close()

    def add(self, body: bytes) -> Reply:
        return self.ask("POST", "/add-checkpoint", body)

    def newest(self, log: GrowingLog) -> tuple[int, bytes]:
        """Size and root of the checkpoint it shows, every signature checked."""
        reply = self.ask("GET", f"/{origin_hash(log.origin)}/checkpoint")
        keys = [parse_vkey(vkey) for vkey in (*log.vkeys, *self.vkeys)]
        shown = open_checkpoint(reply.body, keys, origin=log.origin)
        return shown.size, shown.root


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One witness for all tests but the one that kills it; each test has its own log."""
    witness = Served(tmp_path_factory.mktemp("served") / "witness")
    yield witness
    assert witness.stop() == 0


def test_a_conversation_with_every_answer_of_the_specification(served: Served) -> None:
    stranger = GrowingLog("stranger.test", 3)
    assert served.add(stranger.step(0, 3)).status == 404
    stranger.origin, stranger.signers = LOG.origin, [Ed25519Signer(LOG.origin, b"x" * 32)]
    assert served.add(stranger.step(0, 3)).status == 403
    assert served.add(b"old 0\n" + LOG.note(3)).status == 400
    assert served.add(LOG.step(3, 3).replace(b"old 3\n", b"old 4\n")).status == 400

    conflict = served.add(LOG.step(2, 3))
    assert (conflict.status, conflict.content, conflict.body) == (409, "text/x.tlog.size", b"0\n")
    assert served.ask("GET", f"/{origin_hash(LOG.origin)}/checkpoint").status == 404

    for path, old, new in (("/add-checkpoint", 0, 7), ("/witness/add-checkpoint", 7, 20), ("/add-checkpoint", 20, 20)):
        reply = served.ask("POST", path, LOG.step(old, new))
        assert reply.status == 200
        made = tuple(parse_cosignatures(reply.body))
        checked = verify_signatures(split_note(LOG.note(new))[0], made, map(parse_vkey, served.vkeys))
        assert len(checked.verified) == len(made) == 2

    conflict = served.add(LOG.step(7, 30))
    assert (conflict.status, conflict.content, conflict.body) == (409, "text/x.tlog.size", b"20\n")
    assert served.add(OTHER.step(20, 30)).status == 422
    assert served.add(OTHER.step(20, 20)).status == 422
    assert served.add(LOG.step(20, 30).replace(b"old 20\n", b"old 20\n" + b"A" * 43 + b"=\n")).status == 422
    assert served.newest(LOG) == (20, LOG.head(20).root)
    assert served.ask("GET", f"/witness/{origin_hash(LOG.origin)}/checkpoint").status == 200


def test_other_addresses_methods_and_sizes_are_refused_and_the_keys_are_shown(served: Served) -> None:
    assert served.ask("GET", "/").body.decode().splitlines() == served.vkeys
    assert served.ask("GET", "/nothing").status == 404
    assert served.ask("GET", f"/{'0' * 64}/checkpoint").status == 404
    assert served.ask("GET", "/ABC/checkpoint").status == 404
    wrong = served.ask("GET", "/add-checkpoint")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")
    assert served.ask("DELETE", "/").status == 405
    assert served.ask("HEAD", "/livez").body == b""
    assert served.add(b"").status == 400
    assert served.add(b"\xff" * 1000).status == 400
    assert served.add(b"old 0\n\n" + b"x" * MAX_REQUEST).status == 413
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as plain:
        plain.sendall(b"nonsense\r\n\r\n")
        assert plain.recv(100).startswith(b"HTTP/1.1 400")
    assert served.add(SMALL.step(0, 5)).status == 200


def test_a_log_is_known_while_the_witness_runs(served: Served) -> None:
    assert served.add(LATE.step(0, 5)).status == 404
    command = [sys.executable, "-m", "api.cli", "witness", "add-log", "--data", str(served.data), *LATE.vkeys]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "late.test\n"
    assert served.add(LATE.step(0, 5)).status == 200


IMPATIENT = """
import sys
from pathlib import Path
import api.witness.app, api.witness.server
from service.witness.keys import open_keys
api.witness.app.BODY_SECONDS = api.witness.server.HEADER_SECONDS = 0.5
data = Path(sys.argv[1])
api.witness.server.serve_witness(data, open_keys(data, name="w.test"), bind=f"127.0.0.1:{sys.argv[2]}", workers=1)
"""


def test_a_request_that_never_ends_is_cut_off(tmp_path: Path) -> None:
    """With shorter patience than in life, so that the test need not wait as long."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", IMPATIENT, str(tmp_path), str(port)], cwd=ROOT)
    try:
        wait_for(port)
        head = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 100\r\n\r\n"
        for begun, answer in ((b"", b""), (head[:20], b""), (head + b"old 0", b"HTTP/1.1 408")):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
                slow.sendall(begun)
                assert slow.recv(12) == answer
    finally:
        process.terminate()
        process.wait(20)


class Pushers:
    """Threads that push two histories of one origin at a witness, each on a connection of its own."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.cosigned: dict[int, set[bytes]] = defaultdict(set)
        self._guard = threading.Lock()
        self._threads = [threading.Thread(target=self._push, args=(RACE[n % 2],)) for n in range(8)]

    def __enter__(self) -> "Pushers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int) -> None:
        """Until so many sizes are cosigned, or all is over."""
        while len(self.cosigned) < count and any(thread.is_alive() for thread in self._threads):
            self._threads[0].join(0.02)

    def _push(self, log: GrowingLog) -> None:
        connection, size, turned_away = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=20), 0, 0
        try:
            while size < 149 and turned_away < 60:
                connection.request("POST", "/add-checkpoint", log.step(size, size + 1))
                reply = connection.getresponse()
                body = reply.read()
                if reply.status == 200:
                    size += 1
                    text = split_note(log.note(size))[0]
                    verify_signatures(text, tuple(parse_cosignatures(body)), map(parse_vkey, self.served.vkeys))
                    with self._guard:
                        self.cosigned[size].add(log.head(size).root)
                elif reply.status == 409:
                    size = int(body)
                else:
                    assert reply.status == 422
                    turned_away += 1
        except (OSError, http.client.HTTPException):  # the witness was killed
            pass
        finally:
            connection.close()


def test_of_two_histories_pushed_at_several_processes_only_one_is_ever_cosigned(served: Served) -> None:
    with Pushers(served) as pushers:
        pass
    assert max(pushers.cosigned) == 149
    assert [size for size, roots in pushers.cosigned.items() if len(roots) != 1] == []
    assert served.newest(RACE[0])[0] == 149


def test_a_witness_that_is_killed_forgets_nothing_it_has_answered(tmp_path: Path) -> None:
    witness = Served(tmp_path / "witness", "--keys", "ed25519")
    made = parse_cosignatures(witness.add(SMALL.step(0, 5)).body)
    assert [each.key_id for each in made] == [parse_vkey(witness.vkeys[0]).key_id]  # with the keys it was told to use
    cosigned: dict[int, set[bytes]] = defaultdict(set)
    for count in (10, 30):
        with Pushers(witness) as pushers:
            pushers.wait_for(count)
            witness.kill()
        assert len(pushers.cosigned) >= count
        for size, roots in pushers.cosigned.items():
            cosigned[size] |= roots
        witness.start()
        size, root = witness.newest(RACE[0])
        assert size >= max(cosigned)
        # What it shows is of the one history it cosigned, and goes on from there.
        history = next(log for log in RACE if log.head(size).root == root)
        assert {each: {history.head(each).root} for each in cosigned} == cosigned
    assert witness.stop() == 0
