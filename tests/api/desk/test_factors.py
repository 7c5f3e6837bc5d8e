"""Second factors by page, without script: what the first stage may reach, and what it may not."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from werkzeug.test import TestResponse

from service.people.roles import PersonRole
from tests.api.desk.door import Door, Visitor

_SECRET = re.compile(r'class="secret" translate="no">([A-Z2-7 ]+)<')
_CODE = re.compile(r"<li>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</li>")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    door = Door(tmp_path_factory.mktemp("door") / "data", "http://127.0.0.1:8000")
    yield door
    door.close()


def set_up_app(door: Door, visitor: Visitor) -> pyotp.TOTP:
    """The app of whoever is signed in or has to set one up."""
    visitor.get("/account/factors")
    visitor.follow(visitor.post("/account/factors/app"))
    found = _SECRET.search(visitor.get("/account/factors/app").text)
    assert found is not None
    app = pyotp.TOTP(found[1].replace(" ", ""))
    visitor.follow(visitor.post("/account/factors/app/code", code=app.at(door.clock.now)))
    door.clock.move(seconds=90)
    return app


def leads_to(response: TestResponse) -> str:
    return response.headers.get("Location", "")


def test_people_of_the_authority_set_one_up_before_anything_else(door: Door) -> None:
    _, login = door.official()
    visitor = door.visitor()
    assert leads_to(visitor.sign_in(login)) == "/login/factor"
    assert leads_to(visitor.get("/login/factor")) == "/account/factors"
    for path in ("/desk", "/account", "/desk/people", "/desk/applications"):
        assert leads_to(visitor.get(path)) == "/login/factor"
    assert "Set up a passkey or an authenticator app now" in visitor.get("/account/factors").text
    set_up_app(door, visitor)
    assert visitor.get("/desk").status_code == 200


def test_others_sign_in_by_password_until_they_set_one_up(door: Door) -> None:
    _, login = door.join()
    visitor = door.visitor()
    assert leads_to(visitor.sign_in(login)) == "/desk"
    app = set_up_app(door, visitor)
    later = door.visitor()
    assert leads_to(later.sign_in(login)) == "/login/factor"
    assert leads_to(later.get("/desk")) == "/login/factor"
    later.get("/login/factor")
    assert leads_to(later.post("/login/factor/app", code=app.at(door.clock.now))) == "/desk"
    assert later.get("/desk").status_code == 200


def test_a_stolen_password_adds_no_factor_of_the_thiefs(door: Door) -> None:
    _, login = door.join()
    visitor = door.visitor()
    visitor.sign_in(login)
    set_up_app(door, visitor)
    thief = door.visitor()
    thief.sign_in(login)
    thief.get("/login/factor")
    for path in ("/account/factors", "/account/factors/app"):
        assert leads_to(thief.get(path)) == "/login/factor"
    for path in (
        "/account/factors/app",
        "/account/factors/app/code",
        "/account/factors/app/remove",
        "/account/factors/passkeys",
        "/account/factors/passkeys/options",
        "/account/factors/recovery-codes",
    ):
        assert leads_to(thief.post(path, code="000000")) == "/login/factor", path


def test_the_first_stage_reaches_no_page_and_no_part_of_the_api(door: Door) -> None:
    _, login = door.official()
    visitor = door.visitor()
    visitor.sign_in(login)
    assert visitor.get("/v1/operators").status_code == 401
    assert leads_to(visitor.get("/desk/people")) == "/login/factor"


def test_the_second_factor_gives_a_new_cookie(door: Door) -> None:
    _, login = door.join()
    visitor = door.visitor()
    visitor.sign_in(login)
    app = set_up_app(door, visitor)
    later = door.visitor()
    later.sign_in(login)
    before = later.client.get_cookie("__Host-packtrail", domain="127.0.0.1")
    later.get("/login/factor")
    later.post("/login/factor/app", code=app.at(door.clock.now))
    after = later.client.get_cookie("__Host-packtrail", domain="127.0.0.1")
    assert before is not None and after is not None and before.value != after.value
    planted = door.visitor()
    planted.client.set_cookie("__Host-packtrail", before.value, domain="127.0.0.1", secure=True)
    assert leads_to(planted.get("/desk")) == "/login"


def test_a_wrong_code_is_told_and_lets_nobody_in(door: Door) -> None:
    _, login = door.join()
    visitor = door.visitor()
    visitor.sign_in(login)
    set_up_app(door, visitor)
    later = door.visitor()
    later.sign_in(login)
    later.get("/login/factor")
    for _ in range(5):
        answer = later.post("/login/factor/app", code="12345")
        assert answer.status_code == 403 and "This code is not right" in answer.text
    assert later.post("/login/factor/app", code="12345").status_code == 429
    assert leads_to(later.get("/desk")) == "/login/factor"


def test_recovery_codes_are_shown_once_and_stand_in_once(door: Door) -> None:
    _, login = door.join()
    visitor = door.visitor()
    visitor.sign_in(login)
    set_up_app(door, visitor)
    visitor.get("/account/factors")
    codes = _CODE.findall(visitor.post("/account/factors/recovery-codes").text)
    assert len(codes) == 10
    assert codes[0] not in visitor.get("/account/factors").text
    for expected in ("/desk", ""):
        later = door.visitor()
        later.sign_in(login)
        later.get("/login/factor")
        assert leads_to(later.post("/login/factor/recovery", recovery_code=codes[0])) == expected


def test_the_last_one_of_an_official_cannot_be_removed(door: Door) -> None:
    _, login = door.official()
    visitor = door.visitor()
    visitor.sign_in(login)
    set_up_app(door, visitor)
    visitor.get("/account/factors")
    answer = visitor.post("/account/factors/app/remove")
    assert answer.status_code == 403 and "last second factor" in answer.text
    assert "An app is set up." in visitor.get("/account/factors").text


def test_an_administrator_clears_the_factors_of_a_colleague_and_of_nobody_else(door: Door) -> None:
    person, login = door.join()
    visitor = door.visitor()
    visitor.sign_in(login)
    set_up_app(door, visitor)
    stranger, admin = door.visitor(), door.visitor()
    stranger.sign_in(door.join("no-such-operator", PersonRole.ADMIN)[1])
    set_up_app(door, stranger)
    stranger.get("/account")
    assert stranger.post(f"/desk/people/{person}/factors").status_code == 404
    colleague = door.visitor()
    colleague.sign_in(door.join()[1])
    colleague.get("/account")
    assert colleague.post(f"/desk/people/{person}/factors").status_code == 403
    assert leads_to(admin.sign_in(door.join(role=PersonRole.ADMIN)[1])) == "/login/factor", "as every administrator"
    set_up_app(door, admin)
    admin.get("/desk/people")
    assert leads_to(admin.post(f"/desk/people/{person}/factors")) == "/desk/people"
    assert leads_to(visitor.get("/desk")) == "/login"
    assert leads_to(door.visitor().sign_in(login)) == "/desk"


def test_where_passkeys_cannot_be_had_the_page_says_so_and_offers_the_app(door: Door) -> None:
    _, login = door.official()
    visitor = door.visitor()
    visitor.sign_in(login)
    page = visitor.get("/account/factors").text
    assert "Passkeys work only where" in page and "data-passkey" not in page
    assert "data-passkey" not in door.visitor().get("/login").text
    assert visitor.post("/account/factors/passkeys/options").status_code == 403
