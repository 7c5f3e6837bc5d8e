"""packtrail demo."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3

from service.access import authenticate
from service.people.accounts import kept_password
from service.people.passwords import is_right
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import UNTIL, call
from tests.needs import ROOT


def accounts(folder: Path) -> list[dict[str, Any]]:
    file = folder / "accounts.json"
    assert file.stat().st_mode & 0o777 == 0o600
    found: list[dict[str, Any]] = json.loads(file.read_text())
    return found


def test_everyone_in_the_story_has_an_account_that_lets_in_now(told: Path) -> None:
    rows = accounts(told)
    roles = {row["role"] for row in rows}
    assert roles >= {"authority", "maker", "vehicle_maker", "dealer", "workshop", "swap_operator", "fleet"}
    assert roles >= {"collector", "dismantler", "recycler", "tester", "regulator"}
    register = Register(read_settings({}, data=told))
    with register.read() as reader:
        operators = register.current_registry(reader.connection).operators
        callers = [authenticate(reader.connection, row["api_key"], now=register.clock()) for row in rows]
    register.close()
    assert [caller.operator for caller in callers] == [row["organisation"] for row in rows]
    assert {row["organisation"] for row in rows} == set(operators)
    scopes = {row["role"]: caller.scopes for row, caller in zip(rows, callers, strict=True)}
    assert scopes["regulator"] == {"read"}
    assert scopes["maker"] == {"record", "read"}
    assert scopes["authority"] == {"record", "read", "manage"}
    assert {tuple(row) for row in rows} == {("organisation", "role", "api_key", "login", "password")}


def test_the_register_of_the_story_verifies(told: Path) -> None:
    assert call("verify", told, "--key", told / "vkeys").exit_code == 0


def test_a_complete_story_is_left_alone(told: Path) -> None:
    before = accounts(told)
    result = call("demo", "--data", told, "--packs", "60", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["recorded"] == 0
    assert accounts(told) == before


def test_the_accounts_are_printed_for_people(told: Path) -> None:
    printed = call("demo", "--data", told, "--packs", "60").stdout
    assert all(row["api_key"] in printed and row["organisation"] in printed for row in accounts(told))


def test_another_story_is_not_told_in_the_same_register(told: Path) -> None:
    result = call("demo", "--data", told, "--packs", "61")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "60 packs" in result.stderr


def test_no_story_is_told_in_a_register_with_a_life_of_its_own(founded: Path) -> None:
    new = ("--id", "real", "--name", "真实", "--role", "maker", "--region", "500103")
    assert call("operator", "add", "--data", founded, *new).exit_code == 0
    result = call("demo", "--data", founded, "--packs", "40")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "register of its own" in result.stderr
    assert len(json.loads(call("operator", "list", "--data", founded, "--json").stdout)) == 2


def test_a_register_just_founded_takes_the_story_and_keeps_its_first_account(founded: Path) -> None:
    [first] = accounts(founded)
    result = call("demo", "--data", founded, "--packs", "40")
    assert result.exit_code == 0, result.stderr
    assert first in accounts(founded)
    assert call("verify", founded).exit_code == 0


def test_a_story_cannot_end_in_the_future(tmp_path: Path) -> None:
    result = call("demo", "--data", tmp_path / "var", "--until", "2100-01-01")
    assert (result.exit_code, result.stdout) == (2, "")
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("wanted", [signal.SIGINT, signal.SIGKILL])
def test_a_story_broken_off_goes_on_with_the_same_command(tmp_path: Path, wanted: signal.Signals) -> None:
    folder = tmp_path / "var"
    command = [sys.executable, "-m", "api.cli", "demo", "--data", str(folder), "--packs", "40", "--until", UNTIL]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_heed_interrupts
    )
    _wait_for_size(folder, 300)
    os.kill(process.pid, wanted)
    _, talk = process.communicate(timeout=30)
    assert process.returncode == (130 if wanted is signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in talk
    before = accounts(folder)
    result = call("demo", "--data", folder, "--packs", "40", "--json")
    assert result.exit_code == 0, result.stderr
    counts = json.loads(result.stdout)
    assert counts["found"] > 100 and counts["recorded"] > 0
    assert counts["until"] == "2026-11-01T00:00:00.000Z"
    assert accounts(folder) == before
    verified = call("verify", folder)
    assert verified.exit_code == 0, verified.stdout


def _heed_interrupts() -> None:
    """Who runs the tests in the background has SIGINT ignored, and with it whatever they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _wait_for_size(folder: Path, size: int) -> None:
    """Until so many entries are recorded."""
    deadline = time.monotonic() + 60
    while _size(folder / "register.db") < size:
        if time.monotonic() > deadline:
            raise AssertionError("the story did not begin")
        time.sleep(0.005)


def _size(database: Path) -> int:
    try:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return 0
    try:
        found: int = connection.execute("SELECT size FROM tree_state").fetchone()[0]
        return found
    except (sqlite3.OperationalError, TypeError):
        return 0
    finally:
        connection.close()


def test_everybody_in_the_story_can_sign_in(told: Path) -> None:
    register = Register(read_settings({}, data=told))
    try:
        with register.read() as reader:
            kept = {each["organisation"]: kept_password(reader.connection, each["login"]) for each in accounts(told)}
        assert [operator for operator, found in kept.items() if found is None or found[0].operator != operator] == []
        maker = next(each for each in accounts(told) if each["role"] == "maker")
        own, other = kept[maker["organisation"]], kept["authority"]
        assert own is not None and is_right(maker["password"], own[1])
        assert other is not None and other[0].login == "admin" and not is_right(maker["password"], other[1])
    finally:
        register.close()
