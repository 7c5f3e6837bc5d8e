"""The page of people: what administrators may do, and nobody else."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.people import accounts
from service.people.accounts import Person
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import PASSWORD, browser_of, is_signed_in, new_person, send
from tests.api.town import AUTHORITY, LAB, MAKER

LINK = re.compile(r"https://id\.example\.cn(/(?:join|recover)/[A-Za-z0-9_-]{43})<")


def seen(register: Register, person: Person) -> Person:
    with register.read() as reader:
        return accounts.find_person(reader.connection, person.id)


def link_in(text: str) -> str:
    [path] = LINK.findall(text)
    return str(path)


@pytest.fixture
def admin(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register))


def test_an_administrator_invites_and_the_link_is_shown_once(
    admin: FlaskClient, visitor: FlaskClient, register: Register
) -> None:
    answer = send(admin, "/desk/people", login="invited.one", name="张三", role="recorder")
    path = link_in(answer.text)
    assert path.startswith("/join/") and path not in admin.get("/desk/people").text
    assert send(visitor, path, password=PASSWORD).location == "/desk"
    with register.read() as reader:
        person = accounts.find_login(reader.connection, "invited.one")
    assert (person.operator, person.role) == (MAKER, PersonRole.RECORDER)


@pytest.mark.parametrize("host", ["evil.example", "id.example.cn.evil.example"])
def test_a_link_stands_at_the_registers_own_name_whatever_the_host_header_says(
    admin: FlaskClient, register: Register, host: str
) -> None:
    person = new_person(register)
    answer = send(admin, f"/desk/people/{person.id}/link", host=host)
    assert host not in answer.text and link_in(answer.text).startswith("/recover/")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"login": "x", "name": "y", "role": "reader"}, "a login has"),
        ({"login": "good.one", "name": "", "role": "reader"}, "a name has"),
        ({"login": "good.one", "name": "y", "role": "king"}, "choose one of the roles"),
        ({"login": "good.one", "name": "y"}, "choose one of the roles"),
    ],
)
def test_a_wrong_invitation_says_what_to_mend_and_keeps_what_was_typed(
    admin: FlaskClient, fields: dict[str, str], words: str
) -> None:
    answer = send(admin, "/desk/people?lang=en", **fields)
    assert answer.status_code == 422 and words in answer.text
    assert f'value="{fields["login"]}"' in answer.text
    assert "good.one" not in admin.get("/desk/people").text


def test_another_role_and_disabling_hold_at_once(app: Flask, admin: FlaskClient, register: Register) -> None:
    person = new_person(register, PersonRole.RECORDER)
    signed_in = browser_of(app, person)
    assert send(admin, f"/desk/people/{person.id}/role", role="reader").status_code == 303
    assert not is_signed_in(signed_in) and seen(register, person).role is PersonRole.READER
    signed_in = browser_of(app, person)
    assert send(admin, f"/desk/people/{person.id}/disable").status_code == 303
    assert not is_signed_in(signed_in)
    assert send(admin, f"/desk/people/{person.id}/link").status_code == 409
    assert send(admin, f"/desk/people/{person.id}/enable").status_code == 303
    assert is_signed_in(browser_of(app, person))


def test_the_last_administrator_is_told_why_not(app: Flask, register: Register) -> None:
    only = new_person(register, operator=LAB)
    answer = send(browser_of(app, only), f"/desk/people/{only.id}/disable")
    assert answer.status_code == 409 and "最后一名管理员" in answer.text
    assert not seen(register, only).is_disabled


@pytest.mark.parametrize("role", [PersonRole.RECORDER, PersonRole.READER])
def test_who_is_no_administrator_changes_nobody(app: Flask, register: Register, role: PersonRole) -> None:
    me, other = new_person(register, role), new_person(register)
    browser = browser_of(app, me)
    assert browser.get("/desk/people").status_code == 403
    for target in (me, other):
        for act in ("role", "disable", "enable", "link"):
            assert send(browser, f"/desk/people/{target.id}/{act}", role="admin").status_code == 403
    assert send(browser, "/desk/people", login="my.friend", name="x", role="admin").status_code == 403
    assert seen(register, me).role is role and not seen(register, other).is_disabled


def test_people_of_another_organisation_cannot_be_seen_or_changed(
    app: Flask, admin: FlaskClient, register: Register
) -> None:
    stranger = new_person(register, operator=LAB)
    for act in ("role", "disable", "enable", "link"):
        answers = [send(admin, f"/desk/people/{id_}/{act}", role="reader") for id_ in (stranger.id, "no-such-person")]
        assert [each.status_code for each in answers] == [404, 404]
    assert admin.get(f"/desk/people/of/{LAB}").status_code == 403
    assert send(admin, f"/desk/people/of/{LAB}", login="mole", name="x", role="admin").status_code == 403
    assert seen(register, stranger) == stranger
    assert stranger.login not in admin.get("/desk/people").text


def test_the_authoritys_administrators_help_every_organisation(app: Flask, register: Register) -> None:
    authority = browser_of(app, new_person(register, operator=AUTHORITY))
    person = new_person(register, operator=LAB)
    assert person.login in authority.get(f"/desk/people/of/{LAB}").text
    assert link_in(send(authority, f"/desk/people/{person.id}/link").text).startswith("/recover/")
    answer = send(authority, f"/desk/people/of/{LAB}", login="second.in.lab", name="x", role="reader")
    assert link_in(answer.text).startswith("/join/")
    assert authority.get("/desk/people/of/nobody-here").status_code == 404


def test_what_people_typed_is_shown_as_text(admin: FlaskClient) -> None:
    name = "<img src=x onerror=alert(1)>\"'"
    text = send(admin, "/desk/people", login="typed.html", name=name, role="reader").text
    assert "<img" not in text and "&lt;img" in text
