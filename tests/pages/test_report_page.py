"""A stranger reports a problem, the authority handles it, the maker sees it; in a browser and without a script."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from api.labelling import Look, draw_battery_label
from api.limits import COSTS, tariff_of
from api.session_cookie import SESSION
from service.history import battery_now
from service.limits.rows import LIMITS
from service.people import sessions
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from tests.applications import app_on
from tests.pages.desk import open_page
from tests.pages.life import PACK, RECYCLED, Story, make_batteries, open_story
from tests.service.documents.files import PDF, PLACE, picture

AUTHORITY, MAKER, STRANGER = "cq-city", "cq-cells", "cq-lab"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Story]:
    told = open_story(tmp_path_factory.mktemp("reports") / "register", database_url)
    make_batteries(told)
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def app(story: Story) -> Flask:
    return app_on(story.register, story.recorder)


@pytest.fixture(scope="module")
def cookies(story: Story) -> dict[str, str]:
    """Of a session of an administrator of the authority, the maker and a stranger."""
    found = {}
    with story.register.write_beside() as connection:
        now = story.register.clock()
        for operator in (AUTHORITY, MAKER, STRANGER):
            invited = Invited(operator, f"admin.{operator}", "管理员", PersonRole.ADMIN)
            person, _ = make_person(connection, invited, By("", now))
            device = sessions.Device("Firefox")
            found[operator] = sessions.begin(connection, person.id, sessions.FULL, now=now, device=device)
    return found


def send(client: FlaskClient, *, photo: bytes | None = None, **fields: str) -> Any:
    data: dict[str, Any] = {"reason": "moved", "code": PACK} | fields
    if photo is not None:
        data["photo"] = (io.BytesIO(photo), "IMG_2041.jpg")
    return client.post("/report?lang=en", data=data, content_type="multipart/form-data")


def as_person(client: FlaskClient, cookie: str) -> FlaskClient:
    client.set_cookie(SESSION, cookie)
    return client


def test_a_report_has_a_page_of_its_own_that_tells_nothing_of_who_sent_it(client: FlaskClient) -> None:
    answer = send(client, words="<b>seen in Yubei</b>", photo=picture("JPEG"))
    assert answer.status_code == 303
    assert re.fullmatch(r"/report/R-[2-9A-Z]{4}-[2-9A-Z]{4}\?lang=en", answer.headers["Location"])
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "Not handled yet" in page.text
    assert "Yubei" not in page.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("fields", "photo", "told"),
    [
        ({"reason": ""}, None, "choose what is wrong"),
        ({"reason": "burnt"}, None, "choose what is wrong"),
        ({"code": " "}, None, "say which battery"),
        ({"words": "x" * 1001}, None, "at most 1000 letters"),
        ({}, PDF, "a photo is a JPEG, PNG or WebP"),
        ({}, b"\xff\xd8\xff cut off", "the picture cannot be read"),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(
    client: FlaskClient, fields: dict[str, str], photo: bytes | None, told: str
) -> None:
    answer = send(client, photo=photo, **{"words": "near the seam"} | fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert "Nothing was kept" in answer.text
    assert "<title>Error: " in answer.text
    assert fields.get("words") or "near the seam" in answer.text


def test_a_file_that_is_far_too_large_is_refused_before_it_is_read(client: FlaskClient) -> None:
    assert send(client, photo=b"\xff\xd8\xff" + bytes(13 * 1024 * 1024)).status_code == 413


@pytest.mark.parametrize("reference", ["R-2222-2222", "R-2222-222", "r-2222-2222", "1", "R-2222-2222\n"])
def test_a_reference_that_nobody_was_given_leads_nowhere(client: FlaskClient, reference: str) -> None:
    assert client.get(f"/report/{reference}").status_code in (400, 404)


def test_a_report_costs_a_network_its_own_few_units() -> None:
    tariff = tariff_of("POST", "/report")
    assert tariff.is_problem and not tariff_of("GET", "/report").is_problem
    assert LIMITS["problems"].amount * 3600 // LIMITS["problems"].seconds <= 20
    assert COSTS["POST", "/report"] * LIMITS["problems"].amount <= LIMITS["address"].amount


def test_a_photo_is_shown_to_those_it_concerns_and_to_nobody_else(app: Flask, cookies: dict[str, str]) -> None:
    reference = send(app.test_client(), photo=picture("JPEG")).headers["Location"].split("/")[2][:11]
    photo = f"/desk/reported/{reference}/photo"
    for operator, status in ((AUTHORITY, 200), (MAKER, 200), (STRANGER, 404)):
        answer = as_person(app.test_client(), cookies[operator]).get(photo)
        assert answer.status_code == status, operator
        if status == 200:
            assert answer.data.startswith(b"\xff\xd8") and PLACE.encode() not in answer.data
            assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert app.test_client().get(photo).headers["Location"].startswith("/login")
    assert reference in as_person(app.test_client(), cookies[MAKER]).get("/desk/reported").text
    assert reference not in as_person(app.test_client(), cookies[STRANGER]).get("/desk/reported").text


def test_only_who_supervises_handles(app: Flask, cookies: dict[str, str]) -> None:
    reference = send(app.test_client()).headers["Location"].split("/")[2][:11]
    maker = as_person(app.test_client(), cookies[MAKER])
    token = re.search(r'name="csrf_token" value="([^"]*)"', maker.get("/desk/reported").text)
    assert token is not None
    data = {"csrf_token": token[1], "note": "all is well"}
    assert maker.post(f"/desk/reported/{reference}/handle", data=data).status_code == 403


def test_a_photo_of_a_label_leads_to_its_battery(client: FlaskClient, story: Story) -> None:
    photo = draw_battery_label(battery_now(story.register, RECYCLED), "https://id.example.cn", Look("png"))
    sent = {"photo": (io.BytesIO(photo), "label.png")}
    answer = client.post("/find/photo?lang=en", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/find?code=")
    assert RECYCLED in client.get(answer.headers["Location"]).text


@pytest.mark.parametrize("photo", [None, picture("JPEG"), PDF])
def test_a_photo_without_a_code_leads_back_and_says_what_to_do(client: FlaskClient, photo: bytes | None) -> None:
    sent = {} if photo is None else {"photo": (io.BytesIO(photo), "x.jpg")}
    answer = client.post("/find/photo?lang=en", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "no code was found" in answer.text or "cannot be read" in answer.text


@pytest.mark.both_engines
@pytest.mark.browser
def test_a_stranger_reports_by_keyboard_and_the_authority_handles_it(
    browser: Browser, app: Flask, cookies: dict[str, str]
) -> None:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.port}"
    try:
        page = open_page(browser, address, "en-GB", None, java_script_enabled=False)
        page.goto(f"{address}/b/{PACK}")
        page.get_by_role("main").get_by_role("link", name="Report a problem").press("Enter")
        expect(page.get_by_label("The code on the battery")).to_have_value(PACK)
        page.get_by_label("The same code").focus()
        page.keyboard.press("Space")
        page.get_by_label("What you saw").fill("twice on one trailer")
        page.get_by_label("Photo of the label").set_input_files(
            {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": picture("JPEG")}
        )
        page.get_by_role("button", name="Send the report").press("Enter")
        expect(page.locator("h1")).to_have_text("Report received")
        reference, own = page.locator(".plate code").inner_text(), page.url
        page.context.close()
        desk = open_page(browser, address, "en-GB", cookies[AUTHORITY], java_script_enabled=False)
        desk.goto(f"{address}/desk/reported")
        row = desk.locator("li", has_text=reference)
        expect(row).to_contain_text("twice on one trailer")
        expect(row.get_by_role("link", name="Photo of")).to_have_count(1)
        row.get_by_role("textbox").fill("two labels were printed by mistake")
        desk.keyboard.press("Enter")
        expect(desk.locator("li", has_text=reference)).to_have_count(0)
        desk.goto(own)
        expect(desk.locator("h1")).to_have_text("Handled")
        desk.context.close()
    finally:
        server.shutdown()
        thread.join()
