"""packtrail verify of a register in PostgreSQL, by its address and the log's keys."""

import json
from pathlib import Path

import psycopg
import pytest

from ledger.notes.note import parse_signing_key
from tests.cli.conftest import call
from tests.postgres import PostgresServer
from tests.torture.town import build_small


@pytest.fixture(scope="module")
def register(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The address of a small register, and a file with its log's keys."""
    settings = build_small(tmp_path_factory.mktemp("small") / "data", url=postgres.create_database())
    keys = tmp_path_factory.mktemp("keys") / "vkeys"
    keys.write_text("\n".join(parse_signing_key(line).vkey for line in settings.log_key_file.read_text().split()))
    return settings.database_url, keys


def test_a_sound_register_is_found_sound_and_what_was_not_looked_at_is_said(register: tuple[str, Path]) -> None:
    url, keys = register
    result = call("verify", url, "--key", keys)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("ok: ") and result.stdout.count("\n") == 1
    assert "CREATE EXTENSION amcheck" in result.stdout
    assert "without the master key" in result.stdout
    report = json.loads(call("verify", url, "--key", keys, "--json").stdout)
    assert report["size"] == report["checked"]["entries"] == report["checked"]["signatures"]
    assert report["checked"]["derived_rows"] > report["size"]


def test_an_entry_that_its_owner_changed_is_named(register: tuple[str, Path]) -> None:
    url, keys = register
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        index, data = owner.execute(
            "SELECT idx, data FROM entry WHERE position('\"mass_g\":300000'::bytea IN data) > 0 "
            'AND position(\'"type":"register"\'::bytea IN data) > 0 ORDER BY idx LIMIT 1'
        ).fetchone() or (0, b"")
        change = "UPDATE entry SET data = %s WHERE idx = %s"
        owner.execute(change, (bytes(data).replace(b'"mass_g":300000', b'"mass_g":300001', 1), index))
        told = call("verify", url, "--key", keys)
        report = json.loads(call("verify", url, "--key", keys, "--json").stdout)
        owner.execute(change, (data, index))
    assert told.exit_code == 1
    assert told.stdout.startswith(f"FAILED: entry {index}: ")
    assert "Traceback" not in told.stderr
    assert report["ok"] is False
    assert (report["failures"][0]["index"], len(report["failures"][0]["battery"])) == (index, 24)


def test_a_derived_row_that_its_owner_changed_is_named_with_its_battery(register: tuple[str, Path]) -> None:
    url, keys = register
    with psycopg.connect(url, autocommit=True) as owner:
        [code] = owner.execute("SELECT code FROM battery ORDER BY code LIMIT 1").fetchone() or ("",)
        owner.execute("UPDATE battery SET state = state || ' '::bytea WHERE code = %s", (code,))
        told = call("verify", url, "--key", keys, "--json")
        owner.execute("UPDATE battery SET state = substr(state, 1, length(state) - 1) WHERE code = %s", (code,))
    assert told.exit_code == 1
    failure = json.loads(told.stdout)["failures"][0]
    assert failure["what"].startswith(f"table battery: the row of {code} ")
    assert failure["battery"] == code
