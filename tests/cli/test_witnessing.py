"""packtrail witness: keys, logs, and what stands in the list. Serving is tested in tests/api/witness."""

import json
from pathlib import Path

from ledger.notes.note import Ed25519Signer
from ledger.notes.vkey import split_vkey
from service.witness.cosigning import Witness
from service.witness.keys import open_keys
from service.witness.store import WitnessStore
from tests.cli.conftest import call
from tests.service.witness.logs import GrowingLog

LOG = GrowingLog("log.test", 5, mldsa=True)


def test_keys_are_made_on_first_use_under_the_given_name_and_shown_again(tmp_path: Path) -> None:
    first = call("witness", "vkey", "--data", tmp_path / "w", "--name", "w.test", "--json")
    assert first.exit_code == 0
    again = call("witness", "vkey", "--data", tmp_path / "w")
    vkeys = again.stdout.split()
    assert json.loads(first.stdout) == {"name": "w.test", "vkeys": vkeys}
    assert [split_vkey(vkey)[:2] for vkey in vkeys] == [("w.test", 4), ("w.test", 6)]


def test_without_keys_or_with_others_nothing_is_done(tmp_path: Path) -> None:
    for command in (["vkey"], ["list-logs"], ["add-log", *LOG.vkeys], ["remove-log", "log.test"], ["serve"]):
        result = call("witness", *command, "--data", tmp_path / "w")
        assert result.exit_code == 2
        assert "--name" in result.stderr
    assert not (tmp_path / "w").exists()
    open_keys(tmp_path / "w", name="w.test")
    assert call("witness", "serve", "--data", tmp_path / "w", "--name", "other.test").exit_code == 2


def test_logs_are_added_listed_with_what_was_cosigned_and_removed(tmp_path: Path) -> None:
    keys = open_keys(tmp_path, name="w.test")
    assert call("witness", "list-logs", "--data", tmp_path).stdout == ""
    assert call("witness", "add-log", "--data", tmp_path, *LOG.vkeys).stdout == "log.test\n"
    assert "nothing cosigned yet" in call("witness", "list-logs", "--data", tmp_path).stdout
    store = WitnessStore(tmp_path)
    Witness(store, keys).add_checkpoint(LOG.step(0, 5))
    store.close()
    (listed,) = json.loads(call("witness", "list-logs", "--data", tmp_path, "--json").stdout)
    assert (listed["origin"], listed["vkeys"], listed["size"]) == ("log.test", sorted(LOG.vkeys), 5)
    assert call("witness", "remove-log", "--data", tmp_path, "log.test").exit_code == 0
    assert call("witness", "remove-log", "--data", tmp_path, "log.test").exit_code == 2
    assert call("witness", "list-logs", "--data", tmp_path, "--json").stdout == "[]\n"


def test_a_key_that_no_log_signs_with_is_refused(tmp_path: Path) -> None:
    cosigner = open_keys(tmp_path, name="w.test")[0]
    log = Ed25519Signer("log.test", b"l" * 32).vkey
    for wrong in ([cosigner.vkey], ["nonsense"], [log, *GrowingLog("other.test", 1).vkeys]):
        result = call("witness", "add-log", "--data", tmp_path, *wrong)
        assert result.exit_code == 2
        assert result.stderr.startswith("packtrail: the log was not added: ")
    assert call("witness", "add-log", "--data", tmp_path, log, "--origin", "a tree").stdout == "a tree\n"
