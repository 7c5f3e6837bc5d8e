"""Every page, in both languages: complete, quiet, usable at 320 px, and nothing for axe to object to.

Contrast is measured once, in English: it does not depend on the language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from api.app import create_app
from api.routes import declarations
from tests.needs import ROOT
from tests.pages.axe import violations
from tests.pages.every import FILES, NO_PAGES, NOT_FOUND, PAGES, PageOf
from tests.pages.furnished import Furnished
from tests.pages.life import open_story
from tests.pictures import open_as

LANGUAGES = {"zh": "zh-Hans", "en": "en"}
NARROW = (320, 740)
WIDEST = """() => [...document.body.querySelectorAll('*')].filter(each => each.getBoundingClientRect().right > 321
  && !each.closest('.table, .rooms, .skip, pre')).slice(0, 3).map(each => each.outerHTML.slice(0, 120))"""

SMALL = """() => [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')]
  .filter(each => each.checkVisibility() && !each.matches('.skip, [type=radio], [type=checkbox], svg a'))
  .map(each => [each.outerHTML.slice(0, 100), each.getBoundingClientRect()])
  .filter(([, box]) => box.height && (box.height < 44 || box.width < 24))
  .slice(0, 4).map(([html, box]) => [html, box.height])"""
SHOWN = f"""() => {{
  const seen = (each) => each.checkVisibility({{ visibilityProperty: true }}) && each.getBoundingClientRect().height;
  return [document.documentElement.lang, [...document.querySelectorAll('h1')].filter(seen).length, document.title,
    document.documentElement.scrollWidth, ({SMALL})()];
}}"""
"""All that is looked at in one go: a question to the browser takes longer than its answer."""


@pytest.fixture(scope="module")
def own_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    story = open_story(tmp_path_factory.mktemp("routes") / "register")
    yield create_app(story.register, story.recorder)
    story.register.close()


def test_every_route_that_shows_a_page_is_in_the_table(own_app: Flask) -> None:
    shown = {
        each.rule
        for each in declarations(own_app)
        if each.method == "GET" and not each.described and not each.rule.endswith(FILES)
    }
    listed = [each.rule for each in PAGES]
    assert sorted(shown - set(listed) - NO_PAGES.keys()) == [], "add them to tests/pages/every.py"
    assert sorted(set(listed) - shown - {"(none)", "/problems/<slug>"}) == [], "no such route"
    assert len(listed) == len(set(listed))
    assert all((ROOT / "tests" / each.elsewhere).exists() for each in PAGES if each.elsewhere)
    assert [each.rule for each in PAGES if not each.states and not each.elsewhere] == []


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_in_each_language(browser: Browser, place: Furnished, language: str) -> None:
    wrong = []
    for who in sorted({each.who for each in PAGES}):
        page = open_as(browser, place, who, language, NARROW)
        said: list[str] = []
        _hear(page, said)
        for each in PAGES:
            if each.who == who:
                wrong += list(_look(page, each, place, language, said))
        page.context.close()
    assert wrong == [], json.dumps(wrong, indent=1, ensure_ascii=False)


def _hear(page: Page, said: list[str]) -> None:
    """Note what its console says: refusals of the content security policy are told there too."""
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))


def _look(page: Page, each: PageOf, place: Furnished, language: str, said: list[str]) -> Iterator[tuple[str, str, Any]]:
    """What is wrong with the states of a page."""
    for name, address in each.states.items():
        said.clear()
        response = page.goto(place.address + address.format(**place.names))
        assert response is not None
        if (response.status == 404) != (name in NOT_FOUND) or response.status not in (200, 404, 410):
            yield name, "status", response.status
        heard = [text for text in said if "the server responded with a status of 4" not in text]
        if heard:
            yield name, "console", heard
        lang, headings, title, width, small = page.evaluate(SHOWN)
        if lang != LANGUAGES[language]:
            yield name, "language", lang
        if headings != 1 or not title.endswith("PackTrail"):
            yield name, "heading and title", [headings, title]
        if small:
            yield name, "small targets", small
        if width > NARROW[0]:
            yield name, "sticks out", page.evaluate(WIDEST)
        if found := violations(page):
            yield name, "axe", found
