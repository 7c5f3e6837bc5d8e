"""packtrail limits, and API keys that are replaced."""

from pathlib import Path

from service.access import authenticate
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call, done, refused


def rates(folder: Path, *more: str) -> dict[tuple[str, str | None], str]:
    return {(row["name"], row["operator"]): row["limit"] for row in done("limits", "list", "--data", folder, *more)}


def test_limits_are_listed_set_and_reset(founded: Path) -> None:
    before = rates(founded)
    assert before["key", None] == "6000/60" and len(before) == 9
    done("limits", "set", "key", "9000/60", "--data", founded)
    done("limits", "set", "key", "100/10", "--operator", "authority", "--data", founded)
    assert (rates(founded)["key", None], rates(founded)["key", "authority"]) == ("9000/60", "100/10")
    assert rates(founded, "--operator", "authority")["key", "authority"] == "100/10"
    shown = call("limits", "list", "--data", founded).stdout
    assert "9000/60" in shown and "default 6000/60" in shown
    done("limits", "reset", "key", "--operator", "authority", "--data", founded)
    assert done("limits", "reset", "key", "--data", founded)["limit"] == "6000/60"
    assert rates(founded) == before
    assert done("verify", founded)["size"] == 3 + 4, "each change is an entry"


def test_what_is_no_limit_is_refused(founded: Path) -> None:
    assert "AMOUNT/SECONDS" in refused("limits", "set", "key", "many", "--data", founded)
    assert "not enrolled" in refused("limits", "set", "key", "1/1", "--operator", "nobody", "--data", founded)
    unknown = call("limits", "set", "speed", "1/1", "--data", founded)
    assert unknown.exit_code == 2 and "nothing" not in unknown.stderr
    assert done("verify", founded)["size"] == 3


def test_an_api_key_is_replaced_and_both_are_shown(founded: Path) -> None:
    old = done("key", "api", "add", "authority", "--scope", "read", "--label", "ward", "--data", founded)
    [row] = [each for each in done("key", "api", "list", "--data", founded) if each["label"] == "ward"]
    new = done("key", "api", "rotate", row["id"], "--overlap", "1", "--data", founded)
    assert new["replaces"] == row["id"] and new["scopes"] == ["read"]
    register = Register(read_settings({}, data=founded))
    with register.read() as reader:
        for key in (old["api_key"], new["api_key"]):
            assert authenticate(reader.connection, key, now=register.clock()).operator == "authority"
    register.close()
    listed = call("key", "api", "list", "--data", founded).stdout
    assert f"replaced by {new['id']}" in listed and "never used" in listed
    assert "was replaced or revoked already" in refused("key", "api", "rotate", row["id"], "--data", founded)
