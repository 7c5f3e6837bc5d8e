"""Keys on the command line: rotated, disputed, sealed anew; a register that lost entries. Each time verify is asked."""

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from ledger.notes.note import split_note
from ledger.receipt import parse_receipt
from service.operators import make_custodial_key
from service.recording.recorder import Recorder
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call, done
from tests.scene import running_server, set_scene


def verifies(folder: str | Path, *more: str | Path) -> dict[str, Any]:
    result = call("verify", folder, *more, "--json")
    assert result.exit_code == 0, result.stdout + result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def add_keys(folder: Path, number: int = 1) -> bytes:
    """Record a few entries more; gives the checkpoint after them."""
    register = Register(read_settings({}, data=folder))
    recorder = Recorder(register)
    for _ in range(number):
        receipt = make_custodial_key(recorder, "authority").receipt
    register.close()
    return receipt.checkpoint


def test_a_key_in_custody_is_rotated_and_its_past_disputed(founded: Path) -> None:
    told = done("key", "rotate", "authority/custody-1", "--data", founded)
    assert (told["kid"], told["replaces"]) == ("authority/custody-2", "authority/custody-1")
    said = ("--from", "1", "--reason", "copied", "--data", founded)
    disputed = done("key", "dispute", "authority/custody-1", *said)
    assert (disputed["from"], disputed["to"]) == (1, told["index"] + 1)
    [old, new] = done("key", "list", "--data", founded)
    assert (old["until"], new["until"]) == (told["index"], None)
    assert old["disputed"] == [{"from": 1, "to": told["index"] + 1, "reason": "copied"}]
    shown = call("key", "list", "--data", founded).stdout.splitlines()
    assert "disputed 1 to" in shown[0] and "disputed" not in shown[1]
    assert verifies(founded)["checked"]["disputed_entries"] == 3
    assert call("key", "rotate", "authority/custody-1", "--data", founded).exit_code == 2
    assert call("key", "dispute", "authority/custody-2", *said).exit_code == 2


def test_the_log_changes_its_keys_while_everybody_can_check_it(founded: Path, tmp_path: Path) -> None:
    shutil.copy(founded / "vkeys", tmp_path / "old")
    added = done("key", "log", "add", "--data", founded)
    assert len((founded / "vkeys").read_text().split()) == 4
    (tmp_path / "new").write_text("".join(f"{vkey}\n" for vkey in added["vkeys"]))
    for keys in (founded / "vkeys", tmp_path / "old", tmp_path / "new"):
        assert verifies(founded, "--key", keys)["ok"]
    listed = done("key", "log", "list", "--data", founded)
    assert [row["until"] for row in listed] == [None] * 4
    for row in listed[:2]:
        done("key", "log", "retire", row["id"], "--data", founded)
    assert (founded / "vkeys").read_text() == (tmp_path / "new").read_text()
    assert [row["until"] is None for row in done("key", "log", "list", "--data", founded)] == [False, False, True, True]
    assert verifies(founded)["ok"] and verifies(founded, "--key", tmp_path / "new")["ok"]
    stale = call("verify", founded, "--key", tmp_path / "old")
    assert stale.exit_code == 1
    export = tmp_path / "export.ndjson"
    assert call("export", "--out", export, "--data", founded).exit_code == 0
    assert verifies(export, "--key", tmp_path / "new")["ok"]
    assert call("verify", export, "--key", tmp_path / "old").exit_code == 1
    assert call("key", "log", "retire", listed[0]["id"], "--data", founded).exit_code == 2


def test_keys_may_be_prepared_for_several_hosts(founded: Path) -> None:
    prepared = done("key", "log", "add", "--prepare", "--data", founded)
    assert prepared["index"] is None and verifies(founded)["ok"]
    assert done("key", "log", "add", "--data", founded)["vkeys"] == prepared["vkeys"]


def test_the_master_key_is_replaced(founded: Path, tmp_path: Path) -> None:
    before = (founded / "keys" / "master").read_text()
    told = done("key", "rewrap", "--new-file", tmp_path / "new", "--data", founded)
    assert told["secrets"] == 2 and Path(told["old_key"]).read_text() == before
    assert (founded / "keys" / "master").read_text() == (tmp_path / "new").read_text() != before
    add_keys(founded)
    assert verifies(founded)["ok"]


def lose(folder: Path, number: int = 3) -> bytes:
    """Record entries and put the database back as it was before; gives the checkpoint that signed them."""
    shutil.copy(folder / "register.db", folder / "copy")
    note = add_keys(folder, number)
    (folder / "copy").replace(folder / "register.db")
    for suffix in ("-wal", "-shm"):
        (folder / f"register.db{suffix}").unlink(missing_ok=True)
    return note


