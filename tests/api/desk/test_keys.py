"""The page of API keys: what administrators may do with them, and nobody else."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.access import authenticate, list_api_keys
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import AUTHORITY, LAB, MAKER

KEY = re.compile(r"pt_([a-z2-7]{12})_[A-Za-z0-9_-]{43}")


@pytest.fixture
def admin(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register))


def status_of(app: Flask, key: str) -> int:
    return app.test_client().get("/v1/operators", headers={"Authorization": f"Bearer {key}"}).status_code


def make(client: FlaskClient, path: str = "/desk/keys", **fields: object) -> tuple[str, str]:
    """The id and the text of a key made on the page."""
    answer = send(client, path, **({"label": "bench", "scopes": ["read"], "days": "30"} | fields))
    found = KEY.search(answer.text)
    assert found is not None, answer.text
    return found[1], found[0]


def test_a_key_is_made_shown_once_replaced_and_ended(app: Flask, admin: FlaskClient, register: Register) -> None:
    id_, key = make(admin)
    assert status_of(app, key) == 200
    listed = admin.get("/desk/keys?lang=en").text
    assert key not in listed and f"pt_{id_}_" in listed and "bench" in listed
    new = KEY.search(send(admin, f"/desk/keys/{id_}/rotate").text)
    assert new is not None and new[1] != id_
    assert (status_of(app, key), status_of(app, new[0])) == (200, 200)
    assert f"replaced by {new[1]}" in admin.get("/desk/keys?lang=en").text
    assert send(admin, f"/desk/keys/{id_}/rotate").status_code == 409
    assert send(admin, f"/desk/keys/{new[1]}/revoke").location == "/desk/keys"
    assert status_of(app, new[0]) == 401
    with register.read() as reader:
        assert authenticate(reader.connection, key, now=register.clock()).scopes == {"read"}


@pytest.mark.parametrize("fields", [{"scopes": []}, {"scopes": ["everything"]}, {"days": "0"}, {"days": "36500"}])
def test_a_wrong_choice_makes_nothing_and_keeps_what_was_typed(
    admin: FlaskClient, register: Register, fields: dict[str, object]
) -> None:
    with register.read() as reader:
        before = list_api_keys(reader.connection)
    answer = send(admin, "/desk/keys?lang=en", **({"label": "typed it", "scopes": ["read"], "days": "30"} | fields))
    assert answer.status_code == 422 and "choose " in answer.text and 'value="typed it"' in answer.text
    with register.read() as reader:
        assert list_api_keys(reader.connection) == before


def test_keys_of_others_are_hidden_except_from_the_authority(
    app: Flask, admin: FlaskClient, register: Register
) -> None:
    foreign = browser_of(app, new_person(register, operator=LAB))
    id_, key = make(admin)
    for act in ("rotate", "revoke"):
        assert send(foreign, f"/desk/keys/{id_}/{act}").status_code == 404
    assert foreign.get(f"/desk/keys/of/{MAKER}").status_code == 403
    assert status_of(app, key) == 200
    authority = browser_of(app, new_person(register, operator=AUTHORITY))
    assert f"pt_{id_}_" in authority.get(f"/desk/keys/of/{MAKER}").text
    assert send(authority, f"/desk/keys/{id_}/revoke").location == f"/desk/keys/of/{MAKER}"
    assert status_of(app, key) == 401
    assert authority.get("/desk/keys/of/nobody").status_code == 404


@pytest.mark.parametrize("role", [PersonRole.READER, PersonRole.RECORDER])
def test_who_does_not_manage_sees_no_keys_and_changes_none(
    app: Flask, admin: FlaskClient, register: Register, role: PersonRole
) -> None:
    id_, key = make(admin)
    other = browser_of(app, new_person(register, role))
    assert "/desk/keys" not in other.get("/desk").text
    assert other.get("/desk/keys").status_code == 403
    for path in ("/desk/keys", f"/desk/keys/{id_}/rotate", f"/desk/keys/{id_}/revoke"):
        assert send(other, path, scopes=["read"], days="30").status_code == 403
    assert status_of(app, key) == 200


def test_a_person_pays_from_a_bucket_of_his_own_and_from_the_organisations(admin: FlaskClient) -> None:
    answer = admin.get("/desk/keys")
    assert answer.headers["RateLimit-Policy"] == '"key";q=6000;w=60, "organisation";q=12000;w=60'
