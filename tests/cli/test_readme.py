"""README.md, run as it stands on the demonstration register that is served."""

import os
import shutil
import sys
from pathlib import Path

from service.settings import read_settings
from tests.journeys.console import Shell, commands_of, fits
from tests.needs import ROOT, missing
from tests.scene import Scene, running_server


def test_the_commands_of_the_readme_do_what_it_says(own: Path, tmp_path: Path) -> None:
    if shutil.which("node") is None:
        missing("node")
    (tmp_path / "var").symlink_to(own)
    (tmp_path / "api").symlink_to(ROOT / "api")
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    commands = list(commands_of(ROOT / "README.md"))
    assert len(commands) >= 6
    with running_server(Scene(read_settings({}, data=own), "", ()), workers=1) as server:
        shell = Shell(tmp_path, environment)
        try:
            wrong = []
            for command in commands:
                printed = shell.run(command.text.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}"))
                if not fits(command.expected, printed):
                    wrong.append(f"$ {command.text}\npromised:\n{command.expected}\nprinted:\n{printed}")
        finally:
            shell.close()
    assert not wrong, "\n\n".join(wrong)
