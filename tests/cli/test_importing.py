"""packtrail import: what it says, what it writes, and how it ends."""

import json
from pathlib import Path

import pytest

from service.imports.storing import Ask, take_in
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call
from tests.service.imports.packs import pack_file, pack_row
from tests.service.town import StillClock, found_town


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A register with a maker and its models."""
    found_town(tmp_path / "data", StillClock()).close()
    return tmp_path / "data"


def run(data: Path, content: bytes, *more: str | Path) -> tuple[int, str, str]:
    file = data.parent / "packs.csv"
    file.write_bytes(content)
    result = call("import", file, "--kind", "packs", "--as", "cq-cells", "--data", data, *more)
    return result.exit_code, result.stdout, result.stderr


def test_a_good_file_ends_with_0_and_a_partly_good_one_with_5(data: Path) -> None:
    code, told, _ = run(data, pack_file(range(1, 4)))
    assert (code, "3 accepted + 0 refused = 3" in told) == (0, True), told
    refused, whole, receipts = (data.parent / name for name in ("refused.csv", "all.ndjson", "receipts.ndjson"))
    files = ("--refused", refused, "--out", whole, "--receipts", receipts)
    code, told, talk = run(data, pack_file([8], pack_row(9, mass="1E5")), *files)
    assert (code, "1 accepted + 1 refused = 2" in told) == (5, True)
    assert "row 3: 质量（千克）" in talk and "科学计数法" in talk
    assert refused.read_text("utf-8-sig").count("\n") == 3
    assert [json.loads(line)["status"] for line in whole.read_text().splitlines()[:-1]] == ["recorded", "refused"]
    assert [json.loads(line).get("row") for line in receipts.read_text().splitlines()] == [2, None]


def test_a_dry_run_records_nothing_and_all_or_nothing_is_nothing(data: Path) -> None:
    mixed = pack_file([1], pack_row(2, mass="?"))
    for options, accepted in ((("--dry-run",), 1), (("--all-or-nothing",), 0)):
        code, told, _ = run(data, mixed, *options, "--json")
        assert (code, json.loads(told)["counts"]["accepted"]) == (5, accepted)
    code, told, talk = run(data, pack_file([1]), "--json")
    assert (code, json.loads(told)["counts"]["accepted"]) == (0, 1)
    code, told, talk = run(data, pack_file([1]), "--json")
    assert (code, json.loads(told)["again"], "--again" in talk) == (0, True, True)
    assert run(data, pack_file([1]), "--again")[0] == 5


def test_a_file_that_cannot_be_read_and_wrong_words_end_with_2(data: Path) -> None:
    code, told, _ = run(data, b"colour\n1\n")
    assert (code, "'colour'" in told, "无法识别的列" in told) == (2, True, True)
    assert run(data, pack_file([1]), "--column", "x")[0] == 2
    assert run(data, pack_file([1]), "--column", "nothing=mass_g")[0] == 2
    assert call("import", "--data", data).exit_code == 2
    assert call("import", "--resume", "x", "--data", data).exit_code == 2
    assert call("import", data.parent / "packs.csv", "--kind", "packs", "--as", "nobody", "--data", data).exit_code == 2
    assert run(data, b"")[0] == 2


def test_an_import_that_has_ended_is_told_again(data: Path) -> None:
    id_ = json.loads(run(data, pack_file([1]), "--json")[1])["id"]
    result = call("import", "--resume", id_, "--data", data, "--json")
    assert (result.exit_code, json.loads(result.stdout)["state"]) == (0, "finished")


def test_an_import_that_waits_is_cancelled_and_one_that_has_ended_stays(data: Path) -> None:
    register = Register(read_settings(data=data))
    waiting = take_in(register, Ask("cq-cells", "packs", atomic=False), [pack_file([1, 2])]).job.id
    register.close()
    result = call("import", "--cancel", waiting, "--data", data, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["state"], told["counts"]["accepted"]) == (0, "cancelled", 0)
    ended = json.loads(run(data, pack_file([3]), "--json")[1])["id"]
    assert json.loads(call("import", "--cancel", ended, "--data", data, "--json").stdout)["state"] == "finished"
    assert call("import", "--cancel", "x", "--data", data).exit_code == 2
    assert call("import", "--cancel", waiting, "--resume", waiting, "--data", data).exit_code == 2


def test_limits_are_settings(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKTRAIL_IMPORT_ROWS", "1")
    assert read_settings(data=data).imports.rows == 1
    code, told, _ = run(data, pack_file([1, 2]))
    assert (code, "more than 1 rows" in told) == (2, True)
    monkeypatch.setenv("PACKTRAIL_IMPORT_ROWS", "many")
    assert run(data, pack_file([1, 2]))[0] == 2
