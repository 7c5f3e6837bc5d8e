"""Single sign-on through the pages, against a provider that answers over HTTP."""

import html
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from service.people.accounts import disable, find_person
from service.people.acts import By
from service.people.factors.recovery_codes import make_recovery_codes
from service.people.oidc.provider import Provider
from tests.api.desk.door import Door, Visitor
from tests.api.desk.test_factors import leads_to, set_up_app
from tests.service.people.oidc.openid import CLIENT, SECRET, OpenId, make_key

BASE_URL = "http://127.0.0.1:8000"
_LEAVE = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenId]:
    with OpenId() as provider:
        yield provider


@pytest.fixture(scope="module")
def door(openid: OpenId, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder: Path = tmp_path_factory.mktemp("door")
    secret = folder / "secret"
    secret.write_text(SECRET)
    door = Door(folder / "data", BASE_URL, provider=Provider(openid.issuer, CLIENT, "City Login", secret))
    openid.now = lambda: door.clock.now.timestamp()
    yield door
    door.close()


@pytest.fixture(autouse=True)
def honest(openid: OpenId) -> None:
    """As it began."""
    openid.alg, openid.claims, openid.token = "ES256", {}, None
    openid.published = [openid.key.as_dict(private=False)]


def leave(visitor: Visitor, path: str) -> str:
    """The address at the provider to which the page leads."""
    visitor.get("/login" if path.startswith("/login") else "/account")
    found = _LEAVE.search(visitor.post(path).text)
    assert found is not None
    return html.unescape(found[1])


def come_back(address: str) -> str:
    """Where the provider sends the browser of somebody who is signed in there."""
    parts = urlsplit(address)
    line = HTTPConnection(str(parts.hostname), parts.port or 80, timeout=5)
    line.request("GET", f"{parts.path}?{parts.query}")
    back = line.getresponse().headers["Location"]
    line.close()
    assert back.startswith(f"{BASE_URL}/login/oidc/callback?")
    return back.removeprefix(BASE_URL)


def link(door: Door, openid: OpenId, subject: str) -> tuple[str, str]:
    """Somebody new whose account at the provider is linked: id and login."""
    person, login = door.join()
    visitor = door.visitor()
    visitor.sign_in(login)
    openid.subject = subject
    assert leads_to(visitor.get(come_back(leave(visitor, "/account/oidc")))) == "/account"
    assert "Linked on" in visitor.get("/account").text
    return person, login


def sign_in(door: Door) -> tuple[Visitor, TestResponse]:
    visitor = door.visitor()
    return visitor, visitor.get(come_back(leave(visitor, "/login/oidc")))


@pytest.mark.parametrize("alg", ["RS256", "ES256", "Ed25519"])
def test_who_has_linked_an_account_signs_in_with_it(door: Door, openid: OpenId, alg: str) -> None:
    before, openid.alg = openid.key, alg
    openid.key = make_key(alg, "first")
    openid.published = [openid.key.as_dict(private=False)]
    fresh_directory()
    link(door, openid, f"subject {alg}")
    visitor, answer = sign_in(door)
    assert leads_to(answer) == "/desk" and visitor.get("/desk").status_code == 200
    openid.key = before
    fresh_directory()


def fresh_directory() -> None:
    """Let the keys be fetched again, as after ten minutes."""
    from service.people.oidc.discovery import directory_of

    directory_of.cache_clear()


def test_no_account_is_made_of_what_a_token_says(door: Door, openid: OpenId) -> None:
    openid.subject = "nobody here"
    openid.claims = {"email": "admin@example.cn", "preferred_username": "person-1", "roles": ["authority"]}
    visitor, answer = sign_in(door)
    assert answer.status_code == 403 and "linked to nobody here" in answer.text
    assert leads_to(visitor.get("/desk")) == "/login"


def test_the_second_factor_is_still_asked_for(door: Door, openid: OpenId) -> None:
    person, login = link(door, openid, "with factor")
    visitor = door.visitor()
    visitor.sign_in(login)
    set_up_app(door, visitor)
    visitor, answer = sign_in(door)
    assert leads_to(answer) == "/login/factor"
    assert leads_to(visitor.get("/desk")) == "/login/factor"
    with door.register.write_beside() as connection:
        [code, *_] = make_recovery_codes(connection, person)
    visitor.get("/login/factor")
    assert leads_to(visitor.post("/login/factor/recovery", recovery_code=code)) == "/desk"


def test_an_account_belongs_to_one_person(door: Door, openid: OpenId) -> None:
    link(door, openid, "taken")
    visitor = door.visitor()
    visitor.sign_in(door.join()[1])
    answer = visitor.get(come_back(leave(visitor, "/account/oidc")))
    assert answer.status_code == 403 and "linked to another person" in answer.text


def test_a_link_that_was_removed_signs_nobody_in(door: Door, openid: OpenId) -> None:
    link(door, openid, "removed")
    visitor, _ = sign_in(door)
    visitor.get("/account")
    assert leads_to(visitor.post("/account/oidc/remove")) == "/account"
    assert sign_in(door)[1].status_code == 403


def test_who_is_disabled_does_not_sign_in(door: Door, openid: OpenId) -> None:
    person, _ = link(door, openid, "disabled")
    with door.register.write_beside() as connection:
        disable(connection, find_person(connection, person), By("", door.clock()))
    assert sign_in(door)[1].status_code == 403


def test_the_address_says_code_pkce_state_and_nonce_and_comes_back_to_us_only(door: Door, openid: OpenId) -> None:
    query = {name: values[0] for name, values in parse_qs(urlsplit(leave(door.visitor(), "/login/oidc")).query).items()}
    assert query["redirect_uri"] == f"{BASE_URL}/login/oidc/callback"
    assert (query["response_type"], query["code_challenge_method"], query["scope"]) == ("code", "S256", "openid")
    assert all(len(query[name]) == 43 for name in ("state", "nonce", "code_challenge"))
    assert SECRET not in str(query)


def test_a_state_is_good_once(door: Door, openid: OpenId) -> None:
    link(door, openid, "once")
    visitor = door.visitor()
    back = come_back(leave(visitor, "/login/oidc"))
    assert leads_to(visitor.get(back)) == "/desk"
    visitor.client.delete_cookie("__Host-packtrail", domain="127.0.0.1")
    assert visitor.get(back).status_code == 403


def test_a_state_is_good_for_ten_minutes(door: Door, openid: OpenId) -> None:
    link(door, openid, "late")
    visitor = door.visitor()
    back = come_back(leave(visitor, "/login/oidc"))
    door.clock.move(minutes=10)
    assert visitor.get(back).status_code == 403


def test_nobody_is_signed_in_by_the_answer_to_somebody_elses_attempt(door: Door, openid: OpenId) -> None:
    """Login forgery: the attacker's own good answer, opened in the victim's browser."""
    link(door, openid, "attacker")
    attacker, victim = door.visitor(), door.visitor()
    back = come_back(leave(attacker, "/login/oidc"))
    victim.get("/login")
    assert victim.get(back).status_code == 403
    assert leads_to(victim.get("/desk")) == "/login"


def test_nobodys_account_is_linked_by_the_answer_to_somebody_elses_attempt(door: Door, openid: OpenId) -> None:
    attacker, victim = door.visitor(), door.visitor()
    attacker.sign_in(door.join()[1])
    victim.sign_in(door.join()[1])
    openid.subject = "attackers account"
    back = come_back(leave(attacker, "/account/oidc"))
    assert victim.get(back).status_code == 403
    assert "Linked on" not in victim.get("/account").text
    sign_in_back = come_back(leave(door.visitor(), "/login/oidc"))
    assert victim.get(sign_in_back).status_code == 403
    assert "Linked on" not in victim.get("/account").text


def test_leaving_is_asked_for_by_our_own_pages_only(door: Door) -> None:
    visitor = door.visitor()
    visitor.sign_in(door.join()[1])
    visitor.get("/account")
    for path in ("/account/oidc", "/login/oidc"):
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            answer = visitor.client.post(
                path, data={"csrf_token": visitor.token}, base_url=BASE_URL, headers=headers | {"Accept": "text/html"}
            )
            assert answer.status_code == 403, (path, headers)
        assert visitor.get(path).status_code == 405


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"nonce": "an older one"},
        {"exp": 1},
        {"sub": ""},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_signs_nobody_in(door: Door, openid: OpenId, claims: dict[str, object]) -> None:
    openid.subject = "with factor"
    openid.claims = claims
    visitor, answer = sign_in(door)
    assert answer.status_code == 403 and "did not work" in answer.text
    assert "evil" not in answer.text and leads_to(visitor.get("/desk")) == "/login"


