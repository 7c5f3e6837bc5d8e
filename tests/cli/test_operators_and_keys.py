"""packtrail operator and key."""

import base64
import json
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from ledger.entry import Event, parse_entry
from service.access import authenticate
from service.errors import NotPermittedError
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call, done, refused

NEW = ("--id", "cq-repair", "--name", "重庆维修", "--role", "workshop", "--region", "500107")


def holder(folder: Path, api_key: str) -> str:
    register = Register(read_settings({}, data=folder))
    try:
        with register.read() as reader:
            return authenticate(reader.connection, api_key, now=register.clock()).operator
    finally:
        register.close()


def last_event(folder: Path) -> Event:
    register = Register(read_settings({}, data=folder))
    try:
        with register.read() as reader:
            return parse_entry(reader.entry(reader.size() - 1) or b"").event
    finally:
        register.close()


def test_an_operator_is_enrolled_with_a_signing_key_and_an_api_key(founded: Path) -> None:
    told = done("operator", "add", "--data", founded, *NEW, "--role", "dealer", "--name-en", "Repair")
    assert told["key"] == "cq-repair/custody-1"
    assert holder(founded, told["api_key"]) == "cq-repair"
    assert last_event(founded).body["detail"] == "cq-repair: record read"
    shown = done("operator", "show", "cq-repair", "--data", founded)
    assert shown == {
        "operator": "cq-repair",
        "name": "重庆维修",
        "name_en": "Repair",
        "roles": ["workshop", "dealer"],
        "region": "500107",
        "uscc": None,
        "licences": [],
        "standing": None,
        "keys": [{"kid": "cq-repair/custody-1", "state": "valid"}],
    }
    assert [each["operator"] for each in done("operator", "list", "--data", founded)] == ["authority", "cq-repair"]
    assert "cq-repair  workshop,dealer  500107  重庆维修" in call("operator", "list", "--data", founded).stdout


def test_an_operator_is_enrolled_with_its_licences_and_shown_with_them(founded: Path) -> None:
    licences = (
        "--licence",
        "hazardous_waste:CQ-17:2024-01-01:2029-12-31:a: b",
        "--licence",
        "waste_treatment:9:2024-01-01",
    )
    done("operator", "add", "--data", founded, *NEW, *licences)
    assert done("operator", "show", "cq-repair", "--data", founded)["licences"] == [
        {
            "licence": "hazardous_waste",
            "number": "CQ-17",
            "valid_from": "2024-01-01",
            "valid_until": "2029-12-31",
            "scope": "a: b",
        },
        {"licence": "waste_treatment", "number": "9", "valid_from": "2024-01-01"},
    ]
    shown = call("operator", "show", "cq-repair", "--data", founded).stdout
    assert "hazardous_waste CQ-17, 2024-01-01 to 2029-12-31, a: b" in shown


@pytest.mark.parametrize(
    "licence", ["hazardous_waste", "hazardous_waste:1", "any:1:2024-01-01", "hazardous_waste:1:soon"]
)
def test_what_is_no_licence_is_refused(founded: Path, licence: str) -> None:
    result = call("operator", "add", "--data", founded, *NEW, "--licence", licence)
    assert result.exit_code == 2 and "licence" in result.stderr
    assert len(done("operator", "list", "--data", founded)) == 1


def test_an_operator_is_added_once_and_renewed_when_it_is_there(founded: Path) -> None:
    assert "not enrolled" in refused("operator", "add", "--data", founded, *NEW, "--renew")
    done("operator", "add", "--data", founded, *NEW)
    assert "--renew" in refused("operator", "add", "--data", founded, *NEW)
    where = ("--site", "沙坪坝: 一店:500106", "--site", "二店:500107")
    told = done("operator", "add", "--data", founded, *NEW, "--role", "tester", "--renew", *where)
    sites = last_event(founded).body["sites"]
    assert sites == [{"site": "沙坪坝: 一店", "region": "500106"}, {"site": "二店", "region": "500107"}]
    assert "NAME:REGION" in call("operator", "add", "--data", founded, *NEW, "--renew", "--site", "一店").stderr
    assert (told["api_key"], told["key"]) == (None, None)
    assert done("operator", "show", "cq-repair", "--data", founded)["roles"] == ["workshop", "tester"]


@pytest.mark.parametrize(
    ("wrong", "place"), [(("--region", "999999"), "/body/region"), (("--uscc", "1" * 18), "/body/uscc")]
)
def test_a_wrong_enrolment_is_refused_with_its_place(founded: Path, wrong: tuple[str, str], place: str) -> None:
    told = refused("operator", "add", "--data", founded, *NEW, *wrong)
    assert "the operator was not enrolled" in told and place in told
    assert len(done("operator", "list", "--data", founded)) == 1


