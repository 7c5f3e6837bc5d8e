"""The guard of a test's PostgreSQL: outlives whoever started the server, however that one dies, and cleans up.

Run as `python postgres_guard.py FOLDER` with a pipe on standard input. A line on it means the server was stopped
in order. End of file without a line means the starter is gone: the server named in FOLDER/data/postmaster.pid is
killed and FOLDER removed.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path


def process_of(folder: Path) -> int | None:
    """The process id of the server whose data stand in `folder`, or None when it does not run."""
    try:
        process = int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    # The number may have been given to another program since: only a server started on this folder is ours.
    return process if str(folder).encode() in command else None


def end(folder: Path) -> None:
    """Stop the server at once (its own children follow it), by force after three seconds."""
    for sent in (signal.SIGQUIT, signal.SIGKILL):
        for attempt in range(30):
            process = process_of(folder)
            if process is None:
                return
            if attempt == 0:
                os.kill(process, sent)
            time.sleep(0.1)


def main() -> None:
    folder = Path(sys.argv[1])
    if sys.stdin.readline():
        return
    end(folder)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
