"""The end of a session in a real browser: the warning before it, putting it off, and what was typed when it is over."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, expect

from api.session_cookie import SESSION
from service.people import sessions
from service.people.accounts import list_people
from service.people.sessions import LIFE
from tests.pages.desk import check, open_page, sign_in, words
from tests.pages.life import PACK, Story, open_story
from tests.pages.test_browser import LANGUAGES

pytestmark = pytest.mark.browser

MAKER = "cq-cells"
ALMOST = timedelta(minutes=28, seconds=5)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    told = open_story(tmp_path_factory.mktemp("ending") / "register")
    yield told
    told.register.close()


class Desk:
    """A page with a form in which something is typed, and the time, which passes here and at the register alike."""

    def __init__(self, browser: Browser, address: str, locale: str, story: Story) -> None:
        self.story, self.locale, self.say = story, locale, words(locale)
        self.secure = address.replace("http:", "https:")
        login = f"zhou.{story.now[0].timestamp():.0f}"
        self.page = open_page(browser, address, locale, sign_in(story, MAKER, login), bypass_csp=True)
        self.page.clock.install()
        self.page.goto(f"{address}/desk/packs/lists")
        self.text = self.page.locator("textarea")
        self.text.fill(PACK)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def button(self, key: str) -> Locator:
        return self.dialog.get_by_role("button", name=self.say[key], exact=True)

    def passes(self, time: timedelta) -> None:
        self.story.now[0] += time
        self.page.clock.fast_forward(int(time.total_seconds() * 1000))

    def signs_in_elsewhere(self, cookie: str) -> None:
        """In another tab: the browser has another cookie from then on."""
        self.page.context.add_cookies([{"name": SESSION, "value": cookie, "url": self.secure, "secure": True}])


@pytest.fixture(params=LANGUAGES)
def desk(request: pytest.FixtureRequest, browser: Browser, address: str, story: Story) -> Iterator[Desk]:
    desk = Desk(browser, address, request.param, story)
    yield desk
    desk.page.context.close()
    story.now[0] += timedelta(days=1)


def test_a_warning_comes_before_the_end_and_one_key_puts_it_off(desk: Desk, story: Story) -> None:
    notice = desk.page.locator("[data-session-notice]").inner_text()
    desk.passes(ALMOST)
    expect(desk.dialog).to_have_accessible_name(desk.say["session.soon"])
    expect(desk.dialog).to_have_accessible_description(desk.say["session.soon_why"])
    expect(desk.button("session.stay")).to_be_focused()
    check(desk.page, desk.locale)
    desk.page.keyboard.press("Enter")
    expect(desk.dialog).to_have_count(0)
    expect(desk.text).to_be_focused()
    expect(desk.text).to_have_value(PACK)
    expect(desk.page.locator("[data-session-notice]")).not_to_have_text(notice)
    story.now[0] += timedelta(minutes=29)
    desk.page.locator("main form button").first.click()
    desk.page.wait_for_url("**/desk/packs/lists/*")


def test_the_warning_waits_for_a_pause_in_typing(desk: Desk) -> None:
    desk.passes(ALMOST - timedelta(seconds=10))
    desk.page.clock.run_for(3_000)
    expect(desk.dialog).to_have_count(0)
    for _ in range(8):
        desk.text.press_sequentially("8")
        desk.page.clock.run_for(1_000)
    expect(desk.dialog).to_have_count(0)
    expect(desk.text).to_have_value(PACK + "8" * 8)
    desk.page.clock.run_for(4_000)
    expect(desk.button("session.stay")).to_be_focused()


def test_what_was_typed_when_it_is_over_can_be_sent_after_signing_in_again(desk: Desk, story: Story) -> None:
    desk.passes(timedelta(minutes=31))
    expect(desk.dialog).to_have_accessible_name(desk.say["session.over"])
    check(desk.page, desk.locale)
    desk.button("session.go_on").click()
    expect(desk.dialog.get_by_role("status")).to_have_text(desk.say["session.none"])
    desk.signs_in_elsewhere(sign_in(story, MAKER, f"other.{story.now[0].timestamp():.0f}"))
    desk.button("session.go_on").click()
    expect(desk.dialog.get_by_role("status")).to_have_text(desk.say["session.other"])
    person = desk.page.locator("[data-ending]").get_attribute("data-person")
    with story.register.write_beside() as connection:
        assert person in [each.id for each in list_people(connection, MAKER)]
        cookie = sessions.begin(connection, str(person), sessions.FULL, now=story.now[0])
    desk.signs_in_elsewhere(cookie)
    desk.button("session.go_on").click()
    expect(desk.dialog).to_have_count(0)
    expect(desk.text).to_have_value(PACK)
    desk.page.locator("main form button").first.click()
    desk.page.wait_for_url("**/desk/packs/lists/*")


def test_a_session_at_its_longest_says_that_it_cannot_be_put_off(browser: Browser, address: str, story: Story) -> None:
    began = story.now[0]
    cookie = sign_in(story, MAKER, f"long.{began.timestamp():.0f}")
    page = open_page(browser, address, "en-GB", cookie)
    while story.now[0] < began + LIFE - timedelta(minutes=20):
        page.goto(f"{address}/desk")
        story.now[0] += timedelta(minutes=25)
    page.clock.install()
    page.goto(f"{address}/desk")
    expect(page.locator("[data-session-notice]")).to_contain_text("whatever is done until then")
    seconds = page.locator("[data-ending]").get_attribute("data-seconds")
    page.clock.fast_forward((int(str(seconds)) - 100) * 1000)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("cannot be extended")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    page.context.close()


def test_without_a_script_the_page_says_when_the_session_ends(browser: Browser, address: str, story: Story) -> None:
    cookie = sign_in(story, MAKER, f"plain.{story.now[0].timestamp():.0f}")
    page = open_page(browser, address, "en-GB", cookie, java_script_enabled=False)
    page.goto(f"{address}/desk")
    expect(page.locator("footer")).to_contain_text("If nothing more is done, you are signed out at ")
    page.context.close()
