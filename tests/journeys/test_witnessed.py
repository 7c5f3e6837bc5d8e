"""A served register and its witnesses, all as processes of their own: killed, restarted, and asked from outside."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ledger.notes.cosignature import Ed25519Cosigner
from service.witness.keys import open_keys
from service.work import Register
from tests.cli.conftest import call
from tests.needs import ROOT
from tests.scene import MODEL, Scene, Server, free_port, running_server, set_scene, wait_for
from tests.service.witnessing.places import policy_text

THIRD = Ed25519Cosigner("third.test", b"3" * 32, timestamp=0).vkey
"""The key of a witness that nobody asked."""


class WitnessProcess:
    """`packtrail witness serve`, to be killed and started again at the same address."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.port = folder, free_port()
        self.vkey = open_keys(folder, name=name)[0].vkey
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-c", "from api.cli import main; main()", "witness", "serve"]
        command += ["--data", str(self.folder), "--port", str(self.port), "--workers", "1"]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet, start_new_session=True)
        wait_for(self.port)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(20)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return set_scene(tmp_path / "register", packs=1)


@pytest.fixture
def witnesses(tmp_path: Path, scene: Scene) -> Iterator[list[WitnessProcess]]:
    """Two that know the register, and are on its roll; the policy asks for both."""
    register = Register(scene.settings)
    logs = [key.vkey for key in register.verifiers]
    register.close()
    with ExitStack() as stack:
        found = [WitnessProcess(tmp_path / name, name) for name in ("first.test", "second.test")]
        for each in found:
            assert call("witness", "add-log", "--data", each.folder, *logs).exit_code == 0
            each.start()
            stack.callback(each.end, signal.SIGKILL)
            add = ("witness", "add", each.folder.name, each.vkey, each.url, "--data", scene.settings.data)
            assert call(*add).exit_code == 0
        names = {each.folder.name: each.vkey for each in found}
        scene.settings.policy_file.write_text(policy_text(logs, names, "all"))
        yield found


def send(server: Server, scene: Scene, number: int) -> tuple[int, dict[str, object]]:
    body = {name: MODEL[name] for name in ("model_id", "mass_g", "capacity_mah", "energy_wh")}
    body |= {"made_on": "2026-01-01", "site": "hall 1"}
    event = {"type": "register", "subjects": [f"0TTPB01ABCDEFGG11{500 + number:07d}"], "body": body}
    event["occurred_at"] = "2026-01-01T08:00:00.000Z"
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/v1/events?wait=witnessed",
        json.dumps(event).encode(),
        {"Authorization": f"Bearer {scene.api_key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, json.load(answer)


def fetch(server: Server, path: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=30) as answer:
        return answer.status, answer.read()


def until_witnessed(server: Server, index: object) -> dict[str, object]:
    give_up = time.monotonic() + 60
    while True:
        status, body = fetch(server, f"/v1/entries/{index}?receipt=witnessed")
        if status == 200:
            found: dict[str, object] = json.loads(body)
            return found
        assert time.monotonic() < give_up, fetch(server, "/readyz")
        time.sleep(0.1)


def test_a_register_lives_with_its_witnesses_through_kills_and_restarts(
    scene: Scene, witnesses: list[WitnessProcess], tmp_path: Path
) -> None:
    first, second = witnesses
    address = scene.settings.data
    with running_server(scene) as server:
        _, told = send(server, scene, 1)
        assert until_witnessed(server, told["index"])["witnesses"] == ["first.test", "second.test"]
        assert b'packtrail_chore_failing{chore="witness-submission"} 0.0' in fetch(server, "/metrics")[1]

        second.end(signal.SIGKILL)
        status, told = send(server, scene, 2)
        assert (status, told["state"]) == (202, "recorded"), "recorded at once, witnessed when both are there"
        second.start()
        assert until_witnessed(server, told["index"])["state"] == "witnessed"

        server.kill_all()
        first.end()
        first.start()
        server.start()
        _, told = send(server, scene, 3)
        assert until_witnessed(server, told["index"])["state"] == "witnessed"

        keys, url = tmp_path / "vkeys", f"http://127.0.0.1:{server.port}"
        keys.write_bytes(fetch(server, "/log/vkeys")[1])
        policy = scene.settings.policy_file
        held = call("verify", url, "--key", keys, "--policy", policy)
        assert held.exit_code == 0, held.stdout
        assert "witnessed by first.test, second.test" in held.stderr
        stricter = tmp_path / "policy"
        asks_three = policy.read_text().replace("group enough", f"witness third {THIRD}\ngroup enough")
        stricter.write_text(asks_three.replace("second.test\nquorum", "second.test third\nquorum"))
        assert call("verify", url, "--policy", stricter).exit_code == 1
        listed = json.loads(call("witness", "list", "--data", address, "--json").stdout)
        assert [each["error"] for each in listed["witnesses"]] == [None, None]
