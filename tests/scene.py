"""A register with packs whose health can be reported, and a real server in front of it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from service import access, operators
from service.founding import Founder, found_register
from service.limits.changing import store_limit
from service.limits.rows import LIMITS
from service.operators import CustodialEvent, admit_custodial
from service.recording.recorder import Recorded, Recorder
from service.settings import Settings, read_settings
from service.work import Register
from tests.needs import ROOT

MAKER = "scene-maker"
MODEL = {
    "model_id": "T-1",
    "name": "Test pack",
    "level": "pack",
    "category": "ev",
    "chemistry": "B",
    "manufacturer_code": "0TT",
    "specification": "01",
    "capacity_mah": 150_000,
    "energy_wh": 52_500,
    "voltage_mv": 350_000,
    "mass_g": 410_000,
    "composition_g": {"lithium": 7_000, "iron": 60_000},
}


@dataclass(frozen=True)
class Scene:
    """A founded register: its settings, the API key of a maker, and the codes of its packs."""

    settings: Settings
    api_key: str
    packs: tuple[str, ...]


def set_scene(folder: Path, *, packs: int, database_url: str = "") -> Scene:
    """Found a register in `folder` and register packs through the ordinary pipeline."""
    settings = read_settings({"PACKTRAIL_DATABASE_URL": database_url}, data=folder)
    found_register(settings, Founder("scene.example.cn/log", "authority", "测试主管", "Test authority", "500103"))
    register = Register(settings)
    recorder = Recorder(register)
    operators.enrol_operator(
        recorder, {"operator_id": MAKER, "name": "测试电池厂", "roles": ["maker"], "region": "500102"}
    )
    operators.make_custodial_key(recorder, MAKER)
    operators.record_as(recorder, MAKER, "publish_model", MODEL)
    codes = tuple(f"0TTPB01ABCDEFGG11{number:07d}" for number in range(1, packs + 1))
    events = [admit_custodial(register, MAKER, CustodialEvent(_registration(code), {})) for code in codes]
    refused = [outcome for outcome in recorder.record(events) if not isinstance(outcome, Recorded)]
    assert not refused, refused[0]
    with register.write_beside() as connection:
        api_key = access.make_api_key(connection, MAKER, now=register.clock())
        for name in LIMITS:  # one program here does what all of a province would
            store_limit(connection, name, (10**9, 60))
    register.close()
    return Scene(settings, api_key, codes)


def size_of(scene: Scene) -> int:
    """The number of entries in a register."""
    register = Register(scene.settings)
    with register.read() as reader:
        size = reader.size()
    register.close()
    return size


@contextmanager
def running_server(
    scene: Scene, *, workers: int = 2, under: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator["Server"]:
    """`packtrail serve` on a free port, in a process group of its own, gone afterwards."""
    server = Server(scene, workers, under=under, environment=environment)
    server.start()
    try:
        yield server
    finally:
        server.end()


class Server:
    """The server's processes, to be killed and started again."""

    def __init__(
        self, scene: Scene, workers: int, *, under: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        """`under` is the command line of a tracer, which must leave the server the process that is started.

        `environment` is added to our own, and may be changed between starts.
        """
        self.port = free_port()
        self.environment = dict(environment or {})
        self._command = [*under, sys.executable, "-c", "from api.cli import main; main()", "serve"]
        self._command += ["--data", str(scene.settings.data), "--port", str(self.port), "--workers", str(workers)]
        self._database_url = scene.settings.database_url
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        self.launch()
        wait_for(self.port)

    def launch(self) -> None:
        """Start, and wait for nothing."""
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=os.environ | {"PACKTRAIL_DATABASE_URL": self._database_url} | self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait(self, seconds: float) -> int | None:
        """The exit status when it ends within that time, else None."""
        assert self._process is not None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def workers(self) -> list[int]:
        """The processes that answer requests."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def kill_all(self) -> None:
        """SIGKILL for the whole group, the master too."""
        assert self._process is not None
        with suppress(ProcessLookupError):  # it may have killed itself
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        """Stop it, by force if need be."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(12)
        except subprocess.TimeoutExpired:
            self.kill_all()


def _registration(code: str) -> dict[str, object]:
    body = {name: MODEL[name] for name in ("model_id", "mass_g", "capacity_mah", "energy_wh")}
    body |= {"made_on": "2026-01-01", "site": "hall 1"}
    return {"type": "register", "subjects": [code], "occurred_at": "2026-01-01T08:00:00.000Z", "body": body}


def wait_for(port: int) -> None:
    """Wait until a server says on this port that it lives."""
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
