"""packtrail monitor: each thing that a register can do wrong is found, and the evidence convinces somebody else."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3

from ledger.canonical import decode, encode
from ledger.entry import format_hash
from ledger.tile import encode_bundle, parse_bundle
from ledger.tree import hash_leaf
from tests.api.town import ORIGIN, Town
from tests.service.monitoring.conftest import Outcome
from tests.service.monitoring.rechecking import recheck
from tests.service.monitoring.served import Address, OpenRegister, forged, replaced, serving
from tests.verifier.node import run_cli

Watching = Callable[..., Outcome]
CHANGE = """UPDATE entry SET data = CAST(replace(data, '"mass_g":', '"mass_g":1') AS BLOB) WHERE idx = 100"""


@pytest.fixture
def other(town: Town, tmp_path: Path) -> Iterator[OpenRegister]:
    """The same register with the same keys in another folder, to serve another history."""
    register = OpenRegister(town.copied(tmp_path / "other"))
    yield register
    register.close()


def evidence_of(outcome: Outcome, kind: str) -> Path:
    """The folder, after a look at how the monitor ended."""
    assert outcome.exit_code == 1, outcome
    assert (outcome.found["ok"], outcome.found["kind"]) == (False, kind), outcome
    folder = Path(outcome.found["evidence"])
    assert str(folder) in outcome.said
    text = (folder / "README.txt").read_text("utf-8")
    assert " ".join(outcome.found["what"].split()) in " ".join(text.split())
    assert "Could not be fetched" not in text
    return folder


def tampered(town: Town, statement: str) -> None:
    """What somebody with the database file in hands can do."""
    with sqlite3.connect(town.settings.data / "register.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount == 1
    connection.close()


def links_made_right(entries: list[bytes]) -> list[bytes]:
    """The entries with all links between them as they must be: what somebody with the log's keys would do."""
    heads: dict[str, str] = {}
    last = ""
    made = []
    for entry in entries:
        members = decode(entry)
        assert isinstance(members, dict)
        log = members["log"]
        log["prev"] = last
        log["chain"] = [[subject, seq, heads.get(subject, "")] for subject, seq, _ in log["chain"]]
        data = encode(members)
        last = format_hash(hash_leaf(data))
        heads |= {subject: last for subject, _, _ in log["chain"]}
        made.append(data)
    return made


@pytest.mark.parametrize(
    ("here", "there", "token"),
    [(1, 1, False), (1, 5, True), (5, 1, False)],
    ids=["same size", "larger, with entries", "smaller"],
)
def test_two_histories_of_one_log_are_a_proof_against_it(
    opened: OpenRegister, other: OpenRegister, address: Address, watch: Watching, here: int, there: int, token: bool
) -> None:
    common = opened.size()
    opened.grow(range(500, 500 + here))
    other.grow(range(600, 600 + there))
    assert watch(token=token).exit_code == 0
    address.application = other.application
    folder = evidence_of(watch(token=token), "fork")
    again = recheck(folder)
    assert again.exit_code == 0, again.output
    assert f"{ORIGIN} signed two histories, with different entries {common} " in again.stdout
    second = run_cli("verify", folder / "contradiction.json", "--key", folder / "vkeys")
    assert second.returncode == 0, second.stderr
    assert f"{ORIGIN} signed two histories, with different entries {common} " in second.stdout


def test_the_register_itself_is_no_proof_of_a_contradiction(
    opened: OpenRegister, other: OpenRegister, address: Address, watch: Watching
) -> None:
    opened.grow([500])
    other.grow([600])
    watch()
    address.application = other.application
    folder = evidence_of(watch(), "fork")
    proof = folder / "contradiction.json"
    text = proof.read_text("utf-8")
    parts = text.split('"leaf_hash":"')
    proof.write_text(parts[0] + '"leaf_hash":"' + parts[2][:44] + parts[1][44:] + '"leaf_hash":"' + parts[2], "utf-8")
    assert recheck(folder).exit_code == 1


