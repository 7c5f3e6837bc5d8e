"""docs/tour-ledger.md, run as it stands: a register, two witnesses, and what an insider cannot hide."""

import os
import signal
import sys
from pathlib import Path

from tests.journeys.console import Shell, commands_of, fits
from tests.needs import ROOT
from tests.scene import free_port

TOUR = ROOT / "docs" / "tour-ledger.md"
PORTS = ("PORT", "CITY", "CARS", "FORK")


def test_the_tour_of_the_ledger_goes_as_written(tmp_path: Path) -> None:
    environment = {name: str(free_port()) for name in PORTS}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    shell = Shell(tmp_path, environment)
    try:
        wrong = []
        for command in commands_of(TOUR):
            printed = shell.run(command.text)
            if not fits(command.expected, printed):
                wrong.append(f"$ {command.text}\npromised:\n{command.expected}\nprinted:\n{printed}")
    finally:
        shell.close()
        _end_servers(tmp_path)
    assert not wrong, "\n\n".join(wrong)


def _end_servers(folder: Path) -> None:
    """Those that the page did not come to end itself."""
    for file in folder.glob("*.pid"):
        try:
            os.kill(int(file.read_text()), signal.SIGTERM)
        except (ProcessLookupError, ValueError):
            continue
