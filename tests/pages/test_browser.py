"""The pages in a real browser, on a small phone: nothing sticks out, nothing comes from elsewhere, all is usable."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.life import CONSUMED, DISMANTLED, HOSTILE, MODULES, NEVER, PACK, RECYCLED, SECOND_LIFE

pytestmark = pytest.mark.browser

LANGUAGES = {"zh-CN": "zh-Hans", "en-GB": "en"}
PATHS = {
    "home": "/",
    "in use": f"/b/{PACK}",
    "part": f"/b/{MODULES[0]}",
    "second life": f"/b/{SECOND_LIFE}",
    "recycled": f"/b/{RECYCLED}",
    "dismantled": f"/b/{DISMANTLED}",
    "consumed": f"/b/{CONSUMED}",
    "hostile": f"/b/{HOSTILE}",
    "unknown": f"/b/{NEVER}",
    "wrong": f"/find?code={PACK[:4]}X{PACK[5:]}",
    "long nonsense": "/find?code=" + "W" * 180,
    "wrong address": "/b/A%2FB",
    "folded": f"/find?code={PACK.lower()}",
    "error": "/nothing/here",
}
WITH_CAMERA = ("home",)
TARGET = 44
MEASURE = """() => [...document.querySelectorAll('a, button, input:not([type=hidden])')]
  .filter(each => !each.classList.contains('skip'))
  .map(each => [each.textContent || each.name, each.getBoundingClientRect()])
  .map(([name, box]) => [name, box.height, box.width])"""
CONTRAST = """() => {
  const luminance = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map(Number).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = each => {
    for (let at = each; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(color)) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.textContent.trim()) continue;
    const each = walker.currentNode.parentElement;
    if (each.closest('dialog:not([open])')) continue;  // drawn over the camera's picture
    const [a, b] = [luminance(getComputedStyle(each).color), luminance(paper(each))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, walker.currentNode.textContent.trim().slice(0, 40)]);
  }
  return found;
}"""


@dataclass
class Visited:
    """What the browser had to say while a page was open."""

    page: Page
    fetched: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def visit(browser: Browser, url: str, locale: str, **more: Any) -> Visited:
    options: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    page = browser.new_context(**(options | {"locale": locale} | more)).new_page()
    visited = Visited(page)
    page.on("request", lambda request: visited.fetched.append(request.url))
    page.on("console", lambda message: visited.said.append(message.text))
    page.on("pageerror", lambda error: visited.said.append(str(error)))
    page.goto(url)
    return visited


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("name", PATHS)
def test_a_page_fits_a_small_phone_and_is_whole(browser: Browser, address: str, name: str, locale: str) -> None:
    visited = visit(browser, address + PATHS[name], locale)
    page = visited.page
    assert page.evaluate("document.documentElement.lang") == LANGUAGES[locale]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [url for url in visited.fetched if not url.startswith(f"{address}/")] == []
    files = {url.split("?")[0].removeprefix(address) for url in visited.fetched[1:]}
    if name in WITH_CAMERA:
        files = {each for each in files if not each.startswith("/w/code/")} - {"/static/w/scanner.css"}
    assert files <= {"/static/packtrail.css", "/static/icon.svg"}
    assert [text for text in visited.said if "the server responded with a status of 4" not in text] == []
    assert page.context.cookies() == []
    assert page.locator("h1").count() == 1
    small = [each for each in page.evaluate(MEASURE) if each[1] and (each[1] < TARGET or each[2] < 24)]
    assert small == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["home", "in use", "part", "recycled", "unknown", "wrong"])
def test_every_word_stands_out_from_its_ground(browser: Browser, address: str, name: str, scheme: str) -> None:
    """Source: WCAG 2.2, 1.4.3, level AA: 4.5 to 1."""
    page = visit(browser, address + PATHS[name], "zh-CN", color_scheme=scheme).page
    measured = page.evaluate(CONTRAST)
    assert len(measured) > 10
    assert [each for each in measured if each[0] < 4.5] == []
    page.context.close()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_page_of_a_battery_fits_other_widths(browser: Browser, address: str, width: int) -> None:
    size = {"width": width, "height": 700}
    page = visit(browser, address + PATHS["in use"], "en-GB", viewport=size, is_mobile=width < 700).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_twice_the_text_size_still_fits(browser: Browser, address: str) -> None:
    page = visit(browser, address + PATHS["in use"], "en-GB").page
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.close()


def test_a_person_types_a_code_and_switches_the_language(browser: Browser, address: str) -> None:
    page = visit(browser, address, "zh-CN").page
    page.get_by_label("电池上的编码").fill(PACK.lower())
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("使用中")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("In use")
    page.locator(f'a[href^="/b/{MODULES[1]}"]').click()
    expect(page.locator("h1")).to_have_text("Assembled")
    page.context.close()


def test_everything_can_be_reached_with_the_keyboard(browser: Browser, address: str) -> None:
    page = visit(browser, address + PATHS["unknown"], "en-GB").page
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
    assert reached == ["Skip to the content", "PackTrail battery register", "中文", "code", "Look it up"]
    page.context.close()
