"""The pages of webhooks: made, tried, rotated, ended, by administrators of the organisation."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.people.roles import PersonRole
from service.webhooks import outbox
from service.webhooks.outbox import Attempt, Progress
from service.webhooks.outcomes import Outcome
from service.webhooks.subscriptions import Reason
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import LAB

URL = "https://hooks.example.cn/batteries"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=&#;]{44}")
EVENT = "019de70e-cc80-7eaf-b159-5c39c81a2273"


@pytest.fixture
def admin(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register))


def add(admin: FlaskClient, **fields: object) -> tuple[str, str]:
    """The path and the page of a new webhook."""
    answer = send(admin, "/desk/webhooks?lang=en", url=URL, **fields)
    assert answer.status_code == 200, answer.text
    [path] = set(re.findall(r"/desk/webhooks/[0-9a-f-]{36}", answer.text))
    return path, answer.text


def test_a_webhook_is_made_and_its_secret_shown_once(admin: FlaskClient) -> None:
    path, page = add(admin, kinds=["sell", "install"], ties=["maker"])
    assert len(SECRET.findall(page)) == 1 and "Installed in a vehicle, Sold with its vehicle" in page
    again = admin.get(f"{path}?lang=zh").text
    assert not SECRET.search(again) and "我方生产" in again and URL in again
    assert URL in admin.get("/desk/webhooks").text


def test_everything_can_be_done_by_its_forms(admin: FlaskClient) -> None:
    path, _ = add(admin)
    assert len(SECRET.findall(send(admin, f"{path}/rotate").text)) == 1
    for act, then in (("test", "Disable"), ("disable", "disabled by you"), ("enable", "enabled")):
        assert send(admin, f"{path}/{act}?lang=en").location == f"{path}?lang=en"
        assert then in admin.get(f"{path}?lang=en").text
    send(admin, f"{path}/disable")
    assert send(admin, f"{path}/test?lang=en").status_code == 409
    assert send(admin, f"{path}/remove").location == "/desk/webhooks"
    assert admin.get(path).status_code == 404


def test_deliveries_and_why_it_was_disabled_are_shown(admin: FlaskClient, register: Register) -> None:
    path, _ = add(admin)
    id_, now = path.rpartition("/")[2], register.clock()
    tried = [Attempt(id_, EVENT, "sell", 7, now, Outcome.REFUSED, 503, 12), Attempt(id_, "", "", -1, now, Outcome.TLS)]
    with register.write_beside() as connection:
        outbox.note(connection, [], tried, now=now)
    page = admin.get(f"{path}?lang=en").text
    assert "Sold with its vehicle · 7" in page and "(503) · 12 ms" in page and "certificate does not hold" in page
    assert f"{path}/redeliver/{EVENT}" in page
    assert send(admin, f"{path}/redeliver/{EVENT}").status_code == 404  # there is no such entry here
    with register.write_beside() as connection:
        outbox.note(connection, [Progress(id_, 1_000, end=Reason.FAILED)], [], now=now)
    assert "约两天内各次尝试均失败" in admin.get(f"{path}?lang=zh").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": "https://10.0.0.1/"}, "public domain name"),
        ({"url": '"><script>alert(1)</script>'}, "an address like"),
        ({"kinds": "buy"}, "no kind of event"),
        ({"ties": "owner"}, "no tie"),
    ],
)
def test_a_wrong_form_says_what_to_mend(admin: FlaskClient, fields: dict[str, str], words: str) -> None:
    answer = send(admin, "/desk/webhooks?lang=en", **({"url": URL} | fields))
    assert answer.status_code == 422 and words in answer.text and "<script>" not in answer.text


def test_it_is_for_administrators_and_for_their_own_organisation(
    app: Flask, admin: FlaskClient, visitor: FlaskClient, register: Register
) -> None:
    path, _ = add(admin)
    reader = browser_of(app, new_person(register, PersonRole.RECORDER))
    assert reader.get("/desk/webhooks").status_code == 403 and "/desk/webhooks" not in reader.get("/desk").text
    other = browser_of(app, new_person(register, operator=LAB))
    assert other.get(path).status_code == 404
    for act in ("rotate", "disable", "enable", "test", "remove", f"redeliver/{EVENT}"):
        assert send(other, f"{path}/{act}").status_code == 404
        assert admin.post(f"{path}/{act}").status_code in (400, 403)  # without the form's token
    assert visitor.get(path).status_code in (302, 303)
