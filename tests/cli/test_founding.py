"""packtrail init."""

import json
from pathlib import Path

import pytest

from ledger.entry import parse_entry
from service.access import authenticate
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call


def test_a_founded_register_tells_its_keys_once_and_keeps_them_for_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    result = call("init", "--data", folder, "--origin", "example.cn/log", "--authority", "cq", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["origin"], told["authority"]) == ("example.cn/log", "cq")
    file = folder / "accounts.json"
    assert file.stat().st_mode & 0o777 == 0o600
    shown_once = {"api_key": told["api_key"], "login": "admin", "password": told["password"]}
    assert json.loads(file.read_text()) == [{"organisation": "cq", "role": "authority"} | shown_once]
    assert (folder / "vkeys").read_text().split() == told["vkeys"]
    register = Register(read_settings({}, data=folder))
    with register.read() as reader:
        caller = authenticate(reader.connection, told["api_key"], now=register.clock())
        kinds = [parse_entry(data).event for data in reader.entries(0, 9)]
    assert (caller.operator, caller.scopes) == ("cq", {"record", "read", "manage"})
    assert [each.type for each in kinds] == ["open_log", "enrol_operator", "record_maintenance"]
    assert kinds[2].body["detail"] == "cq: record read manage"
    assert [signer.vkey for signer in register.signers] == told["vkeys"]
    register.close()


def test_for_people_the_key_and_the_verifier_keys_are_printed(tmp_path: Path) -> None:
    result = call("init", "--data", tmp_path / "var")
    assert "api_key    pt_" in result.stdout
    assert "127.0.0.1/log+" in result.stdout


def test_the_origin_follows_the_address_of_the_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKTRAIL_BASE_URL", "https://id.example.cn:8443/")
    result = call("init", "--data", tmp_path / "var", "--json")
    assert json.loads(result.stdout)["origin"] == "id.example.cn/log"


def test_a_register_is_founded_once(founded: Path) -> None:
    before = (founded / "accounts.json").read_bytes()
    result = call("init", "--data", founded)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "open already" in result.stderr
    assert (founded / "accounts.json").read_bytes() == before


@pytest.mark.parametrize(
    "wrong", [("--region", "999999"), ("--authority", "Not An Id"), ("--name", ""), ("--origin", "a b")]
)
def test_a_founder_that_cannot_be_enrolled_founds_nothing(tmp_path: Path, wrong: tuple[str, str]) -> None:
    result = call("init", "--data", tmp_path / "var", *wrong)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no register was founded" in result.stderr
    assert not (tmp_path / "var" / "register.db").exists()
