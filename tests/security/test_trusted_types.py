"""S-21 in a real browser: pages keep to their policy, and a script that writes HTML is stopped by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.conftest import address, app, open_browser, story
from tests.pages.life import HOSTILE, PACK

__all__ = ["address", "app", "story"]

pytestmark = pytest.mark.browser

WATCH = """window.broken = [];
addEventListener('securitypolicyviolation', each => broken.push(`${each.violatedDirective} ${each.sample}`))"""
PAGES = (
    "/",
    f"/b/{PACK}",
    f"/b/{PACK}/proof",
    f"/b/{HOSTILE}",
    "/find?code=W",
    "/nothing",
    "/login",
    "/apply",
    "/docs",
)
SINKS = (
    "document.body.innerHTML = '<img src=x>'",
    "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "document.write('<b>x</b>')",
    "document.createElement('script').src = '/static/docs.js'",
    "document.createElement('script').text = '1'",
    "document.createElement('iframe').srcdoc = '<b>x</b>'",
    "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
    "new Worker('/static/docs.js')",
    "trustedTypes.createPolicy('mine', {createHTML: text => text})",
)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with open_browser(chromium) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    made = context.new_page()
    made.add_init_script(WATCH)
    yield made
    context.close()


def broken(page: Page) -> Any:
    return page.evaluate("window.broken")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_to_its_policy_in_a_real_browser(page: Page, address: str, path: str) -> None:
    page.goto(address + path, wait_until="networkidle")
    assert broken(page) == []
    if path == "/docs":
        page.get_by_text("A register of traction batteries").wait_for()


def test_a_script_that_writes_html_is_stopped(page: Page, address: str) -> None:
    page.goto(f"{address}/b/{PACK}")
    for sink in SINKS:
        stopped = page.evaluate(f"() => {{ try {{ {sink}; return 'done'; }} catch (error) {{ return error.name; }} }}")
        assert stopped in ("TypeError", "EvalError"), sink
    assert page.evaluate("window.ran") is None
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('style'), {textContent: '*{display:none}'}))"
    )
    assert page.locator("h1").is_visible()
    assert len(broken(page)) >= len(SINKS)


def test_the_page_of_the_description_shows_hostile_words_as_text(page: Page, address: str) -> None:
    """Swagger UI writes descriptions as HTML: what is more than plain words in them is shown as it is written."""

    def poison(route: Any) -> None:
        document = route.fetch().json()
        document["info"]["description"] = (
            "plain <em>words</em> <img src=x onerror='window.ran=1'><a href=//evil.example>x</a>"
        )
        route.fulfill(json=document)

    page.route("**/v1/openapi.json", poison)
    page.goto(f"{address}/docs", wait_until="networkidle")
    page.get_by_text("plain").first.wait_for()
    assert page.evaluate("window.ran") is None
    assert page.locator("#docs img[src='x'], #docs a[href*='evil']").count() == 0
