"""docs/tour.md, run as it stands."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.console import Shell, commands_of, fits
from tests.needs import ROOT
from tests.scene import free_port, wait_for

TOUR = ROOT / "docs" / "tour.md"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    port = free_port()
    scripts = Path(sys.executable).parent
    return {
        "PORT": str(port),
        "DATA": str(tmp_path / "var"),
        "PACKTRAIL_DATA": str(tmp_path / "var"),
        "PACKTRAIL_MAP_SECONDS": "3600",  # the page numbers its entries; on a slow machine a map would come between
        "PACKTRAIL_BASE_URL": f"http://127.0.0.1:{port}",
        "PATH": f"{scripts}:{os.environ['PATH']}",
    }


@pytest.fixture
def server(environment: dict[str, str]) -> Iterator[None]:
    """The page's first command, in a process group of its own."""
    [start] = [command.text for command in commands_of(TOUR) if command.kind == "server"]
    process = subprocess.Popen(
        start, shell=True, cwd=ROOT, env=os.environ | environment, start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(int(environment["PORT"]))
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def test_the_tour_goes_as_written(
    environment: dict[str, str], server: None, tmp_path: Path, whole_chromium: str
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    if shutil.which("chromium") is None:
        (scratch / "chromium").symlink_to(whole_chromium)
        environment["PATH"] = f"{scratch}:{environment['PATH']}"
    shell = Shell(scratch, environment)
    try:
        wrong = []
        for command in commands_of(TOUR):
            if command.kind == "server":
                continue
            printed = shell.run(command.text)
            if not fits(command.expected, printed):
                wrong.append(f"$ {command.text}\npromised:\n{command.expected}\nprinted:\n{printed}")
    finally:
        shell.close()
    assert not wrong, "\n\n".join(wrong)
