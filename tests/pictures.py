"""python -m tests.pictures: pictures of every page, in both languages, on a desk or a phone, with an index.

They show the demonstration register of `tests.pages.furnished` and are written to docs/pages. `--only` takes the
beginnings of names, to look again at what was changed.
"""

from __future__ import annotations

import argparse
import io
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from api.session_cookie import SESSION
from tests.browsers import find_browser
from tests.needs import ROOT
from tests.pages.every import PAGES, PUBLIC
from tests.pages.furnished import Furnished, furnished

FOLDER = ROOT / "docs" / "pages"
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
DESK, PHONE = (1280, 800), (360, 740)
HIGHEST = 1500
"""Pixels of a page that are shown; of a longer one the beginning."""
COLOURS = 24


class Shot(NamedTuple):
    """One picture to be taken."""

    name: str
    rule: str
    who: str
    address: str
    size: tuple[int, int]


def shots(place: Furnished, only: tuple[str, ...]) -> Iterator[Shot]:
    """What is to be taken: the desk as at a desk, all else as on a phone."""
    for page in PAGES:
        for name, address in page.states.items():
            if name.startswith(only):
                size = DESK if page.who and not page.rule.startswith("/w") else PHONE
                yield Shot(name, page.rule, page.who, place.address + address.format(**place.names), size)


def take(browser: Browser, place: Furnished, language: str, wanted: list[Shot], folder: Path) -> None:
    """The pictures of one language, a browser's context for each who and size."""
    for who, size in sorted({(shot.who, shot.size) for shot in wanted}):
        page = open_as(browser, place, who, language, size)
        for shot in wanted:
            if (shot.who, shot.size) == (who, size):
                page.goto(shot.address)
                write(page, folder / f"{shot.name}-{language}.png")
        page.context.close()


def open_as(browser: Browser, place: Furnished, who: str, language: str, size: tuple[int, int]) -> Page:
    """A page of a browser that is signed in as somebody of an organisation."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=LANGUAGES[language], reduced_motion="reduce"
    )
    if who != PUBLIC:
        secure = place.address.replace("http:", "https:")  # what is set for https is sent to http here as well
        cookie = {"name": SESSION, "value": place.cookies[who], "url": secure, "secure": True, "httpOnly": True}
        context.add_cookies([cookie])  # type: ignore[list-item]
    return context.new_page()


def write(page: Page, file: Path) -> None:
    """The whole page with few colours, which is what our pages have."""
    with Image.open(io.BytesIO(page.screenshot(full_page=True))) as shown:
        part = shown.convert("RGB").crop((0, 0, shown.width, min(shown.height, HIGHEST)))
    part.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)


def write_index(wanted: list[Shot], place: Furnished, folder: Path) -> None:
    """A table of all pictures."""
    rows = [
        "# Every page",
        "",
        "Made by `make pictures` from the demonstration register; see tests/pages/every.py.",
        "",
    ]
    rows += ["| page | who | 中文 | English |", "|---|---|---|---|"]
    for shot in wanted:
        path = urlunsplit(("", "", *urlsplit(shot.address)[2:]))
        pictures = [f"[![{shot.name}]({shot.name}-{each}.png)]({shot.name}-{each}.png)" for each in LANGUAGES]
        rows.append(f"| `{path}` | {shot.who or 'everybody'} | {pictures[0]} | {pictures[1]} |")
    (folder / "README.md").write_text("\n".join(rows) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[""], help="beginnings of names")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder of the pictures")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, furnished(Path(folder)) as place, sync_playwright() as playwright:
        wanted = list(shots(place, tuple(given.only)))
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for language in LANGUAGES:
            take(browser, place, language, wanted, given.into)
        browser.close()
        if given.only == [""]:
            write_index(wanted, place, given.into)


if __name__ == "__main__":
    main()
