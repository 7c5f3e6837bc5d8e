"""packtrail monitor: following a register that behaves."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from ledger.entry import parse_entry
from ledger.map import MapTree, Row, key_of, map_root
from ledger.notes.note import Ed25519Signer
from ledger.tile import format_bundle_path, format_tile_path, tile_width, tiles_for
from ledger.tree import hash_leaf
from service.keys.log_rotation import add_log_key, retire_log_key
from service.keys.logkeys import read_signing_keys
from service.monitoring.state import MonitorState, read_head, read_map_tile
from tests.cli.conftest import call
from tests.needs import ROOT
from tests.scene import running_server, set_scene
from tests.service.monitoring.conftest import Outcome
from tests.service.monitoring.served import Address, OpenRegister, serving

Watching = Callable[..., Outcome]


def wanted(since: int, size: int, *, entries: bool) -> Counter[str]:
    """The paths that a monitor needs that held `since` entries and is to hold `size`, each once."""
    paths = ["checkpoint", *(format_tile_path(tile) for tile in tiles_for(size, since=since))]
    if entries:
        paths += [
            format_bundle_path(index, tile_width(0, index, size)) for index in range(since // 256, -(-size // 256))
        ]
    return Counter(paths)


def test_each_round_fetches_what_is_new_and_nothing_twice(
    opened: OpenRegister, address: Address, watch: Watching
) -> None:
    held = 0
    everything: Counter[str] = Counter()
    for number in range(4):
        size = opened.size()
        address.asked.clear()
        outcome = watch()
        assert outcome.exit_code == 0, outcome.said
        assert Counter(address.asked) == wanted(held, size, entries=True)
        everything += Counter(path for path in address.asked if path != "checkpoint")
        assert (outcome.found["size"], outcome.found["new"], outcome.found["read"]) == (size, size - held, size - held)
        held = size
        opened.grow(range(1000 + 150 * number, 1150 + 150 * number))
        opened.map()
    assert set(everything.values()) == {1}
    assert sum(1 for path in everything if "/" in path) > 10


def test_a_monitor_that_begins_without_a_key_reads_the_entries_once_it_has_one(
    opened: OpenRegister, address: Address, watch: Watching
) -> None:
    size = opened.size()
    first = watch(token=False)
    assert (first.found["read"], first.found["unread"]) == (0, size)
    address.asked.clear()
    second = watch()
    assert (second.exit_code, second.found["read"], second.found["unread"]) == (0, size, 0)
    assert second.found["maps"] == 1
    assert not [path for path in address.asked if path.startswith("tile/0/")]


def test_a_round_cut_off_in_the_middle_goes_on_later(
    opened: OpenRegister, address: Address, watch: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bundle a transaction, and the second does not come."""
    monkeypatch.setattr("service.monitoring.watching.BUNDLES_AT_ONCE", 1)
    size = opened.size()
    path = format_bundle_path(1, size - 256)

    def broken(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith(path):
            start("503 Service Unavailable", [("Content-Length", "0")])
            return []
        return opened.application(environ, start)

    address.application = broken
    outcome = watch()
    assert (outcome.exit_code, outcome.found) == (3, {})
    assert outcome.said.count("trying again") == 2
    address.application = opened.application
    address.asked.clear()
    assert watch().found["read"] == size - 256
    assert address.asked == ["checkpoint", path]


def test_what_was_computed_is_what_an_audit_of_everything_computes(
    opened: OpenRegister, watch: Watching, tmp_path: Path
) -> None:
    watch()
    opened.grow(range(800, 860))
    opened.map()
    watch()
    rows = MapTree()
    heads: dict[str, Row] = {}
    for entry in opened.entries():
        for subject, seq, _ in parse_entry(entry).chain:
            heads[subject] = Row(key_of(subject), seq, hash_leaf(entry))
    for row in heads.values():
        rows.set(row)
    state = MonitorState(tmp_path / "state")
    with state.read() as connection:
        held = read_head(connection)
        assert held.batteries == len(heads)
        wanted = rows.commitment(held.size)
        buckets = wanted.buckets
        assert map_root(lambda level, index: read_map_tile(connection, level, index), buckets) == wanted.root
    state.close()


def test_the_log_may_change_its_keys_while_it_is_followed(
    opened: OpenRegister, watch: Watching, tmp_path: Path
) -> None:
    old = opened.vkeys(tmp_path).read_text().split()
    assert watch().exit_code == 0
    add_log_key(opened.recorder)
    assert watch().exit_code == 0
    for vkey in old:
        retire_log_key(opened.recorder, vkey)
        assert watch().exit_code == 0
    opened.grow([500])
    assert watch().found["new"] == 1
    fresh = watch(state="fresh")
    assert (fresh.exit_code, fresh.found["kind"]) == (1, "checkpoint")


def test_keys_changed_behind_the_monitor_s_back_are_not_believed(
    opened: OpenRegister, watch: Watching, tmp_path: Path
) -> None:
    """No checkpoint was seen that both old and new keys signed: nobody vouches for the new ones."""
    old = opened.vkeys(tmp_path).read_text().split()
    assert watch().exit_code == 0
    add_log_key(opened.recorder)
    for vkey in old:
        retire_log_key(opened.recorder, vkey)
    assert watch().found["kind"] == "checkpoint"
    opened.vkeys(tmp_path)
    assert watch().exit_code == 0


def test_the_state_of_one_log_is_not_used_for_another(opened: OpenRegister, watch: Watching, tmp_path: Path) -> None:
    assert watch().exit_code == 0
    other = Ed25519Signer(opened.signers()[0].name, b"o" * 32)
    (tmp_path / "vkeys").write_text(f"{other.vkey}\n")
    outcome = watch()
    assert (outcome.exit_code, outcome.found) == (2, {})
    assert "is no key of the log" in outcome.said


def test_a_bad_key_is_not_permitted_and_a_state_in_use_is_busy(watch: Watching, tmp_path: Path) -> None:
    assert watch("--token", "pt_no").exit_code == 4
    state = MonitorState(tmp_path / "state")
    assert watch().exit_code == 6
    state.close()
    assert watch().exit_code == 0


def test_an_address_where_nobody_answers_is_the_network(address: Address, watch: Watching, tmp_path: Path) -> None:
    assert watch().exit_code == 0
    outcome = watch_at("http://127.0.0.1:1", tmp_path)
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    assert outcome.stderr.count("trying again") == 2
    assert not (tmp_path / "state.evidence").exists()


def test_an_answer_that_is_no_checkpoint_is_the_network(address: Address, watch: Watching) -> None:
    address.application = serving({"checkpoint": b"<html>Please log in</html>"})
    outcome = watch()
    assert (outcome.exit_code, outcome.found) == (3, {})


def watch_at(url: str, folder: Path) -> Result:
    return call("monitor", url, "--key", folder / "vkeys", "--state", folder / "state", "--once")


def test_a_served_register_is_followed_until_sigterm(tmp_path: Path) -> None:
    """The real command against the real server."""
    scene = set_scene(tmp_path / "data", packs=3)
    keys = tmp_path / "vkeys"
    keys.write_text("".join(f"{signer.vkey}\n" for signer in read_signing_keys(scene.settings)))
    with running_server(scene, workers=1) as server:
        command = [sys.executable, "-c", "from api.cli import main; main()", "monitor"]
        command += [f"http://127.0.0.1:{server.port}", "--key", str(keys)]
        command += ["--state", str(tmp_path / "state"), "--every", "0.1", "--json"]
        monitor = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert monitor.stdout is not None
        rounds = [json.loads(monitor.stdout.readline()) for _ in range(3)]
        monitor.terminate()
        _, said = monitor.communicate(timeout=60)
    assert [found["new"] for found in rounds] == [rounds[0]["size"], 0, 0]
    assert rounds[0]["size"] > 3
    assert (monitor.returncode, said.splitlines()[-1]) == (0, "stopped")
