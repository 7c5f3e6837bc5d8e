"""Runs the `console` blocks of a page: commands after `$ `, continued after `> `, the rest is what they print.

In the expected output `…` stands for any characters, and a line of nothing else for any lines.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```console ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "---end-of-command---"


@dataclass(frozen=True)
class Command:
    """One command of a page with the output it promises. `kind` is the word after `console`."""

    kind: str
    text: str
    expected: str


def commands_of(page: Path) -> Iterator[Command]:
    """The commands in order."""
    for kind, block in BLOCK.findall(page.read_text()):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.split("\n")
            more = [line for line in lines[1:] if line.startswith("> ")]
            text = "\n".join([lines[0], *(line[2:] for line in more)])
            yield Command(kind, text, "\n".join(lines[1 + len(more) :]))


def fits(expected: str, printed: str) -> bool:
    """Whether the output is as promised."""
    pattern = re.escape(expected.strip("\n"))
    pattern = re.sub(r"(?m)^…$", "(?:.*\n?)*?", pattern).replace("…", ".*")
    return re.fullmatch(pattern, printed.strip("\n")) is not None


class Shell:
    """One bash that keeps its variables from command to command."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        bash = shutil.which("bash")
        assert bash is not None
        self._bash = subprocess.Popen(
            [bash, "--norc", "--noprofile"],
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: str) -> str:
        """What a command prints."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{command}\necho; echo {END}\n")
        self._bash.stdin.flush()
        printed = []
        for line in self._bash.stdout:
            if line.strip() == END:
                return "".join(printed)
            printed.append(line)
        raise AssertionError(f"the shell ended in: {command}")

    def close(self) -> None:
        self._bash.kill()
        self._bash.wait()
