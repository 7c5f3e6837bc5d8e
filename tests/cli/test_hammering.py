"""packtrail hammer: what it finds right in a true register, and wrong in one that lies."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3

from service import access
from service.work import Register
from tests.cli.conftest import call
from tests.scene import Scene, Server, running_server, set_scene


class Anvil:
    """A served register, and the keys to hammer it with."""

    def __init__(self, scene: Scene, server: Server, auditor: str) -> None:
        self.scene, self.server, self.auditor = scene, server, auditor
        self.address = f"http://127.0.0.1:{server.port}"
        self.vkeys = scene.settings.data / "vkeys"


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    scene = set_scene(tmp_path_factory.mktemp("anvil") / "var", packs=270)
    register = Register(scene.settings)
    with register.write_beside() as connection:
        auditor = access.make_api_key(connection, "authority", now=register.clock(), scopes=access.SCOPES)
    (scene.settings.data / "vkeys").write_text("".join(f"{signer.vkey}\n" for signer in register.signers))
    register.close()
    with running_server(scene, workers=1) as server:
        yield Anvil(scene, server, auditor)


def hammer(address: str, anvil: Anvil, *options: str) -> tuple[int, dict[str, Any], str]:
    given = ["--api-key", anvil.scene.api_key, "--key", str(anvil.vkeys), "--json", "--writers", "2", *options]
    result = call("hammer", address, *given)
    return result.exit_code, json.loads(result.stdout or "{}"), result.stderr


def test_all_answers_of_a_true_register_are_right(anvil: Anvil) -> None:
    code, told, talk = hammer(anvil.address, anvil, "--events", "30", "--auditor-key", anvil.auditor)
    assert (code, told["ok"], told["wrong"]) == (0, True, 0), talk
    counts = told["counts"]
    assert counts["acknowledged events found in the log"] == counts["receipts verified"] == 32  # and two models
    assert counts["entries"] > 0
    assert counts["entries proven"] > 0
    assert told["size"] >= 300
    assert set(told["latencies_ms"]) >= {"checkpoint", "tile", "read entry", "write report_soh"}


def test_who_may_not_record_is_told_so(anvil: Anvil) -> None:
    assert call("hammer", anvil.address, "--api-key", "pt_nonsense").exit_code == 4
    assert call("hammer", "http://127.0.0.1:1", "--seconds", "1").exit_code == 3
    assert call("hammer", "nonsense").exit_code == 2


def test_without_an_api_key_nothing_is_written(anvil: Anvil) -> None:
    result = call("hammer", anvil.address, "--seconds", "0.5", "--json")
    assert result.exit_code == 0
    assert "taken on trust" in result.stderr
    told = json.loads(result.stdout)
    assert [kind for kind in told["counts"] if kind.startswith("write")] == []
    assert told["counts"]["entries proven"] > 0


Lie = Callable[[str, str, bytes], bytes | None]
"""Method, path and true body; gives the body that is sent on, or None to cut the connection instead."""


@contextmanager
def lying_proxy(anvil: Anvil, lie: Lie) -> Iterator[str]:
    """A man in the middle that passes everything on and changes some answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
            request = urllib.request.Request(
                anvil.address + self.path, self.rfile.read(length) or None, headers, method=self.command
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                body = lie(self.command, self.path, answer.read())
            if body is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}"
        finally:
            proxy.shutdown()
            thread.join()


def flip(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def a_tile_with_another_hash(_: str, path: str, body: bytes) -> bytes:
    return flip(body, 100) if path.startswith("/log/tile/0/000") else body


def a_checkpoint_with_another_root(_: str, path: str, body: bytes) -> bytes:
    return body.replace(b"\n", b"\nA", 2) if path == "/log/checkpoint" else body


def a_receipt_for_another_event(method: str, _: str, body: bytes) -> bytes:
    return body.replace(b'"occurred_at":"2026', b'"occurred_at":"2025') if method == "POST" else body


def an_entry_with_another_hash(method: str, path: str, body: bytes) -> bytes:
    if method == "GET" and path.startswith("/v1/entries/"):
        answer = json.loads(body)
        return json.dumps(answer | {"leaf_hash": "A" * 43 + "="}).encode()
    return body


def an_entry_with_another_proof(method: str, path: str, body: bytes) -> bytes:
    if method == "GET" and path.startswith("/v1/entries/"):
        answer = json.loads(body)
        head, _, rest = answer["proof"].partition("\nindex ")
        index, _, hashes = rest.partition("\n")
        return json.dumps(answer | {"proof": f"{head}\nindex {index}\n{'A' * 43}={hashes[44:]}"}).encode()
    return body


def a_bundle_with_another_entry(_: str, path: str, body: bytes) -> bytes:
    return flip(body, 300) if path.startswith("/log/tile/entries/") else body


LIES: list[Lie] = [
    a_tile_with_another_hash,
    a_checkpoint_with_another_root,
    a_receipt_for_another_event,
    an_entry_with_another_hash,
    an_entry_with_another_proof,
    a_bundle_with_another_entry,
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_on_the_way_is_found(anvil: Anvil, lie: Lie) -> None:
    with lying_proxy(anvil, lie) as address:
        code, told, talk = hammer(address, anvil, "--seconds", "0.5", "--auditor-key", anvil.auditor)
    assert code == 1, talk
    assert told["wrong"] >= 1
    assert "wrong: " in talk


def test_an_event_that_was_acknowledged_and_thrown_away_is_missed(anvil: Anvil) -> None:
    """The same answer for two events: who sends the second one finds the first one in it."""
    first: list[bytes] = []

    def forgetful(method: str, _: str, body: bytes) -> bytes:
        if method == "POST":
            first.append(body)
            return first[0]
        return body

    with lying_proxy(anvil, forgetful) as address:
        code, _, talk = hammer(address, anvil, "--events", "4")
    assert code == 1
    assert "another event than was sent" in talk


def test_an_answer_that_got_lost_is_asked_for_again_and_the_event_is_there_once(anvil: Anvil) -> None:
    cut: list[str] = []

    def loses_every_other_receipt(method: str, path: str, body: bytes) -> bytes | None:
        if method == "POST" and b'"type":"publish_model"' not in body:
            cut.append(path)
            return None if len(cut) % 2 else body
        return body

    with lying_proxy(anvil, loses_every_other_receipt) as address:
        code, told, talk = hammer(address, anvil, "--events", "10")
    assert code == 0, talk
    assert told["counts"]["broken off"] >= 5
    assert told["counts"]["acknowledged events found in the log"] == 12


def test_a_changed_row_of_the_database_is_found(anvil: Anvil) -> None:
    """Last, since it stays wrong."""
    change_a_tile(anvil.scene.settings.data / "register.db")
    code, told, talk = hammer(anvil.address, anvil, "--seconds", "1")
    assert code == 1
    assert told["ok"] is False
    assert "do not make up the root" in talk


def change_a_tile(file: Path) -> None:
    """One bit of one hash, as somebody with the database in their hands would."""
    with closing(sqlite3.connect(str(file), timeout=10)) as connection, connection:
        guards = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'tile'")
        for (name,) in guards.fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        (hashes,) = connection.execute("SELECT hashes FROM tile WHERE level = 0 AND idx = 0").fetchone()
        query = "UPDATE tile SET hashes = ? WHERE level = 0 AND idx = 0"
        assert connection.execute(query, (flip(hashes, 4000),)).rowcount == 1
