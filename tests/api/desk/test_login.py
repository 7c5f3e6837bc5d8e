"""In and out: cookies, what a login is answered, and where it leads."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.session_cookie import FORM, SESSION
from service.people.roles import PersonRole
from service.people.sessions import PASSWORD as HALF
from service.work import Register
from tests.api.desk.visiting import PASSWORD, TOKEN, browser_of, cookie_of, is_signed_in, new_person, send
from tests.api.town import AUTHORITY, MAKER


def test_the_form_of_the_page_signs_in_and_out(app: Flask, visitor: FlaskClient, register: Register) -> None:
    person = new_person(register, PersonRole.RECORDER)
    page = visitor.get("/login")
    found = TOKEN.search(page.text)
    assert found is not None
    answer = visitor.post("/login", data={"login": person.login, "password": PASSWORD, "csrf_token": found[1]})
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert person.name in visitor.get("/desk").text
    copied = app.test_client()
    copied.set_cookie(SESSION, cookie_of(visitor) or "")
    assert is_signed_in(copied)
    left = send(visitor, "/logout")
    assert (left.location, left.headers["Clear-Site-Data"]) == ("/login", '"cache"')
    assert cookie_of(visitor) is None
    assert not is_signed_in(copied)
    assert copied.get("/v1/operators").status_code == 401


def test_the_cookies_are_for_this_host_over_https_and_out_of_reach_of_scripts(
    visitor: FlaskClient, register: Register
) -> None:
    person = new_person(register, PersonRole.RECORDER)
    before = visitor.get("/login").headers.getlist("Set-Cookie")
    after = send(visitor, "/login", login=person.login, password=PASSWORD).headers.getlist("Set-Cookie")
    kept = send(visitor, "/login", login=person.login, password=PASSWORD, keep="yes").headers.getlist("Set-Cookie")
    for line in (*before, *after, *kept):
        assert line.startswith((f"{SESSION}=", f"{FORM}="))
        attributes = {each.strip() for each in line.split(";")[1:]}
        assert attributes >= {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}
        assert not any(each.lower().startswith("domain") for each in attributes)
    assert [line for line in before + after if "Max-Age" in line and "Max-Age=0" not in line] == []
    assert any("Max-Age=2592000" in line for line in kept)


def test_a_login_gets_a_new_session_whatever_cookie_was_there(
    app: Flask, visitor: FlaskClient, register: Register
) -> None:
    planted = browser_of(app, new_person(register))
    before = cookie_of(planted)
    person = new_person(register, PersonRole.RECORDER)
    send(planted, "/login", login=person.login, password=PASSWORD)
    assert cookie_of(planted) != before and person.name in planted.get("/desk").text
    other = app.test_client()
    other.set_cookie(SESSION, before or "")
    assert not is_signed_in(other)
    visitor.set_cookie(SESSION, "x" * 43)
    send(app.test_client(), "/login", login=person.login, password=PASSWORD)
    assert not is_signed_in(visitor)


def test_a_wrong_login_is_told_alike_in_both_languages(visitor: FlaskClient, register: Register) -> None:
    person = new_person(register)
    pages = []
    for login in (person.login, "nobody.here"):
        for language, words in (("en", "login or password is not right"), ("zh", "登录名或密码不正确")):
            answer = send(visitor, f"/login?lang={language}", login=login, password="wrong password")
            assert answer.status_code == 403 and words in answer.text
            pages.append(answer.text.replace(login, "*"))
    assert len({page.split("<footer>")[0] for page in pages}) == 2
    assert cookie_of(visitor) is None


def test_too_many_tries_are_told_when_to_go_on(visitor: FlaskClient, register: Register) -> None:
    person = new_person(register)
    answers = [send(visitor, "/login", login=person.login, password="wrong") for _ in range(6)]
    assert [each.status_code for each in answers] == [403] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    "extra", ["next=https://evil.example", "next=//evil.example", "return=/\\evil.example", "lang=x"]
)
def test_a_login_leads_to_a_place_of_ours_whatever_the_address_says(
    visitor: FlaskClient, register: Register, extra: str
) -> None:
    answer = send(
        visitor,
        f"/login?{extra}",
        login=new_person(register, PersonRole.RECORDER).login,
        password=PASSWORD,
        next="//evil.example",
    )
    assert (answer.status_code, answer.location) == (303, "/desk")


def test_the_chosen_language_travels_along(visitor: FlaskClient, register: Register) -> None:
    answer = send(visitor, "/login?lang=en", login=new_person(register, PersonRole.RECORDER).login, password=PASSWORD)
    assert answer.location == "/desk?lang=en"


@pytest.mark.parametrize("operator", [AUTHORITY, MAKER])
def test_where_a_second_factor_is_required_the_password_opens_nothing_else(
    app: Flask, visitor: FlaskClient, register: Register, operator: str
) -> None:
    person = new_person(register, operator=operator)
    answer = send(visitor, "/login", login=person.login, password=PASSWORD)
    assert answer.location == "/login/factor"
    for path in ("/desk", "/desk/people", "/account", "/desk/applications"):
        assert visitor.get(path).location == "/login/factor"
    assert visitor.get("/v1/operators").status_code == 401
    assert send(visitor, "/account/password", old=PASSWORD, password="x" * 20).location == "/login/factor"
    half = browser_of(app, person, HALF)
    assert send(half, "/logout").location == "/login" and cookie_of(half) is None


@pytest.mark.parametrize("path", ["/desk", "/desk/people", "/account", "/desk/applications"])
def test_who_is_not_signed_in_is_sent_to_the_login(visitor: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = visitor.open(path, method=method)
        assert (answer.status_code, answer.location) == (303, "/login")
    assert "no-store" in visitor.get("/login").headers["Cache-Control"]
