"""packtrail verify and export."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3

from ledger.export import checkpoint_path
from ledger.receipt import format_receipt
from service.evidence import absence_bundle, evidence_bundle
from service.recording.mapping import commit_map
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call


@pytest.fixture
def export(told: Path, tmp_path: Path) -> Path:
    file = tmp_path / "export.ndjson"
    assert call("export", "--data", told, "--out", file).exit_code == 0
    return file


def report_of(*arguments: str | Path, exit_code: int = 0) -> Any:
    result = call("verify", *arguments, "--json")
    assert result.exit_code == exit_code, result.stdout + result.stderr
    report = json.loads(result.stdout)
    assert report.keys() == {"ok", "size", "root", "checked", "failures", "notes"}
    assert report["ok"] is (exit_code == 0)
    return report


def falsify(folder: Path, index: int) -> None:
    """Change a byte of an entry, as somebody with the database file in hands can."""
    with sqlite3.connect(folder / "register.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='entry'"):
            connection.execute(f"DROP TRIGGER {name}")
        data = connection.execute("SELECT data FROM entry WHERE idx = ?", [index]).fetchone()[0]
        changed = data.replace(b'"mass_g":', b'"mass_g":1', 1)
        assert changed != data
        connection.execute("UPDATE entry SET data = ? WHERE idx = ?", [changed, index])
    connection.close()


def enrol(folder: Path, id_: str) -> None:
    """One more operator: the register grows."""
    new = ("--id", id_, "--name", "后来", "--role", "tester", "--region", "500103")
    assert call("operator", "add", "--data", folder, *new).exit_code == 0


def registered_at(folder: Path) -> int:
    """The index of an entry that registers a battery."""
    with sqlite3.connect(folder / "register.db") as connection:
        query = 'SELECT idx FROM entry WHERE instr(data, \'"type":"register"\') > 0 ORDER BY idx LIMIT 1 OFFSET 9'
        found: int = connection.execute(query).fetchone()[0]
    connection.close()
    return found


def test_a_data_folder_is_verified_with_its_own_key_and_says_so(told: Path) -> None:
    result = call("verify", told)
    assert result.exit_code == 0
    assert result.stdout.startswith("ok: ") and result.stdout.count("\n") == 1
    assert "register's own keys" in result.stderr


def test_without_target_the_register_of_the_data_folder_is_verified(told: Path) -> None:
    report = report_of("--data", told)
    assert report["checked"]["derived_rows"] > 0
    assert report["checked"]["signatures"] == report["size"]


def test_a_database_file_and_its_url_are_verified_with_a_key(told: Path) -> None:
    file, key = told / "register.db", told / "vkeys"
    assert report_of(file, "--key", key) == report_of(f"sqlite:///{file}", "--key", key)


def test_a_database_without_a_key_is_a_usage_error(told: Path) -> None:
    result = call("verify", told / "register.db")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--key" in result.stderr


def test_a_changed_entry_is_named(own: Path) -> None:
    index = registered_at(own)
    falsify(own, index)
    result = call("verify", own, "--key", own / "vkeys")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"FAILED: entry {index}: ")
    report = report_of(own, "--key", own / "vkeys", exit_code=1)
    assert report["failures"][0]["index"] == index


def test_a_database_file_cut_short_is_a_failed_check(own: Path) -> None:
    file = own / "register.db"
    file.write_bytes(file.read_bytes()[: 60 * 4096])
    result = call("verify", own)
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr


def test_a_rolled_back_database_is_a_failed_check(own: Path, founded: Path) -> None:
    (founded / "log.pin").write_bytes((own / "log.pin").read_bytes())
    report = report_of(founded, exit_code=1)
    assert "were signed" in report["failures"][0]["what"]


def test_an_export_is_verified_against_the_checkpoint_beside_it(export: Path, told: Path) -> None:
    report = report_of(export, "--key", told / "vkeys")
    assert report["size"] == len(export.read_bytes().splitlines())
    for key in (told / "vkeys").read_text().split():
        assert report_of(export, "--key", key)["root"] == report["root"]


def test_an_export_with_a_line_changed_names_it(export: Path, told: Path) -> None:
    lines = export.read_bytes().splitlines(keepends=True)
    lines[90] = lines[90].replace(b"2023", b"2024", 1)
    export.write_bytes(b"".join(lines))
    assert report_of(export, "--key", told / "vkeys", exit_code=1)["failures"][0]["index"] == 90


def test_an_export_under_another_key_fails(export: Path, founded: Path) -> None:
    report_of(export, "--key", founded / "vkeys", exit_code=1)


def test_without_signatures_none_are_counted(export: Path, told: Path) -> None:
    assert report_of(export, "--key", told / "vkeys", "--no-signatures")["checked"]["signatures"] == 0


def test_an_older_checkpoint_must_still_hold(own: Path, export: Path, tmp_path: Path) -> None:
    older, key, grown = checkpoint_path(export), ("--key", own / "vkeys"), tmp_path / "grown"
    enrol(own, "later")
    assert call("export", "--data", own, "--out", grown).exit_code == 0
    for target in (own, grown):
        assert report_of(target, *key, "--since", older)["checked"]["older_checkpoints"] == 1
    report = report_of(export, *key, "--since", checkpoint_path(grown), exit_code=1)
    assert "the older checkpoint signs" in report["failures"][0]["what"]


def test_a_checkpoint_of_another_history_of_the_same_log_fails(own: Path, tmp_path: Path) -> None:
    other = shutil.copytree(own, tmp_path / "other")
    for folder, id_ in ((own, "here"), (other, "there")):
        enrol(folder, id_)
    call("export", "--data", other, "--out", tmp_path / "e")
    report = report_of(own, "--since", tmp_path / "e.checkpoint", exit_code=1)
    assert "are not those that the older checkpoint signs" in report["failures"][0]["what"]


def test_a_bundle_and_a_receipt_are_verified(told: Path, tmp_path: Path) -> None:
    register = Register(read_settings({}, data=told))
    with register.read() as reader:
        found = reader.proven(registered_at(told))
    code = json.loads(found.entry)["event"]["subjects"][0]
    (tmp_path / "bundle.json").write_bytes(evidence_bundle(register, code))
    (tmp_path / "receipt").write_bytes(format_receipt(found.receipt))
    (tmp_path / "entry").write_bytes(found.entry + b"\n")
    register.close()
    key = ("--key", told / "vkeys")
    assert report_of(tmp_path / "bundle.json", *key)["checked"]["entries"] >= 1
    assert report_of(tmp_path / "receipt", "--entry", tmp_path / "entry", *key)["checked"] == {"receipts": 1}
    assert call("verify", tmp_path / "receipt", *key).exit_code == 2
    assert call("verify", tmp_path / "bundle.json", *key, "--since", tmp_path / "receipt").exit_code == 2
    (tmp_path / "entry").write_bytes(found.entry.replace(b'"mass_g":', b'"mass_g":1'))
    report_of(tmp_path / "receipt", "--entry", tmp_path / "entry", *key, exit_code=1)


def test_that_nothing_is_recorded_of_a_code_is_verified(own: Path, tmp_path: Path) -> None:
    register = Register(read_settings({}, data=own))
    commit_map(register)
    file = tmp_path / "absent.json"
    file.write_bytes(absence_bundle(register, "001PE12ABCDEFGG2T0999999"))
    with register.read() as reader:
        size = reader.size()
        known = next(iter(reader.connection.exec_driver_sql("SELECT code FROM battery LIMIT 1").scalars()))
    register.close()
    result = call("verify", file, "--key", own / "vkeys")
    assert result.exit_code == 0, result.stderr
    assert f"absent as of the first {size - 1} entries, " in result.stdout
    assert "none of them names 001PE12ABCDEFGG2T0999999" in result.stdout
    notes = report_of(file, "--key", own / "vkeys")["notes"]
    assert [note.partition(" entries")[0] for note in notes] == [f"absent as of the first {size - 1}"]
    file.write_bytes(file.read_bytes().replace(b"001PE12ABCDEFGG2T0999999", known.encode()))
    report_of(file, "--key", own / "vkeys", exit_code=1)


def test_a_file_that_is_not_there_is_a_usage_error(told: Path) -> None:
    result = call("verify", "nothing-here", "--key", told / "vkeys")
    assert (result.exit_code, result.stdout) == (2, "")


def test_an_address_where_nobody_answers_is_a_network_error(told: Path) -> None:
    result = call("verify", "http://127.0.0.1:1", "--key", told / "vkeys")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("packtrail: not verified: ") and "Traceback" not in result.stderr


def test_a_key_that_is_none_is_a_usage_error(export: Path) -> None:
    assert call("verify", export, "--key", "a+b+c").exit_code == 2
    assert call("verify", export, "--key", "no-such-file").exit_code == 2


def test_an_export_holds_the_entries_byte_for_byte_in_order(told: Path, export: Path) -> None:
    register = Register(read_settings({}, data=told))
    with register.read() as reader:
        assert export.read_bytes().splitlines() == list(reader.entries(0, reader.size()))
    register.close()


def test_an_export_into_a_folder_that_is_not_there_fails(told: Path, tmp_path: Path) -> None:
    result = call("export", "--data", told, "--out", tmp_path / "no" / "file")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing was exported" in result.stderr


def test_a_state_file_keeps_how_far_it_was_verified_and_must_fit(export: Path, told: Path, tmp_path: Path) -> None:
    state, key = tmp_path / "state", ("--key", told / "vkeys")
    size = report_of(export, *key, "--state", state)["size"]
    kept = json.loads(state.read_bytes())
    assert kept["size"] == size
    assert report_of(export, *key, "--state", state)["size"] == size
    state.write_text(json.dumps(kept | {"size": size - 1}))
    report_of(export, *key, "--state", state, exit_code=1)
    state.write_text("{}")
    assert call("verify", export, *key, "--state", state).exit_code == 2
