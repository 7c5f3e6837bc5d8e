"""One's own account: the password and the sessions."""

from flask import Flask
from flask.testing import FlaskClient

from api.edge import edge_of
from service.people.roles import PersonRole
from service.people.sessions import list_sessions
from service.work import Register
from tests.api.desk.visiting import PASSWORD, browser_of, cookie_of, is_signed_in, new_person, send

OTHER = "a quite different phrase"


def test_a_new_password_signs_out_everywhere_else(app: Flask, register: Register) -> None:
    person = new_person(register, PersonRole.READER)
    here, elsewhere = browser_of(app, person), browser_of(app, person)
    before = cookie_of(here)
    assert send(here, "/account/password", old="not my password", password=OTHER).status_code == 403
    assert send(here, "/account/password", old=PASSWORD, password="short").status_code == 422
    assert is_signed_in(elsewhere)
    assert send(here, "/account/password", old=PASSWORD, password=OTHER).location == "/account"
    assert is_signed_in(here) and not is_signed_in(elsewhere)
    assert cookie_of(here) != before


def test_each_session_is_listed_and_can_be_ended_by_its_own_person(app: Flask, register: Register) -> None:
    person, stranger = new_person(register), new_person(register)
    here, phone, other = browser_of(app, person), browser_of(app, person), browser_of(app, stranger)
    with edge_of(app).register.read() as reader:
        ids = [each.id for each in list_sessions(reader.connection, person.id, now=register.clock())]
    page = here.get("/account").text
    assert [f"/account/sessions/{id_}/end" in page for id_ in ids].count(True) == 1
    for id_ in ids:
        send(other, f"/account/sessions/{id_}/end")
    assert is_signed_in(here) and is_signed_in(phone)
    [elsewhere] = [id_ for id_ in ids if f"/account/sessions/{id_}/end" in page]
    assert send(here, f"/account/sessions/{elsewhere}/end").location == "/account"
    assert is_signed_in(here) and not is_signed_in(phone)


def test_the_header_shows_what_the_person_may_open(app: Flask, register: Register) -> None:
    def links(client: FlaskClient) -> set[str]:
        return {path for path in ("/desk/people", "/desk/applications", "/account") if f'href="{path}"' in page(client)}

    def page(client: FlaskClient) -> str:
        return client.get("/desk").text

    assert links(browser_of(app, new_person(register, PersonRole.READER))) == {"/account"}
    assert links(browser_of(app, new_person(register))) == {"/account", "/desk/people"}
    authority = browser_of(app, new_person(register, operator="cq-city"))
    assert links(authority) == {"/account", "/desk/people", "/desk/applications"}
