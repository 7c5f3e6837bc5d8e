"""The lines in docs/webhooks.md that check a signature: those for Python and JavaScript are run, all are there."""

import json
import re
import shutil
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.webhooks.outcomes import RETRIES
from service.webhooks.signature import format_secret, sign
from tests.needs import ROOT, missing

TEXT = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
SECRET, OTHER = bytes(range(32)), b"\x01" * 32
BODY = '{"电池": 1}'.encode()
ID = "0198c0de-0000-7000-8000-000000000001_019de70e-cc80-7eaf-b159-5c39c81a2273"
Check = Callable[[dict[str, str], bytes], bool]
CALL = """
import { isGenuine } from "./check.mjs";
const rows = JSON.parse(process.argv[2]);
console.log(JSON.stringify(rows.map(([s, h, b]) => isGenuine(s, h, Buffer.from(b, "base64")))));
"""


def code(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return str(found)


def signed(*secrets: bytes, shift: int = 0) -> dict[str, str]:
    return sign(secrets, ID, datetime.fromtimestamp(time.time() + shift, UTC), BODY)


def cases() -> list[tuple[dict[str, str], bytes, bool]]:
    """Headers, body and whether they are genuine."""
    good = signed(SECRET)
    return [
        (good, BODY, True),
        (signed(OTHER, SECRET), BODY, True),
        (signed(SECRET, shift=-240), BODY, True),
        (signed(OTHER), BODY, False),
        (signed(SECRET, shift=-360), BODY, False),
        (signed(SECRET, shift=360), BODY, False),
        (good, BODY + b" ", False),
        (good | {"webhook-id": "x"}, BODY, False),
        (good | {"webhook-timestamp": "soon"}, BODY, False),
        (good | {"webhook-signature": good["webhook-signature"].removeprefix("v1,")}, BODY, False),
        (good | {"webhook-signature": ""}, BODY, False),
    ]


def test_the_python_lines_take_what_is_genuine_and_nothing_else() -> None:
    space: dict[str, Any] = {}
    exec(compile(code("python"), "docs/webhooks.md", "exec"), space)
    for headers, body, expected in cases():
        assert space["is_genuine"](format_secret(SECRET), headers, body) is expected, headers


def test_the_javascript_lines_take_what_is_genuine_and_nothing_else(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        missing("Node.js")
    (tmp_path / "check.mjs").write_text(code("javascript"))
    (tmp_path / "call.mjs").write_text(CALL)
    rows = [[format_secret(SECRET), headers, b64encode(body).decode()] for headers, body, _ in cases()]
    command = ["node", str(tmp_path / "call.mjs"), json.dumps(rows)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == [expected for _, _, expected in cases()]


@pytest.mark.parametrize("language", ["python", "javascript", "java", "go"])
def test_each_language_looks_at_all_that_is_signed_and_at_the_time(language: str) -> None:
    text = code(language)
    for word in ("webhook-id", "webhook-timestamp", "webhook-signature", "whsec_", "v1,"):
        assert word in text
    assert re.search(r"\b(300|5\*time\.Minute)\b", text) and re.search(r"compare_digest|[eE]qual", text)


def test_the_documented_table_of_retries_is_the_one_that_is_used() -> None:
    [row] = [line for line in TEXT.splitlines() if line.startswith("| after |")]
    units = {"s": 1, "min": 60, "h": 3600}
    told = [float(each.split()[0]) * units[each.split()[1]] for each in row.strip("| ").split(" | ")[1:]]
    assert told == [pause.total_seconds() for pause in RETRIES]
