"""Bars on a terminal: they stand on stderr, tell how much is done, and leave nothing behind."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import ROOT

BARS = {"export": "exporting", "rebuild": "rebuilding", "verify": "chains"}
COUNTED = re.compile(r"(\d+)/(\d+)")
SHOWN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""Colours and movements."""
WIPED = "\x1b[2K"


def on_a_terminal(*arguments: str | Path) -> tuple[bytes, str]:
    """What a command prints on stdout, and what it shows on a terminal that is its stderr."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    command = [sys.executable, "-m", "api.cli", *map(str, arguments)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while some := os.read(ours, 65536):
            shown += some
    except OSError:  # how Linux says that the other end of a terminal is closed
        pass
    os.close(ours)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0, shown.decode()
    return printed, shown.decode()


@pytest.mark.parametrize("command", BARS)
def test_on_a_terminal_a_bar_says_how_far_the_work_is(own: Path, tmp_path: Path, command: str) -> None:
    out = ("--out", tmp_path / "register.ndjson") if command == "export" else ()
    printed, shown = on_a_terminal(command, "--data", own, *out, "--json")
    bar = BARS[command]
    counted = [(int(done), int(total)) for done, total in COUNTED.findall(SHOWN.sub("", shown))]
    assert bar in shown and counted, shown
    assert all(done <= total for done, total in counted)
    assert max(done for done, _ in counted) == max(total for _, total in counted) > 0, "up to the end"
    assert shown.rpartition(bar)[2].count(WIPED), "nothing is left of it"
    assert json.loads(printed), "the data are data and nothing else"
