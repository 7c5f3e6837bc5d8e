"""The page on which a phone says about where a label is, in a real browser that is told where it is."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from service.db.scan_tables import sighting
from tests.applications import app_on
from tests.pages.asking import get
from tests.pages.life import PACK, Story, whole_story
from tests.pages.test_browser import visit
from tests.service.domain.test_places import cell_of

PATH = f"/b/{PACK}/sighting"
CHONGQING = {"latitude": 29.5630, "longitude": 106.5516}
HAMBURG = {"latitude": 53.5511, "longitude": 9.9937}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A register to write to."""
    told = whole_story(tmp_path_factory.mktemp("sightings"))
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def app(story: Story) -> Flask:
    return app_on(story.register, story.recorder)


def say_where(browser: Browser, address: str, place: dict[str, float] | None, locale: str = "en-GB") -> Page:
    """Open the page on a phone at `place` (None: it may not know), press the button, and wait for the answer."""
    allowed = {"permissions": ["geolocation"], "geolocation": place} if place else {}
    page = visit(browser, address + PATH, locale, **allowed).page
    page.locator("#place button").click()
    expect(page.locator("#said")).to_be_focused(timeout=20_000)
    return page


def test_a_phone_tells_a_cell_of_five_kilometres_and_nothing_finer(
    browser: Browser, address: str, story: Story
) -> None:
    bodies: list[object] = []
    page = visit(browser, address + PATH, "en-GB", permissions=["geolocation"], geolocation=CHONGQING).page
    page.on("request", lambda request: bodies.append(request.post_data_json) if request.method == "POST" else None)
    page.locator("#place button").click()
    expect(page.locator("#said")).to_contain_text("Nothing suspicious is known")
    assert bodies == [{"cell": cell_of(**CHONGQING)}]
    with story.register.read() as reader:
        [kept] = reader.connection.execute(select(sighting)).all()
    assert (kept.code, len(kept.cell), kept.operator) == (PACK, 5, None)
    expect(say_where(browser, address, HAMBURG).locator("#said")).to_contain_text("may have been copied")
    expect(visit(browser, f"{address}/b/{PACK}", "en-GB").page.locator("main")).to_contain_text("may have been copied")


def test_a_phone_that_may_not_know_its_place_sends_nothing(browser: Browser, address: str) -> None:
    sent: list[str] = []
    page = visit(browser, address + PATH, "zh-CN").page
    page.on("request", lambda request: sent.append(request.method))
    page.locator("#place button").click()
    expect(page.locator("#said")).to_contain_text("没有发送任何信息", timeout=20_000)
    assert "POST" not in sent


def test_only_this_page_may_ask_for_the_place(client: FlaskClient) -> None:
    assert "geolocation=(self)" in get(client, PATH).headers["Permissions-Policy"]
    assert "geolocation=()" in get(client, f"/b/{PACK}").headers["Permissions-Policy"]


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_page_is_accessible(browser: Browser, address: str, locale: str) -> None:
    page = visit(browser, address + PATH, locale).page
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_script_the_page_says_so(client: FlaskClient) -> None:
    assert "scripts switched on" in get(client, f"{PATH}?lang=en").text
