"""The command line of the second verifier: what it takes, says and answers."""

import json
from pathlib import Path

import pytest

from ledger.__main__ import main
from tests.verifier.case import Case, bundle_case, export_case, newest_map, receipt_case
from tests.verifier.forks import contradiction_case
from tests.verifier.node import run_cli
from tests.verifier.scenes import FIRST, FIRST_KEYS, PACK, PQ_WITNESS, WITNESS, Scene, long_scene, short_scene
from tests.verifier.script import sign_text

LONG, SHORT = long_scene(), short_scene()
CASES = [export_case("export", LONG), receipt_case("receipt", LONG, 3), bundle_case("evidence", LONG, PACK)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_what_holds_is_answered_with_0_and_a_verdict(case: Case, tmp_path: Path) -> None:
    done = run_cli(*case.write(tmp_path), "--json")
    verdict = json.loads(done.stdout)
    assert done.returncode == 0
    assert list(verdict) == ["ok", "size", "root", "checked", "failures", "notes"]
    assert (verdict["ok"], verdict["size"], verdict["failures"]) == (True, len(LONG.log.lines), [])


def test_it_says_what_else_is_worth_knowing(tmp_path: Path) -> None:
    said = run_cli(*export_case("export", LONG).write(tmp_path)).stdout
    assert "holds" in said
    assert "3 entries are signed with a key in dispute" in said
    assert "epoch 2 as verifier.test/log-2: 64 entries were lost" in said
    said = run_cli(*bundle_case("evidence", LONG, PACK).write(tmp_path)).stdout
    assert "complete as of the first 37 entries" in said


@pytest.mark.parametrize("scene", [SHORT, LONG], ids=["short", "long"])
def test_both_commands_say_of_absence_as_of_when_and_of_what_they_say_nothing(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = bundle_case("evidence", scene, "ABSENT").write(tmp_path)
    second = run_cli(*arguments)
    assert (second.returncode, main(arguments)) == (0, 0)
    size = newest_map(scene.log)
    later = len(scene.log.lines) - size - 1
    expected = f"absent as of the first {size} entries, {json.loads(scene.log.lines[size])['log']['at']}: none of them "
    expected += "names ABSENT" + (f"; of the {later} entries after that map nothing is proven" if later else "")
    for said in (second.stdout, capsys.readouterr().out):
        assert said.endswith(expected + "\n")


def test_a_contradiction_is_proven_or_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proven = f"{FIRST} signed two histories, with different entries 5 under its checkpoints over 7 and 9 entries"
    arguments = contradiction_case("two histories", 5).write(tmp_path)
    second = run_cli(*arguments)
    assert (second.returncode, main(arguments)) == (0, 0)
    for said in (second.stdout, capsys.readouterr().out):
        assert said.endswith(proven + "\n")
    assert run_cli(*contradiction_case("one history", 3).write(tmp_path)).returncode == 1


def test_what_does_not_hold_is_answered_with_1_and_the_entry(tmp_path: Path) -> None:
    case = export_case("export", SHORT)
    done = run_cli(*case.but("edited", file=case.file.replace(b'"mass_g":1', b'"mass_g":2')).write(tmp_path), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["failures"][0]["index"] == 2


@pytest.mark.parametrize(
    "arguments",
    ["", "verify", "verify nothing.json", "inspect x --key k", "verify nothing.json --key no-key"],
)
def test_what_can_not_be_checked_is_answered_with_2(arguments: str) -> None:
    done = run_cli(*arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_a_receipt_asks_for_its_entry(tmp_path: Path) -> None:
    arguments = receipt_case("receipt", SHORT, 3).write(tmp_path)[:-2]
    assert run_cli(*arguments).returncode == 2


def test_without_signatures_only_hashes_and_chains_are_checked(tmp_path: Path) -> None:
    case = export_case("export", SHORT)
    lines = [line.replace(b'"jws":"', b'"jws":"AAAA', 1) for line in SHORT.log.lines]
    assert run_cli(*case.write(tmp_path), "--no-signatures").returncode == 0
    broken = case.but("other signatures", file=b"".join(line + b"\n" for line in lines))
    assert run_cli(*broken.write(tmp_path), "--no-signatures").returncode == 1


def policy(*lines: str) -> str:
    witnesses = [f"witness one {WITNESS.vkey}", f"witness two {PQ_WITNESS.vkey} https://w.example"]
    return "\n".join(["# who must have seen it", f"log {FIRST_KEYS[0].vkey}", *witnesses, *lines, ""])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (policy("quorum none"), 0),
        (policy("quorum one"), 0),
        (policy("quorum two"), 1),
        (policy("group g any one two", "quorum g"), 0),
        (policy("group g all one two", "quorum g"), 1),
        (policy("group g 1 one two", "quorum g"), 0),
        (policy("group g 2 one two", "quorum g"), 1),
        (policy("group g 3 one two", "quorum g"), 2),
        (policy("group g any one one", "quorum g"), 2),
        (policy("group g any three", "quorum g"), 2),
        (policy("quorum one", "quorum one"), 2),
        (policy("quorum three"), 2),
        (policy(), 2),
        ("quorum", 2),
        ("nonsense", 2),
    ],
)
def test_a_policy_says_how_many_of_whom(text: str, code: int, tmp_path: Path) -> None:
    """The checkpoint is cosigned by one of two witnesses."""
    note = SHORT.note.decode().partition("\n\n")[0] + "\n"
    case = export_case("export", SHORT).but("cosigned", beside=sign_text(note, [*FIRST_KEYS, WITNESS]))
    file = tmp_path / "policy"
    file.write_text(text)
    assert run_cli(*case.write(tmp_path), "--policy", file).returncode == code
