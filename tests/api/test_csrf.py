"""Changes that our own pages did not ask for: refused for every form and for the API, with and without a session."""

import re
from functools import reduce

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.auth import PERSON
from api.csrf import HEADER, token_for
from api.routes import declarations
from api.session_cookie import FORM
from service.work import Register
from tests.api.checking import problem
from tests.api.desk.visiting import PASSWORD, browser_of, cookie_of, new_person
from tests.api.town import MAKER, Town
from tests.applications import app_on

FROM_NOBODY = {"/check-document", "/find/photo", "/report"}
"""What is posted here is taken as anybody's, whoever is signed in: a forged request gains nothing."""
UUID = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def app(register: Register) -> Flask:
    return app_on(register)


@pytest.fixture
def signed_in(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register))


def token_of(client: FlaskClient) -> str:
    return token_for(cookie_of(client) or "")


def forms(app: Flask) -> list[str]:
    """Every path where a page of ours posts to, for people or the public."""
    posted = {each.rule for each in declarations(app) if each.method == "POST" and not each.described}
    assert posted > FROM_NOBODY
    rules = sorted(posted - FROM_NOBODY)
    made = {r"<uuid:[^>]*>": UUID, r"<int:[^>]*>": "0", r"<any\((\w+)[^>]*>": r"\1", r"<[^>]*>": "x"}
    return [reduce(lambda path, part: re.sub(*part, path), made.items(), rule) for rule in rules]


def test_every_form_wants_the_token_of_its_own_session(app: Flask, signed_in: FlaskClient, register: Register) -> None:
    stranger = token_of(browser_of(app, new_person(register)))
    assert len(forms(app)) >= 12
    for path in forms(app):
        for told in ({}, {"csrf_token": ""}, {"csrf_token": stranger}, {"csrf_token": "\u00e9\x00"}):
            answer = signed_in.post(path, data=told)
            assert answer.status_code == 403, path
            assert problem(answer, 403)["code"] == "forged-request", path
    assert signed_in.get("/desk").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://id.example.cn"},
        {"Origin": "https://id.example.cn.evil.example"},
    ],
)
def test_a_request_from_elsewhere_is_refused_even_with_the_token(
    signed_in: FlaskClient, headers: dict[str, str]
) -> None:
    for path in ("/logout", "/account/password", "/desk/people"):
        answer = signed_in.post(path, data={"csrf_token": token_of(signed_in)}, headers=headers)
        assert problem(answer, 403)["code"] == "forged-request"
    assert signed_in.get("/desk").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "https://id.example.cn"}],
)
def test_a_request_of_our_own_is_taken(signed_in: FlaskClient, headers: dict[str, str]) -> None:
    answer = signed_in.post("/logout", data={"csrf_token": token_of(signed_in)}, headers=headers)
    assert answer.status_code == 303


def test_nobody_is_signed_in_by_a_strangers_form(app: Flask, register: Register) -> None:
    person, victim, attacker = new_person(register), app.test_client(), app.test_client()
    attacker.get("/login")
    victim.get("/login")
    form = {"login": person.login, "password": PASSWORD}
    stolen = token_for(cookie_of(attacker, FORM) or "")
    for data in (form, form | {"csrf_token": stolen}):
        assert victim.post("/login", data=data).status_code == 403
    own = form | {"csrf_token": token_for(cookie_of(victim, FORM) or "")}
    assert victim.post("/login", data=own, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert cookie_of(victim) is None
    assert victim.post("/login", data=own).status_code == 303


def test_a_session_changes_things_through_the_api_only_with_the_header(signed_in: FlaskClient) -> None:
    path, body = f"/v1/operators/{MAKER}/api-keys", {"label": "by a page"}
    for headers in ({}, {HEADER: "wrong"}, {HEADER: token_of(signed_in), "Sec-Fetch-Site": "cross-site"}):
        assert problem(signed_in.post(path, json=body, headers=headers), 403)["code"] == "forged-request"
    form = signed_in.post(path, data={"csrf_token": token_of(signed_in), "label": "x"})
    assert problem(form, 403)["code"] == "forged-request"
    assert signed_in.post(path, json=body, headers={HEADER: token_of(signed_in)}).status_code == 201
    assert len(signed_in.get(path).get_json()) >= 1


def test_a_key_and_a_session_at_once_are_refused(signed_in: FlaskClient, town: Town) -> None:
    for path in ("/v1/operators", "/log/checkpoint"):
        answer = signed_in.get(path, headers=town.bearer(MAKER))
        assert "not both" in problem(answer, 401)["detail"]


def test_a_session_sees_through_the_api_what_its_person_may(app: Flask, signed_in: FlaskClient) -> None:
    assert signed_in.get("/v1/operators").status_code == 200
    assert signed_in.get(f"/v1/operators/{MAKER}/api-keys").status_code == 200
    assert signed_in.get("/v1/operators/cq-lab/api-keys").status_code == 403
    unknown = app.test_client()
    unknown.set_cookie("__Host-packtrail", "x" * 43)
    assert unknown.get("/v1/operators").status_code == 401
    assert unknown.get("/log/checkpoint").status_code == 200


def test_every_page_for_people_is_behind_a_session(app: Flask) -> None:
    behind = [each for each in declarations(app) if each.rule.startswith(("/desk", "/account"))]
    assert behind and [each.rule for each in behind if each.terms.audience.name == "public"] == []
    assert any(each.terms.audience is PERSON for each in behind)
