"""packtrail serve."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.cli.conftest import call
from tests.needs import ROOT


def test_without_a_register_nothing_is_served(tmp_path: Path) -> None:
    result = call("serve", "--data", tmp_path / "nothing")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("packtrail: the register is not served: ")
    assert "packtrail init" in result.stderr
    assert not (tmp_path / "nothing").exists()


def test_a_register_is_not_served_without_all_of_its_keys(own: Path) -> None:
    keys = own / "keys" / "log"
    keys.write_text(keys.read_text().splitlines()[0] + "\n")
    result = call("serve", "--data", own)
    assert result.exit_code == 2
    assert "lacks the log's key" in result.stderr


def test_a_register_is_served_until_it_is_told_to_stop(own: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "api.cli",
        "serve",
        "--data",
        str(own),
        "--port",
        str(port),
        "--workers",
        "1",
        "--json",
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert _answer(f"http://127.0.0.1:{port}/log/checkpoint").startswith("127.0.0.1/log\n")
    finally:
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        printed, talk = process.communicate(timeout=15)
    assert time.monotonic() - started < 10
    assert process.returncode == 0, talk
    assert json.loads(printed.splitlines()[0])["address"] == f"http://127.0.0.1:{port}"


def _answer(address: str) -> str:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return str(response.read().decode())
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_certificate_and_key_go_together_and_with_tls(own: Path) -> None:
    file = own / "vkeys"
    for words in (["--cert", file], ["--cert", file, "--key", file], ["--tls", "--key", file]):
        result = call("serve", "--data", own, *words)
        assert result.exit_code == 2 and "go together" in result.stderr


def test_tls_needs_an_address_that_says_so(own: Path) -> None:
    result = call("serve", "--data", own, "--tls")
    assert result.exit_code == 2 and "PACKTRAIL_BASE_URL" in result.stderr
