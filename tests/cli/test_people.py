"""packtrail person, and applications of organisations on the command line."""

import json
import re
from pathlib import Path

from service.people.accounts import find_login
from service.people.acts import Act, list_acts
from service.people.entering import Visitor, sign_in
from service.people.factors.recovery_codes import make_recovery_codes
from service.people.factors.state import factors_of
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call, done, refused

LINK = re.compile(r"http://127\.0\.0\.1:8000/(join|recover)/[A-Za-z0-9_-]{43}")
NEW = ("authority", "--login", "li.wei", "--name", "李伟", "--role", "reader")
APPLICATION = ("--name", "重庆维修", "--role", "workshop", "--region", "500107", "--contact", "李伟 023 1234")


def test_a_register_begins_with_one_person_whose_password_is_shown_once(tmp_path: Path) -> None:
    told = done("init", "--data", tmp_path / "fresh")
    [account] = json.loads((tmp_path / "fresh" / "accounts.json").read_text())
    assert (account["login"], account["password"]) == ("admin", told["password"])
    register = Register(read_settings({}, data=tmp_path / "fresh"))
    try:
        assert not sign_in(register, "admin", told["password"], Visitor("")).is_full
    finally:
        register.close()


def test_a_person_is_invited_listed_changed_and_helped(founded: Path) -> None:
    told = done("person", "add", "--data", founded, *NEW)
    match = LINK.fullmatch(told["link"])
    assert match is not None and match[1] == "join"
    assert [each["login"] for each in done("person", "list", "--data", founded)] == ["admin", "li.wei"]
    assert done("person", "list", "nobody", "--data", founded) == []
    assert done("person", "role", "li.wei", "admin", "--data", founded)["role"] == "admin"
    assert done("person", "disable", "li.wei", "--data", founded)["state"] == "disabled"
    assert "enable the account first" in refused("person", "reset", "li.wei", "--data", founded)
    assert done("person", "enable", "li.wei", "--data", founded)["state"] == "invited"
    assert done("person", "reset", "li.wei", "--data", founded)["purpose"] == "invitation"
    reset = done("person", "reset", "admin", "--data", founded)
    assert reset["purpose"] == "recovery" and "/recover/" in reset["link"]
    assert done("person", "sessions", "admin", "--end", "--data", founded)["login"] == "admin"
    assert done("person", "show", "li.wei", "--data", founded)["sessions"] == []


def test_who_cannot_be_invited_or_found_is_told(founded: Path) -> None:
    assert "packtrail operator add" in refused("person", "add", "--data", founded, "nobody", *NEW[1:])
    assert "/login" in refused("person", "add", "--data", founded, *NEW, "--login", "x")
    done("person", "add", "--data", founded, *NEW)
    assert "is taken" in refused("person", "add", "--data", founded, *NEW)
    assert "packtrail person list" in refused("person", "show", "nobody", "--data", founded)
    assert "last administrator" in refused("person", "disable", "admin", "--data", founded)


def test_an_application_is_approved_with_its_licences(founded: Path) -> None:
    licence = ("--licence", "hazardous_waste:CQ-17:2024-01-01")
    told = done("operator", "apply", "--data", founded, *APPLICATION, *licence)
    [waiting] = done("operator", "applications", "--data", founded)
    assert waiting == told and waiting["contact"] == "李伟 023 1234"
    approval = ("--id", "cq-repair", "--login", "li.repair", "--name", "李伟", "--data", founded)
    approved = done("operator", "approve", told["id"], *approval)
    assert LINK.fullmatch(approved["link"])
    shown = done("operator", "show", "cq-repair", "--data", founded)
    assert shown["licences"][0]["number"] == "CQ-17" and shown["keys"][0]["kid"] == "cq-repair/custody-1"
    assert done("operator", "approve", told["id"], *approval) == {"operator": "cq-repair", "link": None}
    assert done("operator", "applications", "--data", founded) == []
    assert call("verify", founded).exit_code == 0


def test_an_application_is_rejected_once_and_a_wrong_one_not_taken(founded: Path) -> None:
    told = done("operator", "apply", "--data", founded, *APPLICATION)
    rejection = ("--reason", "no licence", "--data", founded)
    assert done("operator", "reject", told["id"], *rejection)["state"] == "rejected"
    assert "decided already" in refused("operator", "reject", told["id"], *rejection)
    [listed] = done("operator", "applications", "--all", "--data", founded)
    assert listed["reason"] == "no licence"
    assert "/region" in refused("operator", "apply", "--data", founded, *APPLICATION, "--region", "1")


def test_second_factors_are_cleared_for_somebody_who_lost_them(founded: Path) -> None:
    register = Register(read_settings({}, data=founded))
    try:
        with register.write_beside() as connection:
            person = find_login(connection, "admin")
            make_recovery_codes(connection, person.id)
        assert done("person", "reset", "admin", "--factors", "--data", founded)["login"] == "admin"
        with register.read() as reader:
            assert factors_of(reader.connection, person.id).recovery_codes == 0
            assert list_acts(reader.connection, person.operator)[0].act is Act.FACTORS
    finally:
        register.close()
