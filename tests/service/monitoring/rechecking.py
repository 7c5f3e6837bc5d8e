"""Whoever is handed evidence: reads its text and runs the commands that stand there, with no register left."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from click.testing import Result

from tests.cli.conftest import call

SITE = "python3 -m http.server 8000 --bind 127.0.0.1 --directory site &"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


def recheck(folder: Path) -> Result:
    """Run the commands of README.txt as they stand there; gives how the last one ended."""
    text = (folder / "README.txt").read_text("utf-8")
    commands = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    assert commands[-1].startswith("packtrail "), text
    before = Path.cwd()
    os.chdir(folder)
    try:
        if commands[0] == SITE:
            with _site() as port:
                return call(*commands[-1].replace(":8000", f":{port}").split()[1:])
        assert len(commands) == 1
        return call(*commands[0].split()[1:])
    finally:
        os.chdir(before)


@contextmanager
def _site() -> Iterator[int]:
    """What the command SITE does, on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory="site"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
