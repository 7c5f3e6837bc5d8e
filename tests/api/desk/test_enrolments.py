"""The authority renews enrolments, and suspends and reinstates organisations, on their page."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain.bodies import EnrolOperator
from service.operators import current_registry
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import PASSWORD, browser_of, is_signed_in, new_person, send
from tests.api.town import AUTHORITY, BUREAU, LAB, MOTORS

FORM: dict[str, Any] = {"name": "检测所", "name_en": "Laboratory", "region": "500107", "roles": ["tester", "collector"]}
LICENCE = {"number_0": "T-1", "licence_0": "test_accreditation", "valid_from_0": "2026-01-01", "scope_0": "余能检测"}
SITE = {"site_0": "北碚实验室", "site_region_0": "500109"}


@pytest.fixture
def authority(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register, operator=AUTHORITY))


def enrolment(register: Register, operator: str = LAB) -> EnrolOperator:
    return current_registry(register).operators[operator].enrolment


def size(register: Register) -> int:
    with register.read() as reader:
        return reader.size()


def test_an_enrolment_is_renewed_with_roles_licences_and_sites(authority: FlaskClient, register: Register) -> None:
    page, path = f"/desk/organisations/{LAB}", f"/desk/organisations/{LAB}/enrolment"
    assert f'href="{path}"' in authority.get(page).text
    assert send(authority, path, **FORM, **LICENCE, **SITE).status_code == 303
    found = enrolment(register)
    assert (found.name, [role.value for role in found.roles]) == ("检测所", ["tester", "collector"])
    [licence], [site] = found.licences or (), found.sites or ()
    assert (licence.number, licence.valid_from, licence.valid_until) == ("T-1", date(2026, 1, 1), None)
    assert (site.site, site.region) == ("北碚实验室", "500109")
    assert "T-1" in authority.get(page).text and "余能检测" in authority.get(page).text
    form = authority.get(path).text
    assert 'value="T-1"' in form and 'value="余能检测"' in form and 'value="北碚实验室"' in form
    before = size(register)
    same = FORM | {"roles": ["collector", "tester"]}
    assert send(authority, path, **same, **LICENCE, **SITE, number_1="").status_code == 303
    assert size(register) == before, "as it was: there is nothing to record"
    assert send(authority, path, **same, licence_0="test_accreditation", number_0="", site_0="").status_code == 303
    assert (enrolment(register).licences, enrolment(register).sites) == (None, None), "an empty row takes it out"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"region": "999999"}, "GB/T 2260"),
        ({"roles": []}, ""),
        ({"roles": ["king"]}, ""),
        ({"number_0": "", "scope_0": "without a number"}, ""),
        ({"number_0": "T-2", "licence_0": "other", "valid_from_0": "soon"}, ""),
        ({"site_0": "nowhere"}, ""),
    ],
)
def test_a_wrong_form_is_shown_again_and_changes_nothing(
    authority: FlaskClient, register: Register, wrong: dict[str, Any], named: str
) -> None:
    before, path = size(register), f"/desk/organisations/{LAB}/enrolment"
    answer = send(authority, path, **(FORM | wrong))
    assert answer.status_code == 422 and named in answer.text and 'value="检测所"' in answer.text
    assert size(register) == before


def test_only_administrators_of_the_authority_may_rule(app: Flask, register: Register) -> None:
    before, page = size(register), f"/desk/organisations/{LAB}"
    bureau = browser_of(app, new_person(register, operator=BUREAU))
    reader = browser_of(app, new_person(register, PersonRole.READER, AUTHORITY))
    for client in (bureau, reader):
        shown = client.get(page)
        assert shown.status_code == 200 and "/enrolment" not in shown.text and "/standing" not in shown.text
        assert client.get(f"{page}/enrolment").status_code == 403
        assert send(client, f"{page}/enrolment", **FORM).status_code == 403
        assert send(client, f"{page}/standing", standing="ended", reason="x").status_code == 403
    authority = browser_of(app, new_person(register, operator=AUTHORITY))
    assert authority.get("/desk/organisations/nobody/enrolment").status_code == 404
    assert authority.post(f"{page}/standing", data={"standing": "ended", "reason": "x"}).status_code == 403, "no token"
    assert size(register) == before


def test_a_suspended_organisation_is_signed_out_and_let_in_again(
    app: Flask, authority: FlaskClient, register: Register
) -> None:
    page, person = f"/desk/organisations/{MOTORS}", new_person(register, PersonRole.RECORDER, MOTORS)
    client = browser_of(app, person)
    assert is_signed_in(client)
    assert send(authority, f"{page}/standing", standing="", reason="x").status_code == 422
    assert send(authority, f"{page}/standing", standing="ended", reason="wound up", since="soon").status_code == 422
    assert send(authority, f"{page}/standing", standing="ended", reason="wound up").status_code == 303
    assert "wound up" in authority.get(page, headers={"Accept-Language": "en"}).text
    assert "已终止" in authority.get("/desk/organisations").text
    assert not is_signed_in(client)
    visitor = app.test_client()
    told = send(visitor, "/login", login=person.login, password=PASSWORD)
    assert told.status_code == 403 and "wound up" in told.text
    wrong = send(visitor, "/login", login=person.login, password="not the password")
    assert wrong.status_code == 403 and "wound up" not in wrong.text, "only who knows the password is told"
    assert send(authority, f"{page}/standing", standing="active", reason="an error").status_code == 303
    assert is_signed_in(client)
    assert send(visitor, "/login", login=person.login, password=PASSWORD).status_code == 303
