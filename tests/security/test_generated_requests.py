"""Requests that a program invents from the description, sent to the real server as each of the six roles.

`PACKTRAIL_CASES=20000` makes about as many requests in all; `make security` does. The suite makes a few per operation,
as three of the roles.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.test_server import Server, start
from tests.api.town import Town
from tests.security.roles import WHO, headers_of, peopled

CASES = int(os.environ.get("PACKTRAIL_CASES", "0"))
FEW = ("public", "maker", "authority")
"""Nobody, somebody with batteries, and somebody who may do nearly everything: the suite's share of the six."""
CONFIGURATION = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429]

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 304, 400, 401, 403, 404, 406, 409, 413, 414, 422, 429, 501]

[[operations]]
include-path = "/v1/events:batch"
checks.negative_data_rejection.enabled = false

[[operations]]
include-path = "/v1/dpps/{dpp_id}/elements/{element_path}"
checks.allow_header_conformance.enabled = false
checks.unsupported_method.enabled = false
"""
"""How a request may be refused. 414: what is too long for its field can be too long for the address. What has the right
form may be refused for what is recorded. A batch refuses line by line inside an answer of 200. Decoded, the path
of an element could be an id with slashes in it, so what an id takes is listed for it too. All other checks are on."""


@pytest.fixture(scope="module")
def server(founded_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    started = start(peopled(founded_town, folder / "register"), folder / "log")
    yield started
    started.process.terminate()
    started.process.wait(15)
    assert '"event":"failed"' not in (folder / "log").read_text()


@pytest.mark.slow
@pytest.mark.timeout(7200 if CASES else 300)
@pytest.mark.parametrize("role", WHO if CASES else FEW)
def test_no_invented_request_gets_an_answer_that_is_not_described(server: Server, tmp_path: Path, role: str) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    address = f"http://127.0.0.1:{server.port}"
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/v1/openapi.json", "--url", address]
    for name, value in headers_of(server.town, role).items():
        command += ["--header", f"{name}: {value}"]
    limits = ["--max-examples", str(max(1, CASES // 480)), "--suppress-health-check", "all", "--warnings", "off"]
    phases = "examples,coverage,fuzzing,stateful" if CASES else "examples,fuzzing,stateful"
    run = subprocess.run(
        [*command, *limits, "--phases", phases, "--no-color"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    print(role, run.stdout[run.stdout.find("SUMMARY") :])
    assert run.returncode == 0, run.stdout[-12000:]
