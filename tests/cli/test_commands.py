"""What holds for every command: its help, its errors, where its words go."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pysqlite3 import dbapi2 as sqlite3

from api.cli import COMMANDS, packtrail
from api.cli.failures import EXITS
from api.cli.task import Task
from ledger.errors import MalformedError
from service.db import engine, store
from service.errors import BusyError, NotPermittedError, StoryError
from service.settings import Settings
from tests.cli.conftest import call
from tests.needs import ROOT


def tasks(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from tasks(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(tasks(packtrail))


def test_the_promised_commands_are_there() -> None:
    promised = {"init", "serve", "demo", "import", "label", "verify", "inspect", "export", "backup", "restore"}
    promised |= {"rebuild", "operator", "key", "witness", "monitor"}
    assert set(COMMANDS) >= promised


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_each_command_says_what_it_does_with_an_example_that_parses(path: tuple[str, ...]) -> None:
    command = ALL[path]
    assert isinstance(command, Task)
    result = call(*path, "--help")
    assert result.exit_code == 0
    assert f"packtrail {command.example}" in result.stdout
    words = command.example.split()
    assert tuple(words[: len(path)]) == path
    missing_files = ("No such file", "does not exist")
    try:
        command.make_context("example", words[len(path) :])
    except click.UsageError as error:
        assert any(each in error.format_message() for each in missing_files), error.format_message()


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_each_command_has_json(path: tuple[str, ...]) -> None:
    assert "--json" in call(*path, "--help").stdout


def test_the_list_of_commands_says_of_each_what_it_says_itself() -> None:
    context = click.Context(packtrail)
    loaded = {name: packtrail.get_command(context, name) for name in packtrail.list_commands(context)}
    told = {name: command.get_short_help_str(1000) for name, command in loaded.items() if command is not None}
    assert {name: row.does for name, row in COMMANDS.items()} == told
    listed = [line.split()[0] for line in call("--help").stdout.partition("Commands:\n")[2].splitlines()]
    assert listed == list(COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "dear"),
    [
        (["--help"], ("api.cli.task", "ledger", "sqlalchemy")),
        (["verify", "--help"], ("flask", "marshmallow", "sqlalchemy", "service.domain.bodies")),
        (["key", "--help"], ("flask", "marshmallow", "structlog", "sqlalchemy.dialects.postgresql")),
        (["operator", "list", "--help"], ("flask", "marshmallow", "service.domain.passport.shapes")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_loads_only_what_it_needs(arguments: list[str], dear: tuple[str, ...]) -> None:
    program = (
        "import sys\n"
        "from api.cli import packtrail\n"
        f"packtrail({arguments!r}, standalone_mode=False)\n"
        f"print([name for name in {dear!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_a_usage_error() -> None:
    result = call("conjure")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "conjure" in result.stderr


@pytest.mark.parametrize("arguments", [("export", "--out", "x"), ("rebuild",), ("operator", "list"), ("key", "list")])
def test_without_a_register_a_command_says_what_to_do(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = call(*arguments, "--data", tmp_path / "nothing")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "run packtrail init" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_wrong_setting_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKTRAIL_BASE_URL", "not-an-address")
    result = call("operator", "list")
    assert result.exit_code == 2
    assert "PACKTRAIL_BASE_URL" in result.stderr


def test_a_database_server_that_cannot_be_reached_is_a_network_error(
    founded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACKTRAIL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    result = call("operator", "list", "--data", founded)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "cannot be reached" in result.stderr


def test_a_database_behind_its_pin_is_a_failed_check(told: Path, founded: Path) -> None:
    (founded / "log.pin").write_bytes((told / "log.pin").read_bytes())
    result = call("operator", "list", "--data", founded)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Nothing will be recorded" in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotPermittedError("not you"), 4),
        (BusyError("the register is busy"), 6),
        (StoryError("3 events were refused"), 5),
        (MalformedError("not a note"), 2),
        (FileNotFoundError(2, "No such file or directory", "x"), 2),
        (PermissionError(13, "Permission denied", "x"), 4),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_each_error_ends_with_its_code_and_one_line(error: BaseException, code: int) -> None:
    def fail(settings: Settings, as_json: bool) -> None:
        raise error

    command = Task("fail", callback=fail, undone="nothing was done", example="fail")
    result = CliRunner().invoke(command, [])
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("packtrail: nothing was done: ") and result.stderr.count("\n") == 1


def test_a_defect_of_the_program_is_not_hidden() -> None:
    def fail(settings: Settings, as_json: bool) -> None:
        raise ZeroDivisionError

    command = Task("fail", callback=fail, undone="nothing was done", example="fail")
    assert isinstance(CliRunner().invoke(command, []).exception, ZeroDivisionError)


def test_while_another_process_writes_a_command_says_busy(founded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With shorter patience than in life, so that the test need not wait as long."""
    for module in (engine, store):
        monkeypatch.setattr(module, "BUSY_MS", 50)
    with sqlite3.connect(founded / "register.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        result = call("key", "add", "authority", "--data", founded)
        other.execute("ROLLBACK")
    other.close()
    assert (result.exit_code, result.stdout) == (6, "")
    assert result.stderr.startswith("packtrail: no key was added: ")


def test_more_special_errors_come_first_in_the_table() -> None:
    for place, (error, _) in enumerate(EXITS):
        hidden = [later.__name__ for later, _ in EXITS[place + 1 :] if issubclass(later, error)]
        assert hidden == []


def test_as_a_program_it_keeps_data_and_talk_apart(tmp_path: Path) -> None:
    environment = {**os.environ, "PACKTRAIL_DATA": str(tmp_path / "var")}
    command = [sys.executable, "-m", "api.cli"]
    first = subprocess.run([*command, "init", "--json"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert first.returncode == 0
    assert first.stdout.startswith("{") and first.stdout.count("\n") == 1
    assert "shown once" in first.stderr
    again = subprocess.run([*command, "init"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (again.returncode, again.stdout) == (2, "")
    assert "Traceback" not in again.stderr
