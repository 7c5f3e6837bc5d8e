"""packtrail backup and restore, and the way by which a register in PostgreSQL is copied."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from service import backup
from service.operators import enrol_operator
from service.recording.recorder import Recorder
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call, done, refused
from tests.postgres import PostgresServer, installed_binaries
from tests.service.db.test_rights import guard, guard_empty

NEW = {"operator_id": "later", "name": "后来", "roles": ["tester"], "region": "500103"}
ADDED = ("--id", "later", "--name", "后来", "--role", "tester", "--region", "500103")
OUTSIDE = ("../../escaped", "/escaped", "keys/log", "documents/../../escaped")


@pytest.fixture
def copied(own: Path, tmp_path: Path) -> Path:
    """A backup of a told register with a document and a reading on its way."""
    for name, text in (("documents/ab/cd", "sealed"), ("access/current", "a line\n"), ("figures.json", "{}")):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text)
    target = tmp_path / "backups" / "first"
    told = done("backup", target, "--data", own)
    assert (told["folder"], told["files"]) == (str(target), 5)
    return target


@pytest.fixture
def ready(own: Path, tmp_path: Path) -> Path:
    """A new data folder with what is kept apart from backups: keys and pin."""
    folder = tmp_path / "new"
    shutil.copytree(own / "keys", folder / "keys")
    shutil.copy(own / "log.pin", folder)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_register_comes_back_from_its_backup_and_holds(copied: Path, ready: Path, own: Path) -> None:
    assert not [path for path in copied.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert {"keys", "log.pin"} & {path.name for path in copied.rglob("*")} == set()
    verified = call("verify", copied / "register.db", "--key", own / "vkeys", "--json")
    assert verified.exit_code == 0, verified.stdout
    told = done("restore", copied, "--data", ready)
    assert told["ok"] and told["missing"] == 0
    assert {each["source"]: each["verdict"] for each in told["compared"]} == {"pin": "fine"}
    assert (ready / "documents/ab/cd").read_text() == "sealed" and (ready / "access/current").read_text() == "a line\n"
    assert call("verify", ready).exit_code == 0
    assert call("operator", "add", *ADDED, "--data", ready).exit_code == 0


def test_the_copy_is_of_one_moment_whatever_is_recorded_meanwhile(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PAGES", 64)
    register = Register(read_settings({}, data=own))
    with register.read() as reader:
        before = reader.size()
    ticks: list[int] = []

    def tick(copied: int, total: int) -> None:
        if not ticks:
            enrol_operator(Recorder(register), NEW)
        ticks.append(copied)
        assert copied <= total

    manifest = backup.back_up(register, tmp_path / "copy", tick=tick)
    with register.read() as reader:
        assert reader.size() > before == manifest.size
    register.close()
    assert len(ticks) > 2
    assert call("verify", tmp_path / "copy" / "register.db", "--key", own / "vkeys").exit_code == 0


def test_a_backup_that_is_behind_the_pin_is_told_by_how_much(copied: Path, ready: Path, own: Path) -> None:
    assert call("operator", "add", *ADDED, "--data", own).exit_code == 0
    shutil.copy(own / "log.pin", ready)
    result = call("restore", copied, "--data", ready)
    assert result.exit_code == 1
    assert "BEHIND: entries" in result.stdout
    assert "Nothing will be recorded" in call("operator", "list", "--data", ready).stderr


@pytest.mark.parametrize("name", ["register.db", "documents/ab/cd"])
def test_a_backup_that_was_changed_restores_nothing(copied: Path, ready: Path, name: str) -> None:
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(data)
    before = files_of(ready)
    result = call("restore", copied, "--data", ready)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{name} is not the file that was copied" in result.stderr
    assert files_of(ready) == before


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_manifest_cannot_put_files_anywhere_else(copied: Path, ready: Path, name: str) -> None:
    manifest = json.loads((copied / "manifest.json").read_text())
    manifest["files"][name] = manifest["files"]["figures.json"]
    (copied / "manifest.json").write_text(json.dumps(manifest))
    before = files_of(ready)
    result = call("restore", copied, "--data", ready)
    assert (result.exit_code, result.stdout) == (1, "")
    assert files_of(ready) == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": {"x": 1}}', '{"files": {}}'])
def test_a_manifest_that_is_none_is_refused(copied: Path, ready: Path, text: str) -> None:
    (copied / "manifest.json").write_text(text)
    result = call("restore", copied, "--data", ready)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "manifest.json cannot be read" in result.stderr


def test_nothing_is_written_over_and_nothing_restored_without_keys(copied: Path, own: Path, tmp_path: Path) -> None:
    assert "is there already" in refused("backup", copied, "--data", own)
    before = files_of(own)
    assert "move it away" in refused("restore", copied, "--data", own)
    assert files_of(own) == before
    assert "put keys/ back first" in refused("restore", copied, "--data", tmp_path / "bare")
    assert "is no backup" in refused("restore", own / "keys", "--data", tmp_path / "bare")
    assert not (tmp_path / "bare").exists()


def test_a_register_in_postgresql_is_copied_by_its_own_tools(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, new, folder = guard(postgres), guard_empty(postgres), tmp_path / "var"
    monkeypatch.setenv("PACKTRAIL_DATABASE_URL", made.url)
    assert call("init", "--data", folder).exit_code == 0
    assert "pg_dump" in refused("backup", tmp_path / "copy", "--data", folder)
    assert not (tmp_path / "copy").exists()

    tools, dump = installed_binaries(), str(tmp_path / "register.dump")
    subprocess.run([tools / "pg_dump", "--format=custom", f"--file={dump}", made.owner_url], check=True)
    back = ("--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={new.owner_url}", dump)
    subprocess.run([tools / "pg_restore", *back], check=True)
    monkeypatch.setenv("PACKTRAIL_DATABASE_URL", new.owner_url)
    done("db", "grant", new.role, "--apply", "--data", folder)
    monkeypatch.setenv("PACKTRAIL_DATABASE_URL", new.url)
    assert done("db", "check", "--data", folder)["ok"]
    assert done("restore-check", "--data", folder)["ok"]
    assert call("key", "add", "authority", "--data", folder).exit_code == 0
    verified = call("verify", "--data", folder)
    assert verified.exit_code == 0, verified.stdout
