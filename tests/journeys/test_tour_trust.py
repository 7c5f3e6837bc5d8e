"""docs/tour-trust.md, run as it stands: each role does what it may, and is told where it may not."""

import os
import signal
import sys
from pathlib import Path

from tests.journeys.console import Shell, commands_of, fits
from tests.needs import ROOT
from tests.scene import free_port


def test_the_tour_of_trust_goes_as_written(tmp_path: Path) -> None:
    environment = {"PORT": str(free_port()), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    shell = Shell(tmp_path, environment)
    try:
        wrong = []
        for command in commands_of(ROOT / "docs" / "tour-trust.md"):
            printed = shell.run(command.text)
            if not fits(command.expected, printed):
                wrong.append(f"$ {command.text}\npromised:\n{command.expected}\nprinted:\n{printed}")
    finally:
        shell.close()
        server = tmp_path / "register.pid"
        if wrong and server.exists():
            os.kill(int(server.read_text()), signal.SIGTERM)
    assert not wrong, "\n\n".join(wrong)