def test_the_token_of_an_earlier_sign_in_is_not_taken_again(door: Door, openid: OpenId) -> None:
    link(door, openid, "earlier")
    openid.token = openid.sign("the nonce of then")
    assert sign_in(door)[1].status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 403),
        ("state=x&code=y", 403),
        ("error=access_denied&state=x", 403),
        ("state=%00&code=%FF", 400),
        ("state=%FF&code=1", 403),
        ("code=1", 403),
    ],
)
def test_an_address_that_nobody_was_given_leads_nowhere(door: Door, query: str, status: int) -> None:
    answer = door.visitor().get(f"/login/oidc/callback?{query}")
    assert answer.status_code == status and "access_denied" not in answer.text


def test_an_answer_that_says_it_is_another_providers_is_refused(door: Door, openid: OpenId) -> None:
    link(door, openid, "mixed up")
    visitor = door.visitor()
    back = come_back(leave(visitor, "/login/oidc"))
    other = re.sub(r"iss=[^&]*", "iss=https%3A%2F%2Fother.example", back)
    assert other != back and visitor.get(other).status_code == 403


def test_a_wrong_client_secret_signs_nobody_in(door: Door, openid: OpenId) -> None:
    provider = door.register.settings.oidc
    assert provider is not None and provider.secret_file is not None
    provider.secret_file.write_text("another")
    try:
        assert sign_in(door)[1].status_code == 403
    finally:
        provider.secret_file.write_text(SECRET)


def test_without_a_provider_there_is_no_single_sign_on(tmp_path: Path) -> None:
    door = Door(tmp_path / "data", BASE_URL)
    visitor = door.visitor()
    assert "City Login" not in visitor.get("/login").text
    assert visitor.post("/login/oidc").status_code == 404
    assert visitor.get("/login/oidc/callback").status_code == 404
    door.close()
