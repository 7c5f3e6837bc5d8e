"""People at work in a browser: how they come to be signed in, and what each of their pages is held to."""

import json

from playwright.sync_api import Browser, Page

from api.session_cookie import SESSION
from service.people import sessions
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from tests.needs import ROOT
from tests.pages.axe import violations
from tests.pages.life import Story
from tests.pages.test_browser import LANGUAGES, MEASURE, TARGET

CHECKBOX = 24
"""Its label, which is as good a target, is as high as all others."""
SHOWN = f"""() => [document.documentElement.lang, document.documentElement.scrollWidth,
  document.querySelectorAll("h1").length, ({MEASURE})()]"""


def sign_in(story: Story, operator: str, login: str, role: PersonRole = PersonRole.ADMIN) -> str:
    """The cookie of somebody new at this organisation."""
    with story.register.write_beside() as connection:
        now = story.register.clock()
        person, _ = make_person(connection, Invited(operator, login, "李娜", role), By("", now))
        return sessions.begin(connection, person.id, sessions.FULL, now=now, device=sessions.Device("Firefox"))


def open_page(
    browser: Browser, address: str, locale: str, cookie: str | None, *, same_site: str = "Lax", **more: object
) -> Page:
    """A page of a small phone, in a browser of its own; `cookie` is that of a session."""
    options: dict[str, object] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    context = browser.new_context(**(options | {"locale": locale} | more))  # type: ignore[arg-type]
    if cookie:
        secure = address.replace("http:", "https:")  # what is set for https is sent to http on this machine as well
        set_for = {"name": SESSION, "value": cookie, "url": secure, "secure": True, "httpOnly": True}
        context.add_cookies([set_for | {"sameSite": same_site}])  # type: ignore[list-item]
    return context.new_page()


def check(page: Page, locale: str) -> None:
    """That the page speaks the language, fits a small phone, can be hit with a thumb, and axe finds nothing."""
    lang, width, headings, targets = page.evaluate(SHOWN)
    assert lang == LANGUAGES[locale]
    assert width <= 360, page.url
    assert headings == 1, page.url
    measured = [each for each in targets if each[1]]
    small = [each for each in measured if (each[1] < TARGET and each[1] != CHECKBOX) or each[2] < 24]
    assert small == [], (page.url, small)
    assert violations(page) == [], page.url


def words(locale: str) -> dict[str, str]:
    """The texts of the pages, by key."""
    texts: dict[str, str] = json.loads((ROOT / "api" / "locale" / f"{locale[:2]}.json").read_text(encoding="utf-8"))
    return texts
