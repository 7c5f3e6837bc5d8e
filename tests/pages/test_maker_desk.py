"""A maker's day in a real browser: finding, pasting, registering; what a visit of each page alone does not show."""

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from service.db import tables
from service.domain.gbt34014 import make_code
from service.packlist.following import follow
from service.people.roles import PersonRole
from tests.api.desk.visiting import browser_of, new_person
from tests.pages.desk import check, open_page, sign_in, words
from tests.pages.life import MADE, NEVER, PACK, RATED, RECYCLED, Story, make_batteries, open_story
from tests.pages.test_browser import LANGUAGES
from tests.pages.test_cost import SINGLE_ROWS, statements
from tests.pages.test_passport_desk import walk_to

pytestmark = pytest.mark.browser

READ = ("/desk", "/desk/packs", "/desk/packs?state=IN_USE", f"/desk/packs/{PACK}")
MAKER = "cq-cells"


def code_of(serial: int) -> str:
    return make_code("001PE12", date(2026, 2, 26), serial=serial, traceability="ABCDEFG").text


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Story]:
    told = open_story(tmp_path_factory.mktemp("maker") / "register", database_url)
    make_batteries(told)
    follow(told.register, threading.Event())
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def cookie(story: Story) -> str:
    return sign_in(story, MAKER, "wang.fang")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_answers_that_are_wrong_or_nothing_fit_a_phone_and_please_axe(
    browser: Browser, address: str, cookie: str, locale: str
) -> None:
    page, say = open_page(browser, address, locale, cookie, bypass_csp=True), words(locale)
    page.goto(f"{address}/desk/packs?state=RECYCLED")
    expect(page.get_by_text(say["packs.none_fit"])).to_be_visible()
    check(page, locale)
    page.locator("#code").fill(NEVER)
    page.get_by_role("button", name=say["packs.find_button"]).click()
    expect(page.get_by_role("status")).to_contain_text(NEVER)
    check(page, locale)
    page.goto(f"{address}/desk/register")
    page.locator("#model_id").select_option("CQ-150")
    page.locator("#code").fill(code_of(50)[:15] + "X" + code_of(50)[16:])
    page.locator("#site").fill("两江")
    page.get_by_role("button", name=say["reg.check"]).click()
    expect(page.get_by_role("alert")).to_contain_text(say["reg.faults"])
    check(page, locale)
    page.locator("#code").fill(code_of(50))
    page.get_by_role("button", name=say["reg.check"]).click()
    expect(page.get_by_role("button", name=say["reg.record"])).to_be_visible()
    check(page, locale)
    page.context.close()


@pytest.mark.both_engines
def test_a_battery_is_registered_with_the_keyboard_alone(browser: Browser, address: str, cookie: str) -> None:
    page, code = open_page(browser, address, "en-GB", cookie, java_script_enabled=False), code_of(60)
    page.goto(f"{address}/desk/packs")
    walk_to(page, page.get_by_role("link", name="Register one"))
    page.keyboard.press("Enter")
    walk_to(page, page.locator("#model_id"))
    page.keyboard.press("ArrowDown")
    for name, text in (("#code", code), ("#site", "Works 2")):
        walk_to(page, page.locator(name))
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    walk_to(page, page.get_by_role("button", name="Record"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Recorded")
    walk_to(page, page.get_by_role("link", name="Open this battery"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(code[-4:])
    page.context.close()


@pytest.mark.both_engines
def test_a_list_is_pasted_and_leads_to_labels(browser: Browser, address: str, cookie: str) -> None:
    page = open_page(browser, address, "zh-CN", cookie, java_script_enabled=False)
    page.goto(f"{address}/desk/packs")
    page.get_by_role("link", name="粘贴清单").click()
    page.get_by_label("电池", exact=True).fill(f"{PACK}\n{RECYCLED}\n{NEVER}")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("h1")).to_have_text("找到2个，未找到1个")
    page.get_by_role("button", name="为这些电池打印标签").click()
    expect(page.get_by_role("img")).to_be_visible()
    page.goto(f"{address}/desk/packs")
    page.get_by_role("form", name="筛选").get_by_label("状态").select_option("IN_USE")
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("form", name="Filter").get_by_label("Status")).to_have_value("IN_USE")
    page.get_by_role("row").nth(1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Take the ticked ones").click()
    expect(page.locator("h1")).to_have_text("1 found, 0 not")
    page.context.close()


def test_pages_cost_the_same_with_many_batteries(story: Story, app: Flask) -> None:
    few, moment = reads_of(story, app), story.now[0]
    for serial in range(100, 170):
        story.tell(MAKER, "register", (code_of(serial),), **RATED, **MADE)
        story.now[0] = moment
    follow(story.register, threading.Event())
    many = reads_of(story, app)
    assert len(few) == len(many)
    with story.register.store.engine.connect() as connection:
        plans = [
            row[3] for text, values in many for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        ]
    scanned = {plan.split()[1] for plan in plans if plan.startswith("SCAN") and plan not in SINGLE_ROWS}
    assert scanned & tables.metadata.tables.keys() == set()


def reads_of(story: Story, app: Flask) -> list[tuple[str, Any]]:
    """What the pages ask of the database when they are opened for the second time.

    Limits are read anew every now and then, whatever is asked for.
    """
    client = browser_of(app, new_person(story.register, PersonRole.ADMIN, MAKER))
    for path in READ:
        client.get(path)
    with statements(story) as asked:
        for path in READ:
            assert client.get(path).status_code == 200
    reads = [(text, values) for text, values in asked if text.startswith(("SELECT", "WITH"))]
    return [(text, values) for text, values in reads if "limit_setting" not in text]
