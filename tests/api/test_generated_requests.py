"""Requests that a program invents from the description, sent to the real server."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.test_server import start
from tests.api.town import AUTHORITY, Town

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance,unsupported_method"
)
BATCH = "/v1/events:batch"
"""Refuses line by line inside an answer of 200, so a wrong line is not a refused request."""
REFUSALS = "[checks.negative_data_rejection]\nexpected-statuses = [400, 401, 403, 404, 405, 414, 415, 422]\n"
"""How a wrong request may be refused. 414: what is too long for its field can be too long for the address."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("checks", "paths"),
    [(f"{CHECKS},negative_data_rejection", ["--exclude-path", BATCH]), (CHECKS, ["--include-path", BATCH])],
    ids=["all but batches", "batches"],
)
def test_no_invented_request_gets_an_answer_that_is_not_described(
    town: Town, tmp_path: Path, checks: str, paths: list[str]
) -> None:
    server = start(town, tmp_path / "log")
    (tmp_path / "schemathesis.toml").write_text(REFUSALS)
    address = f"http://127.0.0.1:{server.port}"
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/v1/openapi.json", "--url", address]
    options = ["--header", f"Authorization: {town.bearer(AUTHORITY)['Authorization']}", "--checks", checks, *paths]
    limits = ["--phases", "examples,fuzzing", "--max-examples", "15", "--suppress-health-check", "all", "--no-color"]
    try:
        run = subprocess.run([*command, *options, *limits], cwd=tmp_path, capture_output=True, text=True, check=False)
    finally:
        server.process.terminate()
        server.process.wait(15)
    assert run.returncode == 0, run.stdout[-8000:]
    assert '"event":"failed"' not in (tmp_path / "log").read_text()
