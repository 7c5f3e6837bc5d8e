"""A phone that others use too: what it keeps for who is signed in goes with him, what he captured stays."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from service.people import sessions
from service.people.accounts import list_people
from tests.pages.life import PACK
from tests.pages.phones import Hall, know_the_shell, open_hall, stored

pytestmark = pytest.mark.browser

CACHES = "() => caches.keys()"
GONE = """async () => {
  while ((await navigator.serviceWorker.getRegistrations()).length || (await caches.keys()).length)
    await new Promise((resolve) => setTimeout(resolve, 50));
}"""
LET_GO = """async () => {
  while (await caches.has("packtrail-pages")) await new Promise((resolve) => setTimeout(resolve, 50));
}"""
WORKERS = "async () => (await navigator.serviceWorker.getRegistrations()).length"


@pytest.fixture
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """One for each test: sessions end and settings change."""
    with open_hall(tmp_path_factory.mktemp("leaving") / "register") as hall:
        yield hall


@pytest.fixture
def phone(browser: Browser, hall: Hall) -> Iterator[BrowserContext]:
    context = hall.phone(browser, "cq-repair")
    yield context
    context.close()


def known_page(phone: BrowserContext, hall: Hall) -> Page:
    page = phone.new_page()
    know_the_shell(page, hall.address)
    assert "packtrail-pages" in page.evaluate(CACHES) and stored(page, "known", "snapshot")
    return page


def test_who_signs_out_leaves_no_pages_and_no_batteries_on_the_phone(phone: BrowserContext, hall: Hall) -> None:
    page = known_page(phone, hall)
    phone.set_offline(True)
    page.goto(f"{hall.address}/w/b/{PACK}")
    page.get_by_role("button", name="Incident reported").click()
    page.locator("[name=incident]").select_option("flood")
    page.locator("[name=severity]").select_option("minor")
    page.locator("[name=happened_on]").fill("2026-11-01")
    page.get_by_role("button", name="Keep and send later").click()
    expect(page.get_by_role("heading", name="Kept on this phone")).to_be_visible()
    page.goto(f"{hall.address}/w")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#notices")).to_contain_text("nobody can be signed out")
    assert "packtrail-pages" in page.evaluate(CACHES), "he is still signed in"
    phone.route("**/w/token", lambda route: route.abort())  # what waits is not to be sent before he is out
    phone.set_offline(False)
    page.locator(".who [name=csrf_token]").evaluate("(field) => { field.value = 'of another session'; }")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/logout")
    assert "packtrail-pages" in page.evaluate(CACHES), "the register refused, and he is still signed in"
    page.goto(f"{hall.address}/w")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login**")
    assert "packtrail-pages" not in page.evaluate(CACHES)
    assert not stored(page, "known", "snapshot") and not stored(page, "known", "shell")
    assert len(stored(page, "items")) == 1, "what was captured waits"


def test_a_phone_whose_session_was_ended_keeps_no_pages_and_no_batteries(phone: BrowserContext, hall: Hall) -> None:
    page = known_page(phone, hall)
    with hall.register.write_beside() as connection:
        [person] = list_people(connection, "cq-repair")
        sessions.end_all(connection, person.id)
    page.goto(f"{hall.address}/w/b/{PACK}")
    page.wait_for_url("**/login**")
    page.evaluate(LET_GO)
    assert not stored(page, "known", "snapshot") and not stored(page, "known", "shell")


def test_a_worker_that_is_not_wanted_any_more_withdraws(phone: BrowserContext, hall: Hall) -> None:
    page, usual = known_page(phone, hall), hall.register.settings
    assert page.evaluate(WORKERS) == 1
    hall.register.settings = replace(usual, offline=False)
    try:
        page.goto(f"{hall.address}/w")
        page.evaluate(GONE)
        page.goto(f"{hall.address}/w")
        expect(page.locator("h1")).to_have_text("Scan a battery")
        assert page.evaluate(WORKERS) == 0
    finally:
        hall.register.settings = usual