def test_a_history_rewritten_with_all_keys_is_found(opened: OpenRegister, address: Address, watch: Watching) -> None:
    entries = opened.entries()
    assert watch(token=False).exit_code == 0
    entries[100] = entries[100].replace(b'"mass_g":', b'"mass_g":1', 1)
    address.application = serving(forged(links_made_right(entries), ORIGIN, opened.signers()))
    folder = evidence_of(watch(token=False), "fork")
    assert "different entries 100 " in recheck(folder).stdout


def test_a_restored_old_copy_is_a_rollback(
    opened: OpenRegister, other: OpenRegister, address: Address, watch: Watching
) -> None:
    opened.grow(range(500, 520))
    assert watch().exit_code == 0
    address.application = other.application
    folder = evidence_of(watch(), "rollback")
    again = recheck(folder)
    assert again.exit_code == 1
    assert f"the older checkpoint signs {opened.size()} entries, here are {other.size()}" in again.stdout
    address.application = opened.application
    assert watch().exit_code == 0


def test_an_old_copy_shown_for_a_moment_is_none(
    opened: OpenRegister, other: OpenRegister, address: Address, watch: Watching
) -> None:
    opened.grow(range(500, 520))
    assert watch().exit_code == 0
    answers = [other.application, opened.application]

    def stale(environ: dict[str, object], start: object) -> object:
        return answers.pop(0)(environ, start) if len(answers) > 1 else answers[0](environ, start)

    address.application = stale  # type: ignore[assignment]
    assert watch().exit_code == 0


def test_an_entry_changed_in_the_database_is_named(opened: OpenRegister, town: Town, watch: Watching) -> None:
    tampered(town, CHANGE)
    outcome = watch()
    folder = evidence_of(outcome, "entry")
    assert outcome.found["what"].startswith("entry 100 ")
    again = recheck(folder)
    assert again.exit_code == 1
    assert again.stdout.startswith("FAILED: entry 100: ")


def test_without_entries_the_tree_alone_does_not_tell(opened: OpenRegister, town: Town, watch: Watching) -> None:
    tampered(town, CHANGE)
    outcome = watch(token=False)
    assert outcome.exit_code == 0
    assert outcome.found["unread"] == opened.size()
    assert "the entries are not read" in outcome.said
    assert watch().exit_code == 1


def test_a_tile_changed_in_the_database_is_found(opened: OpenRegister, town: Town, watch: Watching) -> None:
    tampered(town, "UPDATE tile SET hashes = CAST(substr(hashes, 33) || substr(hashes, 1, 32) AS BLOB) WHERE level = 0")
    folder = evidence_of(watch(token=False), "tiles")
    again = recheck(folder)
    assert again.exit_code == 1
    assert "tiles do not make up the tree" in again.stdout


def test_a_tile_of_an_upper_level_changed_is_found(opened: OpenRegister, address: Address, watch: Watching) -> None:
    address.application = replaced(opened.application, "tile/1/000.p/1", lambda data: bytes(len(data)))
    outcome = watch(token=False)
    folder = evidence_of(outcome, "tiles")
    assert outcome.found["what"] == "tile/1/000.p/1 is not made of the tiles below it"
    assert (folder / "tile-1-000.p-1.served").read_bytes() == bytes(32)


def test_a_bad_signature_under_a_signed_tree_convicts_the_log(
    opened: OpenRegister, address: Address, watch: Watching
) -> None:
    entries = opened.entries()
    entries[100] = entries[100].replace(b'"mass_g":', b'"mass_g":1', 1)
    address.application = serving(forged(links_made_right(entries), ORIGIN, opened.signers()))
    outcome = watch()
    folder = evidence_of(outcome, "content")
    assert outcome.found["what"].startswith("entry 100: ")
    again = recheck(folder)
    assert again.exit_code == 1
    assert again.stdout.startswith("FAILED: entry 100: ")


