"""A maker's models and passports in a real browser: every page in both languages, and from an empty model to a
published passport by mouse, by keyboard, and without a script."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.serving import make_server

from service.passports.publishing import author_of_model, find_draft_of, hand_in, publish
from tests.applications import app_on
from tests.pages.desk import check, open_page, sign_in
from tests.pages.life import PACK, SECOND_LIFE, Story, whole_story
from tests.pages.test_browser import LANGUAGES
from tests.service.passports.contents import content

pytestmark = pytest.mark.browser

MAKER = "cq-cells"
MODEL, PART, BATTERY = "/desk/models/CQ-150", "/desk/models/CQ-50M", f"/desk/packs/{PACK}/passport"
SHOWN = (
    f"{MODEL}/passport/publish",
    f"{MODEL}/passport/versions/1/2",
)
"""States of pages that the table of every page does not have."""
WORDS = {
    "zh-CN": {"check": "核对", "save": "存入草稿", "reports": "增加行：报告"},
    "en-GB": {"check": "Check", "save": "Save in the draft", "reports": "More rows: Reports"},
}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Story]:
    """CQ-150 with two published versions and a draft, CQ-50M with a draft that lacks a few data points."""
    told = whole_story(tmp_path_factory.mktemp("passports") / "register", database_url)
    for without in ((), (35,)):
        hand_in(told.register, author_of_model(told.register, "CQ-150", MAKER), content(without=without))
        draft = find_draft_of(told.register, author_of_model(told.register, "CQ-150", MAKER))
        publish(told.recorder, draft, operator=MAKER)
    hand_in(told.register, author_of_model(told.register, "CQ-150", MAKER), content(without=(5,)))
    hand_in(told.register, author_of_model(told.register, "CQ-50M", MAKER), content(without=(33, 50)))
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def address(story: Story) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app_on(story.register, story.recorder), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def cookie(story: Story) -> str:
    return sign_in(story, MAKER, "li.na")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_each_state_is_accessible_at_360_px(
    browser: Browser, address: str, cookie: str, story: Story, locale: str
) -> None:
    said = WORDS[locale]
    page = open_page(browser, address, locale, cookie, bypass_csp=True)
    for path in SHOWN:
        page.goto(address + path)
        check(page, locale)
    page.goto(f"{address}/desk/new-model")
    page.get_by_role("button", name=said["check"], exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page, locale)
    page.goto(f"{address}{PART}/passport/tests")
    page.get_by_role("button", name=said["reports"]).click()
    page.locator("[id='p50.reports.2.title']").fill("UN 38.3")
    page.get_by_role("button", name=said["save"]).last.click()
    expect(page.locator("[id='p50.reports.0.url']")).to_have_attribute("aria-invalid", "true")
    check(page, locale)

    page.context.close()
    recycler = sign_in(story, "cq-recycle", f"he.{locale.lower()}")
    page = open_page(browser, address, locale, recycler, bypass_csp=True)
    page.goto(f"{address}/desk/packs/{SECOND_LIFE}/passport")
    check(page, locale)
    page.context.close()


@pytest.mark.both_engines
def test_a_model_is_published_by_mouse_without_a_script(browser: Browser, address: str, cookie: str) -> None:
    page = open_page(browser, address, "en-GB", cookie, java_script_enabled=False)
    page.goto(f"{address}/desk/models")
    page.get_by_role("link", name="Publish a model").click()
    typed = {"Model": "CQ-77", "Name": "长江77", "Manufacturer code": "001", "Specification code": "77",
             "Rated capacity (Ah)": "77.5", "Rated energy (kWh)": "27", "Nominal voltage (V)": "350",
             "Mass (kg)": "212.3", "lithium (kg)": "3.1"}  # fmt: skip
    for label, text in typed.items():
        page.get_by_label(label, exact=True).fill(text)
    for label, value in {"Level": "pack", "Category": "ev", "Chemistry": "B"}.items():
        page.get_by_label(label, exact=True).select_option(value)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("main")).to_contain_text("212.3 kg")
    page.get_by_role("button", name="Change").click()
    page.get_by_label("Mass (kg)", exact=True).fill("213")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("button", name="Publish for good").click()
    expect(page.locator("h1")).to_have_text("长江77")
    expect(page.locator("main")).to_contain_text("213 kg")
    page.get_by_role("link", name="Fill in the passport").click()
    expect(page.locator("main")).to_contain_text("2 of 33 mandatory")
    page.context.close()


def test_a_second_life_without_a_model_says_first_of_which_category_it_is(
    browser: Browser, address: str, story: Story
) -> None:
    recycler = sign_in(story, "cq-recycle", "he.ping")
    page = open_page(browser, address, "en-GB", recycler, java_script_enabled=False)
    page.goto(f"{address}/desk/packs/{SECOND_LIFE}/passport")
    page.get_by_label("Category").select_option("stationary")
    page.get_by_role("button", name="Go on").click()
    recycled = page.locator("section.points", has=page.locator("#recycled"))
    recycled.get_by_role("link", name="Fill in").click()
    page.locator("[id='p20.pre_consumer_ppm']").fill("1.5")
    page.locator("[id='p20.post_consumer_ppm']").fill("0")
    page.get_by_role("button", name="Save in the draft").last.click()
    expect(recycled).to_contain_text("1.5%")
    page.get_by_role("link", name="Check and publish").click()
    expect(page.locator("#blocking + p")).to_contain_text("Nothing can be published")
    page.context.close()


@pytest.mark.both_engines
def test_what_is_missing_is_filled_in_and_published_by_keyboard_alone(
    browser: Browser, address: str, cookie: str, story: Story
) -> None:
    hand_in(story.register, author_of_model(story.register, "CQ-50M", MAKER), content(without=(33, 50)))
    page = open_page(
        browser, address, "zh-CN", cookie, java_script_enabled=False, viewport={"width": 1280, "height": 800}
    )
    page.goto(f"{address}{PART}/passport")
    walk_to(page, page.get_by_role("link", name="33 容量耗尽阈值"))
    page.keyboard.press("Enter")
    walk_to(page, page.locator("[id='p33.share_ppm']"))
    page.keyboard.type("70")
    page.keyboard.press("Enter")
    walk_to(page, page.get_by_role("link", name="50 检测报告结果"))
    page.keyboard.press("Enter")
    for name, text in (("title", "UN 38.3"), ("url", "https://docs.example.cn/un383.pdf")):
        walk_to(page, page.locator(f"[id='p50.reports.0.{name}']"))
        page.keyboard.type(text)
    walk_to(page, page.get_by_role("button", name="存入草稿"))
    page.keyboard.press("Enter")
    walk_to(page, page.get_by_role("link", name="核对并发布"))
    page.keyboard.press("Enter")
    walk_to(page, page.get_by_role("button", name="发布版本1"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("版本")
    expect(page.locator("main")).to_contain_text("共1个版本")
    assert author_of_model(story.register, "CQ-50M", MAKER).published == 1
    page.context.close()


def walk_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    expect(target).to_be_visible()
    for _ in range(120):
        if target.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not lead to {target}")
