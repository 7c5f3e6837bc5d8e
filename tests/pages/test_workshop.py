"""The workshop in a real browser, without its scripts: a small phone, every state, both languages, the keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Request, expect

from tests.api.workshop.bench import DRIVEN, FIT, RETIRED, STOLEN, WITH_PARTS, Bench, open_bench
from tests.applications import app_on
from tests.pages.desk import check, open_page
from tests.pages.life import NEVER, PACK, RECYCLED
from tests.pages.test_browser import LANGUAGES
from tests.service.pictures.photographs import label, photo_of

pytestmark = pytest.mark.browser

THUMB = """() => [...document.querySelectorAll('a, button, select, textarea, summary, label.choice, input')]
  .filter(each => !each.matches('.skip, [type=hidden], [type=radio], [type=checkbox]') && each.checkVisibility())
  .map(each => [each.outerHTML.slice(0, 90), each.getBoundingClientRect().height])
  .filter(([, height]) => height < 55.5)"""
WEIGHT = 100_000


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Bench]:
    opened = open_bench(tmp_path_factory.mktemp("bench") / "register", database_url)
    yield opened
    opened.story.register.close()


@pytest.fixture(scope="module")
def app(bench: Bench) -> Flask:
    return app_on(bench.story.register, bench.story.recorder)


def phone_of(browser: Browser, address: str, bench: Bench, operator: str, locale: str = "en-GB") -> Page:
    """A phone that gets none of our scripts; its own are on, since axe is one."""
    page = open_page(browser, address, locale, bench.cookies[operator], bypass_csp=True)
    page.route("**/w/code/**", lambda route: route.abort())
    return page


def press(page: Page, selector: str) -> None:
    """Send a form, and wait for the answer with its styles."""
    with page.expect_navigation(wait_until="load"):
        page.locator(selector).first.click()


def states(page: Page, address: str, locale: str, photos: Path) -> Iterator[str]:
    """Every state of the pages, one after the other; its name."""
    mine = RETIRED[0] if locale == "en-GB" else RETIRED[1]
    for name, path in {
        "start": "/w", "expected": f"/w/b/{mine}", "in use": f"/w/b/{PACK}", "ended": f"/w/b/{RECYCLED}",
        "stolen": f"/w/b/{STOLEN}", "unknown": f"/w/b/{NEVER}", "form with choices": f"/w/b/{PACK}/retire",
        "parts": f"/w/b/{WITH_PARTS}", "batch": "/w/batch",
    }.items():  # fmt: skip
        page.goto(address + path)
        if page.locator("summary").count():
            for each in page.locator("summary").all():
                each.click()
        yield name
    page.goto(f"{address}/w/b/{mine}/collect")
    press(page, "#record button.big")
    yield "errors"
    page.locator("#f-mass_g").fill("298.5")
    page.locator("#f-transport_document").fill("YD-77")
    press(page, "#record button.big")
    yield "done"
    page.goto(f"{address}/w/batch")
    page.locator("#f-codes").fill("\n".join([*RETIRED[2:4], mine, mine, "nonsense"]))
    page.locator("#f-kind").select_option("hand_over" if locale == "en-GB" else "receive")
    press(page, "#batch button")
    yield "batch, looked at"
    page.goto(f"{address}/w/day")
    yield "day"
    for name, photo in (("nothing in the photo", photo_of()), ("two in the photo", _two())):
        page.goto(f"{address}/w")
        (photos / "photo.jpg").write_bytes(photo)
        page.locator("#f-photo").set_input_files(photos / "photo.jpg")
        press(page, "#photo button")
        yield name


def _two() -> bytes:
    return photo_of(*(label(code).resize((700, 700)) for code in RETIRED[:2]))


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_state_fits_a_small_phone_and_axe_finds_nothing(
    browser: Browser, address: str, bench: Bench, locale: str, tmp_path: Path
) -> None:
    page, seen = phone_of(browser, address, bench, "cq-scrap", locale), []
    for name in states(page, address, locale, tmp_path):
        seen.append(name)
        check(page, locale)
        assert page.evaluate(THUMB) == [], name
        assert len(page.content().encode()) < WEIGHT, name
    assert len(seen) == 15
    page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/w", f"/w/b/{PACK}", f"/w/b/{FIT}", "/w/batch", "/w/day"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.context.close()


def test_a_page_with_all_it_loads_weighs_less_than_100_kb(browser: Browser, address: str, bench: Bench) -> None:
    """As it goes over the line; what is then kept for the time without a network comes after the page."""
    page = open_page(browser, address, "en-GB", bench.cookies["cq-recycle"], service_workers="block")
    fetched: list[Request] = []
    page.on("requestfinished", lambda request: fetched.append(request))
    page.goto(f"{address}/w/b/{WITH_PARTS}", wait_until="load")
    assert all(each.url.startswith(address) for each in fetched)
    loaded = {each.url: each.sizes()["responseBodySize"] for each in list(fetched)}
    assert 10_000 < sum(loaded.values()) < WEIGHT, loaded
    page.context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, as somebody without a pointer does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no way to {selector}")


@pytest.mark.both_engines
def test_the_way_from_code_to_entry_goes_by_keyboard_alone(browser: Browser, address: str, bench: Bench) -> None:
    page = phone_of(browser, address, bench, "cq-swap")
    page.goto(f"{address}/w")
    tab_to(page, "#f-code")
    page.keyboard.type(DRIVEN.lower())
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_have_attribute("data-code", DRIVEN)
    tab_to(page, "#actions a[href$='/report_soh']")
    page.keyboard.press("Enter")
    expect(page.locator("#record")).to_have_attribute("data-kind", "report_soh")
    for field, typed in (("soce_ppm", "96.5"), ("remaining_capacity_mah", "144.75"), ("full_cycles", "120")):
        tab_to(page, f"#f-{field}")
        page.keyboard.type(typed)
    tab_to(page, "input[name=method]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#record button.big")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Recorded")
    tab_to(page, "a.big")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Scan a battery")
    page.context.close()