def test_an_operator_is_suspended_ended_and_reinstated_with_its_keys(founded: Path) -> None:
    key = done("operator", "add", "--data", founded, *NEW)["api_key"]
    said = ("cq-repair", "--reason", "wound up", "--data", founded)
    assert done("operator", "suspend", *said, "--since", "2026-05-01")["standing"] == "suspended"
    assert "suspended since 2026-05-01: wound up" in call("operator", "show", "cq-repair", "--data", founded).stdout
    assert "already" in refused("operator", "suspend", *said)
    assert done("operator", "end", *said)["standing"] == "ended"
    assert "ended" in call("operator", "list", "--data", founded).stdout
    assert done("operator", "reinstate", *said)["standing"] == "active"
    assert holder(founded, key) == "cq-repair"
    shown = done("operator", "show", "cq-repair", "--data", founded)
    assert (shown["standing"]["standing"], shown["keys"][0]["state"]) == ("active", "valid")
    assert "runs this register" in refused("operator", "end", "authority", *said[1:])
    assert "not enrolled" in refused("operator", "end", "nobody", *said[1:])
    assert call("verify", founded).exit_code == 0


def test_an_operator_that_is_not_there_is_not_shown(founded: Path) -> None:
    assert "packtrail operator list" in refused("operator", "show", "nobody", "--data", founded)


def test_an_operator_may_bring_its_own_key(founded: Path, tmp_path: Path) -> None:
    told = done("operator", "add", "--data", founded, *NEW, "--own-key")
    assert told["key"] is None
    public_key = base64.b64encode(bytes(SigningKey(b"\7" * 32).verify_key)).decode()
    (tmp_path / "k1.pub").write_text(public_key + "\n")
    added = done("key", "add", "cq-repair", "--data", founded, "--name", "k1", "--public-key", tmp_path / "k1.pub")
    assert added["kid"] == "cq-repair/k1"
    assert "used before" in refused(
        "key", "add", "cq-repair", "--data", founded, "--name", "k1", "--public-key", public_key
    )
    [listed] = done("key", "list", "cq-repair", "--data", founded)
    assert (listed["kid"], listed["custody"], listed["until"]) == ("cq-repair/k1", "operator", None)
    assert call("verify", founded).exit_code == 0


def test_a_public_key_that_is_none_is_refused(founded: Path) -> None:
    done("operator", "add", "--data", founded, *NEW)
    for text in ("not base64!", "AAAA"):
        told = refused("key", "add", "cq-repair", "--data", founded, "--name", "k1", "--public-key", text)
        assert "no key was added" in told


def test_a_key_of_nobody_is_refused(founded: Path) -> None:
    assert "packtrail operator add" in refused("key", "add", "nobody", "--data", founded)
    assert "packtrail operator add" in refused("key", "api", "add", "nobody", "--data", founded)


def test_half_an_own_key_is_a_usage_error(founded: Path) -> None:
    result = call("key", "add", "authority", "--data", founded, "--name", "k1")
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_key_is_revoked_once(founded: Path) -> None:
    done("operator", "add", "--data", founded, *NEW)
    told = done("key", "revoke", "cq-repair/custody-1", "--reason", "lost", "--data", founded)
    assert done("key", "list", "cq-repair", "--data", founded)[0]["until"] == told["index"]
    assert "nothing to revoke" in refused("key", "revoke", "cq-repair/custody-1", "--reason", "lost", "--data", founded)
    assert done("key", "add", "cq-repair", "--data", founded)["kid"] == "cq-repair/custody-2"


def test_an_api_key_is_made_listed_and_revoked(founded: Path) -> None:
    told = done(
        "key", "api", "add", "authority", "--data", founded, "--scope", "read", "--label", "ward", "--days", "1"
    )
    assert holder(founded, told["api_key"]) == "authority"
    listed = done("key", "api", "list", "authority", "--data", founded)
    [row] = [each for each in listed if each["label"] == "ward"]
    assert row["scopes"] == ["read"] and row["revoked_at"] is None
    assert told["api_key"] not in json.dumps(listed)
    done("key", "api", "revoke", row["id"], "--data", founded)
    with pytest.raises(NotPermittedError):
        holder(founded, told["api_key"])
    assert "no valid API key" in refused("key", "api", "revoke", row["id"], "--data", founded)


def test_a_list_of_nothing_is_empty(founded: Path) -> None:
    assert call("key", "list", "nobody", "--data", founded).stdout == ""
    assert done("key", "api", "list", "nobody", "--data", founded) == []
