"""Invitations and recoveries by their pages."""

from flask import Flask
from flask.testing import FlaskClient

from service.people import accounts
from service.people.acts import By
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import PASSWORD, browser_of, is_signed_in, new_person, send
from tests.api.town import MAKER

OTHER = "a quite different phrase"


def invitation(register: Register, login: str) -> str:
    with register.write_beside() as connection:
        invited = accounts.Invited(MAKER, login, "王芳", PersonRole.RECORDER)
        return accounts.invite(connection, invited, By("", register.clock()))[1]


def test_an_invitation_leads_to_a_password_and_to_the_desk(visitor: FlaskClient, register: Register) -> None:
    path = f"/join/{invitation(register, 'wang.fang')}"
    assert "wang.fang" in visitor.get(path).text
    refused = send(visitor, path, password="password1234")
    assert refused.status_code == 422 and "wang.fang" in refused.text
    assert send(visitor, path, password=PASSWORD).location == "/desk"
    assert is_signed_in(visitor)


def test_a_link_that_is_used_or_invented_opens_nothing(app: Flask, visitor: FlaskClient, register: Register) -> None:
    path = f"/join/{invitation(register, 'used.up')}"
    send(visitor, path, password=PASSWORD)
    other = app.test_client()
    told = set()
    for dead in (path, path.replace("join", "recover"), "/join/x", "/recover/" + "y" * 43):
        for answer in (other.get(dead), send(other, dead, password=OTHER)):
            assert answer.status_code == 404
            told.add(answer.text.split("<footer>")[0].split("<header")[1].split("</header>")[1])
    assert len(told) == 1
    assert not is_signed_in(other)


def test_to_open_a_link_uses_nothing_up(visitor: FlaskClient, register: Register) -> None:
    path = f"/join/{invitation(register, 'looked.at')}"
    for method in ("GET", "HEAD", "GET"):
        assert visitor.open(path, method=method).status_code == 200
    assert send(visitor, path, password=PASSWORD).status_code == 303


def test_a_recovery_ends_every_session(app: Flask, visitor: FlaskClient, register: Register) -> None:
    person = new_person(register, PersonRole.RECORDER)
    before = browser_of(app, person)
    with register.write_beside() as connection:
        secret = accounts.renew_link(connection, person, By("", register.clock()))
    assert send(visitor, f"/recover/{secret}", password=OTHER).location == "/desk"
    assert is_signed_in(visitor) and not is_signed_in(before)


def test_asking_for_a_new_password_is_answered_alike_for_all(
    app: Flask, visitor: FlaskClient, register: Register
) -> None:
    person = new_person(register)
    answers = [send(visitor, "/recover", login=login) for login in (person.login, "nobody", "", "\x00'")]
    assert {each.status_code for each in answers} == {200}
    assert len({each.text.split("<footer>")[0] for each in answers}) == 1
    admin = browser_of(app, new_person(register))
    assert admin.get("/desk/people?lang=en").text.count("Asked for a new password") == 1
    for _ in range(20):
        answer = send(visitor, "/recover", login=person.login)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0


def test_no_log_line_holds_the_secret_of_a_link(app: Flask, visitor: FlaskClient, register: Register, capfd) -> None:  # type: ignore[no-untyped-def]
    secret = invitation(register, "not.logged")
    visitor.get(f"/join/{secret}")
    send(visitor, f"/join/{secret}", password="short")
    send(visitor, f"/join/{secret}", password=PASSWORD)
    written = capfd.readouterr().err
    assert "/join/<secret>" in written
    assert secret not in written and PASSWORD not in written