def test_an_old_copy_is_found_behind_and_goes_on_in_a_new_epoch(founded: Path, tmp_path: Path) -> None:
    assert done("restore-check", "--data", founded)["ok"]
    known = tmp_path / "known"
    known.write_bytes(lose(founded))
    refused = call("key", "add", "authority", "--data", founded)
    assert refused.exit_code == 1 and "packtrail restore-check" in refused.stderr
    behind = call("restore-check", "--checkpoint", known, "--data", founded)
    assert behind.exit_code == 1
    assert "behind by 3: knows of 6 entries" in behind.stdout and "packtrail epoch" in behind.stdout
    told = json.loads(call("restore-check", "--data", founded, "--json").stdout)
    assert (told["ok"], told["missing"], told["compared"][0]["source"]) == (False, 3, "pin")
    said = ("--reason", "disk burnt", "--data", founded)
    begun = done("epoch", "--lost-checkpoint", known, *said)
    assert (begun["epoch"], begun["kept"], begun["lost"]) == (2, 3, 3)
    assert begun["origin"] == begun["previous_origin"] + "/e2"
    assert done("restore-check", "--checkpoint", known, "--data", founded)["ok"]
    add_keys(founded)
    assert verifies(founded)["checked"]["lost_entries"] == 3
    assert verifies(founded, "--key", founded / "vkeys")["size"] == 5
    export = tmp_path / "export.ndjson"
    assert call("export", "--out", export, "--data", founded).exit_code == 0
    assert verifies(export, "--key", founded / "vkeys")["checked"]["lost_entries"] == 3
    assert "3 lost entries" in call("verify", export, "--key", founded / "vkeys").stdout
    assert call("epoch", "--lost-checkpoint", known, *said).exit_code == 2


def test_a_second_history_is_told_with_both_heads(founded: Path, tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.write_bytes(lose(founded))
    (founded / "log.pin").unlink()
    add_keys(founded, 4)
    told = call("restore-check", "--checkpoint", known, "--data", founded)
    assert told.exit_code == 1 and "FORKED" in told.stdout
    shown = json.loads(call("restore-check", "--checkpoint", known, "--data", founded, "--json").stdout)
    assert shown["compared"][1]["checkpoint"] == known.read_text() and shown["checkpoint"].startswith(shown["origin"])


def test_the_pin_serves_as_the_lost_checkpoint(founded: Path) -> None:
    lose(founded)
    said = ("--reason", "disk burnt", "--data", founded)
    assert done("epoch", "--lost-checkpoint", founded / "log.pin", *said)["lost"] == 3
    assert verifies(founded)["ok"]


@pytest.mark.parametrize("content", ["", "no checkpoint", "{}"])
def test_what_is_no_checkpoint_is_a_usage_error(founded: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "x").write_text(content)
    said = ("--reason", "disk burnt", "--data", founded)
    assert call("restore-check", "--checkpoint", tmp_path / "x", "--data", founded).exit_code == 2
    assert call("epoch", "--lost-checkpoint", tmp_path / "x", *said).exit_code == 2


def test_a_server_goes_on_in_the_new_epoch_and_with_new_keys(tmp_path: Path) -> None:
    """Seen from outside: by its tiles, and by its entries with an auditor's key."""
    scene = set_scene(tmp_path / "data", packs=2)
    folder, known = tmp_path / "data", tmp_path / "known"
    known.write_bytes(lose(folder))
    done("epoch", "--lost-checkpoint", known, "--reason", "disk burnt", "--data", folder)
    (tmp_path / "auditor").write_text(done("key", "api", "add", "authority", "--data", folder)["api_key"])
    with running_server(scene, workers=1) as server:
        url, keys = f"http://127.0.0.1:{server.port}", folder / "vkeys"
        before = verifies(url, "--key", keys)
        added = done("key", "log", "add", "--data", folder)
        event = {
            "type": "report_soh",
            "subjects": [scene.packs[0]],
            "occurred_at": "2026-02-01T08:00:00.000Z",
            "body": {"soce_ppm": 950_000, "full_cycles": 12, "method": "bms", "remaining_capacity_mah": 142_500},
        }
        request = urllib.request.Request(f"{url}/v1/events", json.dumps(event).encode(), method="POST")
        request.add_header("Authorization", f"Bearer {scene.api_key}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            receipt = parse_receipt(json.load(answer)["proof"].encode())
        assert len(split_note(receipt.checkpoint)[1]) == 4
        (tmp_path / "new").write_text("".join(f"{vkey}\n" for vkey in added["vkeys"]))
        for each in (keys, tmp_path / "new"):
            assert verifies(url, "--key", each)["size"] > before["size"]
        assert verifies(url, "--key", tmp_path / "new", "--api-key", tmp_path / "auditor")["checked"]["signatures"]
