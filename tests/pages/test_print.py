"""What is on paper: the browser prints, the sheets are read. No navigation, no empty fields; codes and hashes whole."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser, Page

from tests.pages.desk import words
from tests.pages.every import PUBLIC
from tests.pages.furnished import AUTHORITY, MAKER, Furnished
from tests.pictures import open_as

pytestmark = pytest.mark.browser

PAPERS: Mapping[str, tuple[str, str]] = {
    "battery": (PUBLIC, "/b/{in_use}"),
    "proof": (PUBLIC, "/b/{in_use}/proof"),
    "passport": (PUBLIC, "/b/{in_use}/passport"),
    "cases": (AUTHORITY, "/desk/cases"),
    "case": (AUTHORITY, "/desk/cases/copies/1"),
    "figures": (AUTHORITY, "/desk/figures"),
    "figure": (AUTHORITY, "/desk/figures/recovery-rate"),
    "report": (AUTHORITY, "/desk/reports/{frozen}"),
    "ledger": (AUTHORITY, "/desk/ledger"),
    "entry": (AUTHORITY, "/desk/entries/{entry}"),
    "consistency": (AUTHORITY, "/desk/ledger/consistency?old=100&new=300"),
    "packs": (MAKER, "/desk/packs?level=pack"),
}
ABOUT = {"battery": "{in_use}", "proof": "{in_use}", "passport": "{in_use}", "cases": "{copied}", "case": "{copied}",
         "report": "{frozen}"}  # fmt: skip
"""What has to stand on the first sheet, whole."""
ON_SCREEN = ("site.skip", "desk.sign_out", "footer.privacy_page", "desk.nav_account", "session.stay",
             "packs.keep_filter", "ledger.compare", "verify.keyfile", "fig.add_note",
             "desk.footer")  # fmt: skip
"""Texts that are of no use on paper."""
TO_PRESS = "nav:visible, button:visible, textarea:visible, [type=file]:visible"
SCREEN = (1280, 800)
LEAST = 100
"""Letters on each sheet but the last."""
SHEET_PX = 680
"""Between the margins of an A4 sheet: 180 mm at 96 to the inch."""
HASHES = "[...document.querySelectorAll('main .hash, main .raw, main pre')].map(each => each.innerText)"
INSIDE = "each => each.textContent.trim().slice(each.querySelector('summary').textContent.length)"
STICKS_OUT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_paper_holds_what_is_told_and_nothing_to_press(browser: Browser, place: Furnished, language: str) -> None:
    wrong = []
    for who in (PUBLIC, AUTHORITY, MAKER):
        page = open_as(browser, place, who, language, SCREEN)
        for name, (whose, address) in PAPERS.items():
            if whose == who:
                page.goto(place.address + address.format(**place.names))
                about = ABOUT.get(name, "").format(**place.names)
                wrong += [(name, *each) for each in look(page, about, words(language))]
        page.context.close()
    assert wrong == [], json.dumps(wrong, indent=1, ensure_ascii=False)


def look(page: Page, about: str, say: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """What is wrong with a page on paper. about: what has to stand on its first sheet."""
    hashes = [squeezed(text) for text in page.evaluate(HASHES)]
    page.emulate_media(media="print")
    page.set_viewport_size({"width": SHEET_PX, "height": 900})
    if (wider := page.evaluate(STICKS_OUT)) > 0:
        yield "sticks out", wider
    if left := page.locator(TO_PRESS).count():
        yield "to press or to fill in", left
    page.set_viewport_size({"width": SCREEN[0], "height": SCREEN[1]})
    page.emulate_media(media="null")
    sheets = printed(page)
    if told := [key for key in ON_SCREEN if squeezed(say[key]) in "".join(sheets)]:
        yield "of no use on paper", told
    if squeezed(about) not in sheets[0] or squeezed(page.locator("h1").inner_text()) not in sheets[0]:
        yield "first sheet", sheets[0]
    if cut := [text for text in hashes if not any(text in sheet for sheet in sheets)]:
        yield "not whole on one sheet", cut
    if "id.example.cn/log" not in sheets[-1]:
        yield "register, version and time are not at the end", sheets[-1]
    if empty := [sheet for sheet in sheets[:-1] if len(sheet) < LEAST]:
        yield "almost empty sheets", empty


def test_what_is_folded_on_the_screen_is_open_on_paper(browser: Browser, place: Furnished) -> None:
    page = open_as(browser, place, PUBLIC, "en", SCREEN)
    page.goto(place.address + "/b/{in_use}/passport".format(**place.names))
    folded = page.locator("details:not([open])").first
    inside = squeezed(folded.evaluate(INSIDE))
    assert len(inside) > 40
    assert inside[:40] in "".join(printed(page))
    page.context.close()


def printed(page: Page) -> list[str]:
    """The text of each sheet, squeezed."""
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, format="A4")) as document:
        return [squeezed(sheet.get_textpage().get_text_range()) for sheet in document]


def squeezed(text: str) -> str:
    """Without blanks and hyphens: on a sheet, a hyphen at the end of a line may be of the text or not."""
    return re.sub(r"[\s\ufffe\u00ad-]", "", text)