def test_a_wrong_map_is_found(opened: OpenRegister, other: OpenRegister, address: Address, watch: Watching) -> None:
    """The map of a register with another battery, signed by the authority as it must be."""
    assert watch().exit_code == 0
    opened.grow([701])
    other.grow([700])
    other.map()
    entries = [*opened.entries(), other.entries()[-1]]
    address.application = serving(forged(links_made_right(entries), ORIGIN, opened.signers()))
    outcome = watch()
    folder = evidence_of(outcome, "content")
    assert outcome.found["what"] == (
        f"entry {len(entries) - 1}: commits to another map than that of the entries before it"
    )
    again = recheck(folder)
    assert (again.exit_code, again.stdout.startswith(f"FAILED: entry {len(entries) - 1}: ")) == (1, True)


def test_a_battery_s_entry_left_out_of_its_chain_is_found(
    opened: OpenRegister, address: Address, watch: Watching
) -> None:
    entries = opened.entries()
    gone = entries.pop(150)
    assert b'"type":"register"' in gone
    address.application = serving(forged(entries, ORIGIN, opened.signers()))
    outcome = watch()
    assert "entry 150: does not continue the entry before it" in outcome.found["what"]
    assert recheck(evidence_of(outcome, "content")).exit_code == 1


def test_an_event_recorded_twice_is_found_across_rounds(
    opened: OpenRegister, address: Address, watch: Watching
) -> None:
    assert watch().exit_code == 0
    entries = opened.entries()
    again = [*entries, entries[5]]
    address.application = serving(forged(links_made_right(again), ORIGIN, opened.signers()))
    outcome = watch()
    assert outcome.found["what"].endswith("is recorded as entry 5 already")
    assert recheck(evidence_of(outcome, "content")).exit_code == 1


def test_a_checkpoint_with_a_wrong_signature_is_found(opened: OpenRegister, address: Address, watch: Watching) -> None:
    def change(note: bytes) -> bytes:
        text, _, signatures = note.partition(b"\n\n")
        lines = text.split(b"\n")
        return b"\n".join([lines[0], b"%d" % (int(lines[1]) + 1), lines[2]]) + b"\n\n" + signatures

    address.application = replaced(opened.application, "checkpoint", change)
    folder = evidence_of(watch(), "checkpoint")
    assert recheck(folder).exit_code == 1


def test_a_checkpoint_without_all_keys_that_the_entries_put_in_force_is_found(
    opened: OpenRegister, address: Address, watch: Watching, tmp_path: Path
) -> None:
    """The monitor was given one of the log's two keys; the entries name both."""
    one = opened.signers()[0]
    opened.vkeys(tmp_path).write_text(f"{one.vkey}\n")
    assert watch().exit_code == 0
    opened.grow([500])
    address.application = serving(forged(opened.entries(), ORIGIN, [one]))
    assert watch().found["kind"] == "checkpoint"
    outcome = watch(state="fresh")
    assert "must use" in outcome.found["what"]
    assert recheck(evidence_of(outcome, "content")).exit_code == 1


def test_a_bundle_cut_short_is_found(opened: OpenRegister, address: Address, watch: Watching) -> None:
    address.application = replaced(
        opened.application, "tile/entries/000", lambda data: encode_bundle(parse_bundle(data)[:-1])
    )
    assert recheck(evidence_of(watch(), "entry")).exit_code == 1


def test_the_same_finding_is_written_down_once(
    opened: OpenRegister, other: OpenRegister, address: Address, watch: Watching
) -> None:
    opened.grow([500])
    other.grow([600])
    watch()
    address.application = other.application
    folders = {evidence_of(watch(), "fork") for _ in range(3)}
    assert len(folders) == 1
    assert list(next(iter(folders)).parent.iterdir()) == list(folders)
    shutil.rmtree(folders.pop())
    evidence_of(watch(), "fork")
