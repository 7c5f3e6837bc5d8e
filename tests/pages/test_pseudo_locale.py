"""A language whose words are 40 % longer: no page scrolls sideways because of it, and no button's text is cut.

Source: the width that other languages need beside English is up to 40 % more for short texts; here every word has it.
"""

import json
import re
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from api import language
from tests.needs import ROOT
from tests.pages.every import PUBLIC
from tests.pages.furnished import AUTHORITY, MAKER, WORKSHOP, Furnished
from tests.pictures import open_as

pytestmark = pytest.mark.browser

LONGER = 0.4
SIZES = ((360, 740), (1280, 800))
PAGES = {
    PUBLIC: ("/", "/b/{in_use}", "/b/{in_use}/proof", "/b/{in_use}/passport", "/report?code={in_use}", "/login",
             "/apply"),
    AUTHORITY: ("/desk", "/desk/ledger", "/desk/entries?kind=register", "/desk/ledger/consistency?old=3&new=300",
                "/desk/figures", "/desk/cases", "/desk/duties", "/desk/people"),
    MAKER: ("/desk", "/desk/packs?level=pack", "/desk/packs/{own}", "/desk/register", "/desk/imports/{import}",
            "/desk/packs/{own}/passport", "/desk/webhooks", "/account"),
    WORKSHOP: ("/w", "/w/b/{in_use}", "/w/b/{in_use}/begin_service", "/w/batch", "/w/queue", "/w/day"),
}  # fmt: skip
CUT = """() => [...document.querySelectorAll('button, .button, .quiet, summary, .tabs a, .acts a, .big')]
  .filter(each => each.checkVisibility() && !each.querySelector('.unseen') && each.textContent.trim())
  .filter(each => {
    const range = document.createRange();
    range.selectNodeContents(each);
    const [text, box] = [range.getBoundingClientRect(), each.getBoundingClientRect()];
    const clipped = getComputedStyle(each).overflowX !== 'visible' && each.scrollWidth > each.clientWidth + 1;
    const beside = box.left < -1 || box.right > innerWidth + 1;
    return clipped || text.left < box.left - 1 || text.right > box.right + 1 || text.top < box.top - 1
      || text.bottom > box.bottom + 1 || (beside && !each.closest('.table, .rooms'));
  }).map(each => each.outerHTML.slice(0, 160))"""
WIDEST = """() => [...document.body.querySelectorAll('*')]
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('.table, .rooms, .skip, pre'))
  .slice(0, 3).map(each => each.outerHTML.slice(0, 160))"""


def lengthened(text: str) -> str:
    """Each word with 40 % more letters; what stands in braces is left alone."""
    return re.sub(
        r"(\{[^}]*\})|[^\W\d_]+", lambda each: each[0] + "é" * (not each[1] and ceil(LONGER * len(each[0]))), text
    )


@pytest.fixture
def longer_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalogue of a language that is nobody's, in the place of English."""
    for each in language.LANGUAGES:
        phrases: dict[str, Any] = json.loads((ROOT / "api" / "locale" / f"{each}.json").read_text(encoding="utf-8"))
        longer = {
            key: lengthened(phrase) if isinstance(phrase, str) else {form: lengthened(phrase[form]) for form in phrase}
            for key, phrase in phrases.items()
        }
        (tmp_path / f"{each}.json").write_text(json.dumps(longer, ensure_ascii=False), encoding="utf-8")
    language.catalogue.cache_clear()
    monkeypatch.setattr(language, "_LOCALE", tmp_path)
    yield
    language.catalogue.cache_clear()


def test_words_are_lengthened_and_values_are_not() -> None:
    assert lengthened("Find {count} in 3 packs, 电池编码") == "Findéé {count} iné 3 packséé, 电池编码éé"


def test_longer_words_fit_every_page_and_button(browser: Browser, place: Furnished, longer_words: None) -> None:
    wrong = []
    for who, addresses in PAGES.items():
        for width, height in SIZES:
            page = open_as(browser, place, who, "en", (width, height))
            for address in addresses:
                page.goto(place.address + address.format(**place.names))
                assert "éé" in page.locator("h1").first.inner_text() or "éé" in page.locator("footer").inner_text()
                if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                    wrong.append((address, width, f"{wide} px wide", page.evaluate(WIDEST)))
                if cut := page.evaluate(CUT):
                    wrong.append((address, width, "cut", cut))
            page.context.close()
    assert wrong == [], json.dumps(wrong, indent=1, ensure_ascii=False)
