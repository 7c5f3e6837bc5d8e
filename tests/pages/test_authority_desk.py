"""A day of the authority in a real browser: ledger, entry, cases; in both languages, without a script."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from ledger.entry import format_time
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from service.db.batch_tables import recovery_sum
from service.db.duties import save_cases
from service.db.engine import writing
from service.db.missing import save_missing
from service.db.scan_tables import copy_alert
from service.domain.copies import CopySign
from service.domain.duties.cases import DutyCase
from service.domain.duties.vehicles import MissingBattery
from service.domain.recovery.sums import Measure, Stage
from service.domain.rules_use import date_in_china
from tests.pages.desk import check, open_page, sign_in
from tests.pages.life import PACK, RECYCLED, Story, make_batteries, open_story
from tests.pages.test_browser import LANGUAGES

pytestmark = pytest.mark.browser

AUTHORITY = "cq-city"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Story]:
    """A register where something of each kind has to be looked into."""
    told = open_story(tmp_path_factory.mktemp("authority") / "register", database_url)
    make_batteries(told)
    now = told.register.clock()
    day = date_in_china(now) - timedelta(days=30)
    alert = {"sign": CopySign.TOO_FAST.value, "maker": "cq-cells", "holder": "cq-motors", "raised_at": format_time(now),
             "first_at": format_time(now), "first_cell": "wm7b9", "second_at": format_time(now), "second_cell": "u1x0e",
             "times": 2}  # fmt: skip
    amounts = {"in_mg": 1_000_000, "out_mg": 300_000, "passed_mg": 0, "unknown_in_g": 0, "unknown_out_g": 0}
    chain = {"operator": "cq-recycle", "month": f"{day:%Y-%m}", "family": "lithium", "batches": 1}
    chain |= {"stage": Stage.WHOLE.value, "measure": Measure.EFFICIENCY.value}
    with told.register.write_beside() as connection:
        connection.execute(copy_alert.insert(), [alert | {"code": code} for code in (PACK, RECYCLED)])
        connection.execute(recovery_sum.insert().values(chain | amounts))
        save_cases(writing(connection), [DutyCase(20, PACK, "cn73-install", "cq-motors", day, day)])
        save_missing(connection, [MissingBattery(21, PACK, RECYCLED, "HZ-1", "cq-recycle", day)])
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def cookie(story: Story) -> str:
    """Of a session of the authority's administrator."""
    return sign_in(story, AUTHORITY, "admin.one")


def note_of(story: Story) -> str:
    with story.register.read() as reader:
        return reader.checkpoint().decode()


@pytest.mark.parametrize("locale", LANGUAGES)
def test_states_that_a_visit_does_not_show_are_accessible_at_360_px(
    browser: Browser, address: str, cookie: str, locale: str, story: Story
) -> None:
    page = open_page(browser, address, locale, cookie, bypass_csp=True)
    with story.register.read() as reader:
        size = reader.size()
    contradictory = sign_checkpoint(Checkpoint(story.register.origin, size, b"x" * 32), story.register.signers)
    page.goto(f"{address}/desk/entries/0")
    check(page, locale)
    page.goto(f"{address}/desk/ledger")
    page.locator("#checkpoint").fill(contradictory.decode())
    page.locator("form.fields[method=post] button").click()
    expect(page.locator("pre")).to_have_count(2)
    check(page, locale)
    page.context.close()


def test_hashes_and_keys_are_shown_letter_for_letter(browser: Browser, address: str, cookie: str) -> None:
    page = open_page(browser, address, "en-GB", cookie)
    page.goto(f"{address}/desk/entries/1")
    styles = "[...document.querySelectorAll('dd.raw')].map(dd => getComputedStyle(dd, '::first-letter').textTransform)"
    assert set(page.evaluate(styles)) == {"none"}
    page.context.close()


@pytest.mark.both_engines
def test_the_authority_walks_from_the_ledger_to_a_closed_case_without_a_script(
    browser: Browser, address: str, cookie: str, story: Story
) -> None:
    page = open_page(browser, address, "en-GB", cookie, java_script_enabled=False)
    page.goto(f"{address}/desk")
    page.get_by_role("navigation").get_by_role("link", name="Ledger").click()
    expect(page.locator("main")).to_contain_text("late duties: 1 · missing batteries: 1 · copy alerts: 2")
    page.get_by_label("Checkpoint", exact=True).fill(note_of(story))
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("status")).to_contain_text("Your checkpoint: the same")
    page.get_by_role("link", name="Entry 2", exact=True).click()
    expect(page.locator("h1")).to_have_text("Entry 2")
    page.get_by_role("link", name="Next entry").click()
    expect(page.locator("h1")).to_have_text("Entry 3")
    expect(page.locator("#proof ~ p").first).to_contain_text("Checked just now")

    page.get_by_role("navigation").get_by_role("link", name="Cases").click()
    expect(page.locator("main")).to_contain_text("30.00 %; at least")
    with page.expect_download() as file:
        page.locator("section", has=page.locator("#late")).get_by_role("link", name="As a file (CSV)").click()
    assert file.value.suggested_filename == "cases-late.csv"
    page.get_by_label(f"What was found: {PACK}").fill("label on a scrapped housing")
    page.get_by_role("button", name=f"Close the alert about {PACK}").click()
    expect(page.get_by_role("button", name="Close the alert about")).to_have_count(1)
    page.get_by_role("link", name=PACK).first.click()
    expect(page.locator("main")).to_contain_text("Yangtze 150")
    page.context.close()
