"""Applications: by the form, through the API, and on the authority's page."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.auth import present_registry
from service.people.accounts import list_people
from service.people.applications import Application, list_applications
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import AUTHORITY

FORM = {
    "name": "重庆再生",
    "region": "500107",
    "roles": ["recycler", "collector"],
    "licence_0": "hazardous_waste",
    "number_0": "CQ-17",
    "valid_from_0": "2024-01-01",
    "valid_until_0": "2029-12-31",
    "contact": "李伟 023-1234",
}


@pytest.fixture
def authority(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register, operator=AUTHORITY))


def newest(register: Register) -> Application:
    with register.read() as reader:
        return list_applications(reader.connection)[0]


def from_place(client: FlaskClient, address: str, **form: Any) -> Any:
    """The form as somebody at this address sends it: each place may send only so many."""
    client.environ_base["REMOTE_ADDR"] = address
    return send(client, "/apply", **form)


def test_an_application_by_the_form_is_approved_on_the_page(
    app: Flask, visitor: FlaskClient, authority: FlaskClient, register: Register
) -> None:
    assert from_place(visitor, "192.0.2.1", **FORM).status_code == 200
    application = newest(register)
    page = authority.get("/desk/applications").text
    assert application.id in page and "李伟 023-1234" in page and "CQ-17" in page
    path = f"/desk/applications/{application.id}/approve"
    answer = send(authority, path, operator="cq-renewal", name="李伟", login="li.renewal")
    assert answer.status_code == 200
    assert re.search(r"https://id\.example\.cn/join/[A-Za-z0-9_-]{43}<", answer.text)
    with app.test_request_context():
        enrolment = present_registry().operators["cq-renewal"].enrolment
    assert [role.value for role in enrolment.roles] == ["recycler", "collector"]
    assert enrolment.licences is not None and enrolment.licences[0].number == "CQ-17"
    with register.read() as reader:
        assert [each.login for each in list_people(reader.connection, "cq-renewal")] == ["li.renewal"]


def test_a_wrong_form_says_everything_and_keeps_what_was_typed(visitor: FlaskClient, register: Register) -> None:
    answer = from_place(visitor, "192.0.2.2", **FORM | {"region": "1", "uscc": "X" * 18, "contact": ""})
    assert answer.status_code == 422
    for word in ("region", "uscc", "contact"):
        assert f"<code>{word}</code>" in answer.text
    assert 'value="重庆再生"' in answer.text and 'value="recycler" checked' in answer.text


def test_a_rejection_says_why(visitor: FlaskClient, authority: FlaskClient, register: Register) -> None:
    from_place(visitor, "192.0.2.3", **FORM)
    path = f"/desk/applications/{newest(register).id}"
    assert send(authority, f"{path}/reject", reason="").status_code == 422
    assert send(authority, f"{path}/reject", reason="no valid licence").status_code == 303
    assert "no valid licence" in authority.get("/desk/applications").text
    assert send(authority, f"{path}/approve", operator="cq-late", name="x", login="too.late").status_code == 409
    assert send(authority, "/desk/applications/x/reject", reason="y").status_code == 404


def test_only_the_authority_decides(app: Flask, visitor: FlaskClient, register: Register) -> None:
    from_place(visitor, "192.0.2.4", **FORM)
    path, maker = f"/desk/applications/{newest(register).id}", browser_of(app, new_person(register))
    assert maker.get("/desk/applications").status_code == 403
    assert send(maker, f"{path}/approve", operator="cq-mine", name="x", login="mine.all").status_code == 403
    assert send(maker, f"{path}/reject", reason="x").status_code == 403
    assert newest(register).state == "open"


def test_one_place_sends_only_so_many(visitor: FlaskClient) -> None:
    statuses = [from_place(visitor, "2001:db8::1", **FORM | {"region": "1"}).status_code for _ in range(12)]
    assert statuses[:10] == [422] * 10 and statuses[-1] == 429
    assert from_place(visitor, "2001:db8:0:1::1", **FORM | {"region": "1"}).status_code == 422
