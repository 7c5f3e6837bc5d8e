"""A passport at the desk: sections filled in, what is wrong told at its field, published, looked at as others do."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.passports.editing import mark_of, open_writing
from service.passports.publishing import author_of_model, discard, hand_in
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.filled import boxes_of_page
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import LAB, MAKER
from tests.service.domain.story import PACK
from tests.service.passports.contents import content

MODEL, BATTERY = "/desk/models/CQ-150/passport", f"/desk/packs/{PACK}/passport"


@pytest.fixture
def maker(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register, PersonRole.RECORDER))


def fill(browser: FlaskClient, path: str, *, was: str | None = None, **boxes: Any) -> TestResponse:
    """Send a section with these boxes filled in, `p26__voltage_mv="300"`, the others as the page has them."""
    fields = boxes_of_page(browser.get(f"{path}?lang=en").text) | {"act": "save"}
    fields |= {name.replace("__", "."): text for name, text in boxes.items()} | ({"was": was} if was else {})
    return send(browser, f"{path}?lang=en", **fields)


def publish(browser: FlaskClient) -> TestResponse:
    """Publish what the check shows."""
    page = browser.get(f"{MODEL}/publish").text
    return send(browser, f"{MODEL}/publish", **boxes_of_page(page))


def size(register: Register) -> int:
    with register.read() as reader:
        return reader.size()


def begin(register: Register, *without: int) -> None:
    """Start from a draft that lacks these."""
    hand_in(register, author_of_model(register, "CQ-150", MAKER), content(without=without))


def test_what_is_valid_is_kept_and_what_is_not_is_told_at_its_field(maker: FlaskClient, register: Register) -> None:
    discard(register, author_of_model(register, "CQ-150", MAKER))
    path = f"{MODEL}/electrical"
    page = fill(maker, path, p26__voltage_mv="300", p28__voltage_mv="lots", p27__voltage_mv="", p27__from_mc="20")
    assert page.status_code == 422
    assert "<title>Error: " in page.text and "2 data points were not saved" in page.text
    assert "1 other change is in the draft" in page.text
    assert 'href="#p28.voltage_mv"' in page.text and 'value="lots"' in page.text
    assert 'href="#p27.voltage_mv"' in page.text and "this field is required" in page.text
    mended = send(maker, f"{path}?lang=en", **boxes_of_page(page.text) | {"p27.from_mc": "", "p28.voltage_mv": "403.2"})
    assert (mended.status_code, mended.headers["Location"]) == (303, f"{MODEL}?lang=en")
    overview = maker.get(f"{MODEL}?lang=zh").text
    assert "300 伏" in overview and "403.2 伏" in overview and "有未发布的草稿" in overview
    beyond = fill(maker, path, p26__voltage_mv="300", p28__voltage_mv="5001")
    assert "must lie between 0.001 and 5,000 V" in beyond.text


def test_rows_are_added_without_saving_and_none_at_all_is_a_value(maker: FlaskClient, register: Register) -> None:
    discard(register, author_of_model(register, "CQ-150", MAKER))
    path = f"{MODEL}/materials"
    more = fill(maker, path, act="more.p15.materials", **{"p15__materials__0__name": "cobalt"})
    assert 'value="cobalt"' in more.text and 'id="p15.materials.3.name"' in more.text
    assert "There is a draft" not in maker.get(f"{MODEL}?lang=en").text
    both = {"p13__substances__none_at_all": "1", "p13__substances__0__name": "LiPF6"}
    assert "do one of them" in fill(maker, path, **both).text
    assert fill(maker, path, p13__substances__none_at_all="1").status_code == 303
    assert "none at all" in maker.get(f"{MODEL}?lang=en").text


def test_a_colleagues_change_is_not_overwritten_unseen(maker: FlaskClient, register: Register) -> None:
    begin(register)
    path = f"{MODEL}/tests"
    stale = boxes_of_page(maker.get(path).text)["was"]
    begin(register, 50)
    mine = {"p50__reports__0__title": "UN 38.3", "p50__reports__0__url": "https://docs.example.cn/un.pdf"}
    refused = fill(maker, path, was=stale, **mine)
    assert refused.status_code == 409 and "somebody changed these data points" in refused.text
    assert 'value="UN 38.3"' in refused.text
    assert send(maker, path, **boxes_of_page(refused.text)).status_code == 303


@pytest.mark.parametrize("act", ["more.p50.reports", "save"])
def test_what_somebody_asks_for_in_between_does_not_hide_a_colleagues_change(
    maker: FlaskClient, register: Register, act: str
) -> None:
    """Neither rows to fill in nor a page that says what is wrong shows what the colleague wrote."""
    begin(register, 50)
    path = f"{MODEL}/tests"
    page = boxes_of_page(maker.get(path).text)
    begin(register)
    mine = {"p50.reports.0.title": "UN 38.3", "p50.reports.0.url": "no address" if act == "save" else ""}
    between = send(maker, path, **page | mine | {"act": act})
    assert 'value="UN 38.3"' in between.text
    filled = boxes_of_page(between.text) | {"p50.reports.0.url": "https://docs.example.cn/un.pdf", "act": "save"}
    assert send(maker, path, **filled).status_code == 409


def test_an_incomplete_content_is_not_published_and_each_number_leads_to_its_field(
    maker: FlaskClient, register: Register
) -> None:
    begin(register, 33, 45)
    before = size(register)
    check = maker.get(f"{MODEL}/publish?lang=en").text
    assert "2 mandatory data points are missing" in check and "Publish version" not in check
    assert f'href="{MODEL}/lifetime?lang=en#p33"' in check and f'href="{MODEL}/composition?lang=en#p45"' in check
    draft = open_writing(register, author_of_model(register, "CQ-150", MAKER)).content
    refused = send(maker, f"{MODEL}/publish?lang=zh", was=mark_of(draft, draft))
    assert refused.status_code == 422 and "缺少数据项33" in refused.text and "缺少数据项45" in refused.text
    assert size(register) == before


def test_nothing_is_published_that_was_not_looked_over(maker: FlaskClient, register: Register) -> None:
    begin(register)
    seen = boxes_of_page(maker.get(f"{MODEL}/publish?lang=en").text)
    assert fill(maker, f"{MODEL}/recycled", **{"p24__share_ppm": "5.5"}).status_code == 303
    before = size(register)
    refused = send(maker, f"{MODEL}/publish?lang=en", **seen)
    assert refused.status_code == 409 and "has changed since you looked it over" in refused.text
    assert "5.5%" in refused.text and size(register) == before
    assert boxes_of_page(refused.text) != seen


def test_a_complete_content_is_published_compared_and_shown_to_each_reader_as_far_as_the_law_lets_him(
    maker: FlaskClient, register: Register
) -> None:
    begin(register)
    first = size(register)
    assert publish(maker).headers["Location"] == f"{MODEL}/versions"
    assert size(register) == first + 1
    assert fill(maker, f"{MODEL}/recycled", **{"p24__share_ppm": "4.5"}).status_code == 303
    publish(maker)
    changes = maker.get(f"{MODEL}/versions/1/2?lang=en").text
    assert "3.2%" in changes and "4.5%" in changes
    assert maker.get(f"{MODEL}/versions/1/9").status_code == 404
    seen = {
        reader: maker.get(f"{MODEL}/as/{reader}").text for reader in ("public", "legitimate_interest", "eu_authority")
    }
    assert {reader: {mark for mark in ("MARK-PT2", "MARK-PT3") if mark in html} for reader, html in seen.items()} == {
        "public": set(),
        "legitimate_interest": {"MARK-PT2"},
        "eu_authority": {"MARK-PT2", "MARK-PT3"},
    }
    assert maker.get(f"{MODEL}/as/regulator").status_code == 404
    assert "There is no draft" in maker.get(f"{MODEL}/publish?lang=en").text
    assert send(maker, f"{MODEL}/publish").status_code == 404

    page = maker.get(f"{BATTERY}?lang=en").text
    assert "said by the model" in page and "from what was recorded" in page
    assert fill(maker, f"{BATTERY}/recycled", **{"p24__share_ppm": "7"}).status_code == 303
    section = maker.get(f"{BATTERY}/recycled?lang=en").text
    assert 'id="p24.share_ppm" name="p24.share_ppm" type="text" value="7"' in section and "said by the model" in section
    assert "7%" in maker.get(f"{BATTERY}/as/public").text
    assert send(maker, f"{BATTERY}/discard").status_code == 303
    assert "7%" not in maker.get(f"{BATTERY}/as/public").text


def test_a_passport_is_written_by_who_answers_for_it_and_may_record(
    app: Flask, register: Register, maker: FlaskClient
) -> None:
    other = browser_of(app, new_person(register, PersonRole.RECORDER, LAB))
    assert [other.get(path).status_code for path in (MODEL, BATTERY, f"{MODEL}/as/eu_authority")] == [403] * 3
    reader = browser_of(app, new_person(register, PersonRole.READER))
    assert reader.get(MODEL).status_code == 200 and "<form" not in reader.get(f"{MODEL}/marks").text.split("<main")[1]
    assert send(reader, f"{MODEL}/marks", act="save").status_code == 403
    paths = (f"{MODEL}/nothing", "/desk/models/none/passport", f"/desk/packs/{PACK[:-1]}9/passport")
    assert [maker.get(path).status_code for path in paths] == [404] * 3
    assert app.test_client().get(MODEL).headers["Location"].startswith("/login")
