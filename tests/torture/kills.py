"""R-1 and R-2: processes killed at moments drawn by lot, and at named points."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from service.failpoints import VARIABLE
from tests.needs import ROOT
from tests.scene import Scene, Server
from tests.torture.clients import Manner
from tests.torture.journal import Journal
from tests.torture.load import fresh_scene, load_scene, under_load
from tests.torture.verdict import Verdict, require

BATCHES = Manner(threads=8, batch=100)
"""So that 200 kills meet 100,000 acknowledged events."""
MANY = 20
"""From so many kills on, events come in batches."""
SERVING = (
    "locked", "signed", "entries-written", "written", "committed", "pin-opened", "pinned", "answering",
)  # fmt: skip
"""Points that a serving register passes with every commit."""
INIT = ("init", "--origin", "torture.example.cn/log", "--name", "测试主管")
COMMANDS: dict[str, tuple[str, ...]] = {
    "secret-created": INIT,
    "keys-made": INIT,
    "tables-made": INIT,
    "tables-committed": INIT,
    "founded": INIT,
    "key-made": ("key", "add", "scene-maker"),
    "tables-cleared": ("rebuild",),
    "tables-derived": ("rebuild",),
    "export-written": ("export", "--out", "{data}/out.ndjson"),
    "export-named": ("export", "--out", "{data}/out.ndjson"),
}
"""Points on the way of a command."""


def kill_workers(kills: int, seed: int) -> Verdict:
    """SIGKILL for one worker after another, 50 to 250 ms apart, and not before some batches were answered again."""

    def fault(server: Server, chance: random.Random, journal: Journal) -> None:
        for _ in range(kills):
            _await_answers(journal, 4)
            time.sleep(chance.uniform(0.05, 0.25))
            alive = server.workers()
            if alive:
                with suppress(ProcessLookupError):  # it may have ended by itself
                    os.kill(chance.choice(alive), signal.SIGKILL)

    return under_load(fault, seed=seed, manner=_manner(kills), workers=2) + Verdict({"kills": kills})


def kill_server(kills: int, seed: int) -> Verdict:
    """SIGKILL for the whole group, master included, then a fresh start."""

    def fault(server: Server, chance: random.Random, _journal: Journal) -> None:
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 0.6))
            server.kill_all()
            server.start()

    return under_load(fault, seed=seed, manner=_manner(kills), workers=2) + Verdict({"kills": kills})


def fail_points(kills: int, seed: int) -> Verdict:
    """The whole group dies at one named point after the other, each time at another occasion."""
    points = (*SERVING, *COMMANDS)
    first = seed % len(points) if kills < len(points) else 0
    chosen = [points[(first + number * 7) % len(points)] for number in range(kills)]  # 7 and 18 have no common factor
    serving = [point for point in chosen if point in SERVING]
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        scene = fresh_scene(Path(name) / "scene")
        verdict = _servers_die(scene, serving, seed)
        for point in chosen:
            if point in COMMANDS:
                verdict += _command_dies(scene, point, Path(name) / "copy")
    return verdict


def _await_answers(journal: Journal, number: int) -> None:
    enough, give_up = _answered(journal) + number, time.monotonic() + 20
    while _answered(journal) < enough and time.monotonic() < give_up:
        time.sleep(0.01)


def _answered(journal: Journal) -> int:
    return journal.answers["200"] + journal.answers["201"]


def _manner(kills: int) -> Manner:
    return BATCHES if kills >= MANY else Manner(threads=4, pause=0.05)


def _servers_die(scene: Scene, points: Sequence[str], seed: int) -> Verdict:
    reached = 0

    def fault(server: Server, chance: random.Random, _journal: Journal) -> None:
        nonlocal reached
        for point in points:
            server.kill_all()
            server.environment[VARIABLE] = f"{point}:{chance.randint(1, 40)}"
            server.launch()
            reached += server.wait(20) == -signal.SIGKILL
            server.environment[VARIABLE] = ""
            server.start()

    verdict = load_scene(scene, fault, seed=seed, manner=Manner(threads=4, pause=0.05))
    return verdict + require({"kills": reached}, every_serving_point_was_reached=reached == len(points))


def _command_dies(scene: Scene, point: str, folder: Path) -> Verdict:
    """A command dies at the point. Run again, it succeeds, and the register verifies."""
    command = COMMANDS[point]
    if command is INIT:
        folder.mkdir()
    else:
        shutil.copytree(scene.settings.data, folder)
    try:
        died = _run(command, folder, {VARIABLE: point})
        again = _run(command, folder)
        verified = _run(("verify",), folder)
        left = [path.name for path in folder.iterdir() if path.suffix in (".part", ".tmp")]
    finally:
        shutil.rmtree(folder)
    broken = []
    if died.returncode != -signal.SIGKILL:
        broken.append(f"{command[0]} did not die at {point} but ended with {died.returncode}")
    if again.returncode and not (point == "founded" and "open already" in again.stderr):
        broken.append(f"{command[0]} after a death at {point}: {again.stderr.strip()[-200:]}")
    if verified.returncode:
        broken.append(f"verify after a death of {command[0]} at {point}: {verified.stderr.strip()[-200:]}")
    if left:
        broken.append(f"{command[0]} after a death at {point} left {left}")
    return Verdict({"kills": 1}, tuple(broken))


def _run(
    command: Sequence[str], folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command on a data folder, in a process group of its own."""
    words = [word.replace("{data}", str(folder)) for word in command]
    return subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", *words, "--data", str(folder)],
        cwd=ROOT,
        env=os.environ | {"PACKTRAIL_DATABASE_URL": ""} | (environment or {}),
        capture_output=True,
        text=True,
        timeout=120,
        start_new_session=True,
        check=False,
    )
