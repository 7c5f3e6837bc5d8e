"""packtrail db: tables and rights, as the owner of the tables and as the role that serves."""

from pathlib import Path

import pytest

from tests.cli.conftest import call, done, refused
from tests.postgres import PostgresServer
from tests.service.db.test_rights import guard


def test_an_owner_prepares_a_database_and_the_role_runs_the_register(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, folder = guard(postgres), tmp_path / "var"
    monkeypatch.setenv("PACKTRAIL_DATABASE_URL", made.owner_url)
    tables = done("db", "migrate", "--data", folder)["tables"]
    printed = call("db", "grant", made.role, "--data", folder)
    assert printed.exit_code == 0, printed.stderr
    assert f"GRANT SELECT, INSERT ON entry, checkpoint, tile, event_id, link TO {made.role};" in printed.stdout
    assert done("db", "grant", made.role, "--apply", "--data", folder)["statements"] == [
        line.removesuffix(";") for line in printed.stdout.splitlines()
    ]
    large = call("db", "check", "--data", folder)
    assert large.exit_code == 1
    assert "COULD CHANGE THE LOG: owner of the table entry" in large.stdout.splitlines()
    assert not folder.exists(), "who only has the database needs no data folder"

    monkeypatch.setenv("PACKTRAIL_DATABASE_URL", made.url)
    assert call("init", "--data", folder).exit_code == 0
    fine = {"ok": True, "role": made.role, "lacking": [], "excess": []}
    assert done("db", "check", "--data", folder) == fine
    assert done("db", "migrate", "--data", folder)["tables"] == tables, "there is nothing to do"
    assert call("key", "add", "authority", "--data", folder).exit_code == 0
    for arguments in (("rebuild",), ("db", "grant", made.role, "--apply")):
        result = call(*arguments, "--data", folder)
        assert (result.exit_code, result.stdout) == (4, ""), arguments
        assert "docs/operating.md#database-roles" in result.stderr
        assert result.stderr.count("\n") == 1

    monkeypatch.setenv("PACKTRAIL_DATABASE_URL", made.owner_url)
    assert done("rebuild", "--data", folder)["entries"] > 2


def test_sqlite_has_tables_and_no_roles(founded: Path) -> None:
    assert done("db", "migrate", "--data", founded)["tables"]
    assert done("db", "check", "--data", founded) == {"ok": True, "role": None, "lacking": [], "excess": []}
    assert "SQLite has no roles" in refused("db", "grant", "app", "--data", founded)
    assert "no roles" in call("db", "check", "--data", founded).stdout


def test_a_database_without_tables_is_told_what_to_do(tmp_path: Path) -> None:
    assert "run packtrail db migrate" in refused("db", "check", "--data", tmp_path)
