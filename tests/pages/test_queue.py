"""Records that wait on a phone: kept first, sent once, in order, by their own organisation, through updates of the app.

The long run over a bad network, with dying tabs and a restarted server, is the fault `offline-queue`.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.pages import scripts
from ledger.entry import parse_entry
from tests.pages.axe import violations
from tests.pages.life import HOSTILE, NEVER, PACK
from tests.pages.phones import Hall, know_the_shell, open_hall, stored
from tests.pages.test_browser import LANGUAGES

pytestmark = pytest.mark.browser

DAY_MS = 86_400_000
KEPT_PAGE = """async (version) => {
  const kept = await (await caches.open("packtrail-pages")).match("/w/queue");
  return kept && (await kept.text()).includes(version);
}"""
SCRIPT = "import(document.querySelector('script[src$=\"main.js\"]').src.replace('main.js', 'form.js')).then(() => {})"
CHOOSE = "(input) => { if (input.options) input.selectedIndex = 1; else input.checked = true; }"
FILL = """(count) => new Promise((resolve) => {
  const opened = indexedDB.open("packtrail-w");
  opened.onsuccess = () => {
    const transaction = opened.result.transaction("items", "readwrite");
    const items = transaction.objectStore("items");
    items.getAll().onsuccess = ({ target: { result: [first] } }) => {
      for (let at = 1; at < count; at += 1) items.add({ ...first, id: `filler-${at}`, seq: first.seq + 10_000 + at });
    };
    transaction.oncomplete = () => { opened.result.close(); resolve(); };
  };
})"""
CROWD = """async () => {
  const opened = indexedDB.open("crowd");
  opened.onupgradeneeded = () => opened.result.createObjectStore("crowd", { autoIncrement: true });
  const database = await new Promise((resolve) => { opened.onsuccess = () => resolve(opened.result); });
  const put = (size) => new Promise((resolve) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    const transaction = database.transaction("crowd", "readwrite", { durability: "strict" });
    transaction.objectStore("crowd").add(bytes);
    transaction.oncomplete = () => resolve("");
    transaction.onabort = () => resolve(transaction.error.name);
  });
  let error = "";
  for (let size = 1 << 22; size >= 256; size >>= 1) while (!(error = await put(size)));
  database.close();
  return error;
}"""
MAKE_ROOM = """() => new Promise((resolve) => { indexedDB.deleteDatabase("crowd").onsuccess = () => resolve(); })"""
LAY_BACK = """(at) => new Promise((resolve) => {
  const opened = indexedDB.open("packtrail-w");
  opened.onsuccess = () => {
    const transaction = opened.result.transaction("items", "readwrite");
    const items = transaction.objectStore("items");
    items.getAll().onsuccess = ({ target: { result: [item] } }) => {
      items.put({ ...item, event: { ...item.event, occurred_at: at } });
    };
    transaction.oncomplete = () => { opened.result.close(); resolve(); };
  };
})"""
"""As if the phone had waited since then."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("queue") / "register", database_url) as hall:
        yield hall


@pytest.fixture
def phone(browser: Browser, hall: Hall) -> Iterator[BrowserContext]:
    """A phone of the workshop that knows its pages and forms."""
    context = hall.phone(browser, "cq-repair")
    know_the_shell(context.new_page(), hall.address)
    yield context
    context.close()


def capture(page: Page, hall: Hall, code: str, incident: str = "flood", day: str = "2026-11-01") -> None:
    """Have the phone keep what is told."""
    tell(page, hall, code, incident, day)
    expect(page.get_by_role("heading", name="Kept on this phone")).to_be_visible()


def tell(page: Page, hall: Hall, code: str, incident: str = "flood", day: str = "2026-11-01") -> None:
    """Tell of an incident, without a network, on the page of a battery."""
    page.goto(f"{hall.address}/w/b/{code}")
    page.get_by_role("button", name="Incident reported").click()
    page.locator("[name=incident]").select_option(incident)
    page.locator("[name=severity]").select_option("minor")
    page.locator("[name=happened_on]").fill(day)
    page.get_by_role("button", name="Keep and send later").click()


def incidents(hall: Hall) -> Counter[str]:
    """Of the register, by what is told of the day they happened on: restricted values are not looked at."""
    with hall.register.read() as reader:
        entries = [parse_entry(entry) for entry in reader.entries(0, reader.size())]
    return Counter(entry.event.id for entry in entries if entry.event.type == "report_incident")


@pytest.mark.both_engines
def test_a_record_is_kept_and_sent_once_by_whichever_tab_comes_first(phone: BrowserContext, hall: Hall) -> None:
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    before, [page] = incidents(hall), phone.pages
    phone.set_offline(True)
    for day in ("2026-10-01", "2026-10-02", "2026-10-03"):
        capture(page, hall, PACK, day=day)
    page.goto(f"{hall.address}/w")
    expect(page.locator("#queue-badge")).to_contain_text("3")
    others = [phone.new_page() for _ in range(2)]
    for other in others:
        other.goto(f"{hall.address}/w/queue")
        expect(other.locator("[data-sum=waiting]")).to_have_text("3")
    phone.set_offline(False)
    expect(page.locator("#queue-badge")).to_be_hidden()
    for other in others:
        expect(other.locator("[data-sum=done]")).to_have_text("3")
        expect(other.locator("[data-list=done] li")).to_have_count(3)
    assert len(sent) == 3
    done = sorted(stored(page, "done"), key=lambda record: record["index"])
    assert [record["event"]["body"]["happened_on"] for record in done] == ["2026-10-01", "2026-10-02", "2026-10-03"]
    assert incidents(hall) - before == Counter(record["id"] for record in done)
    assert all(record["receipt"]["index"] == record["index"] for record in done)


def test_what_the_register_refuses_needs_a_person_and_holds_what_follows(phone: BrowserContext, hall: Hall) -> None:
    [page] = phone.pages
    phone.set_offline(True)
    capture(page, hall, NEVER)
    capture(page, hall, NEVER, "fire")
    phone.set_offline(False)
    page.goto(f"{hall.address}/w/queue")
    needs = page.locator("[data-list=needs] li")
    expect(needs).to_have_count(1)
    expect(needs).to_contain_text("Incident reported")
    expect(needs.locator(".reason")).not_to_be_empty()
    expect(page.locator("[data-sum=waiting]")).to_have_text("1")
    needs.get_by_role("button", name="Discard").click()
    page.keyboard.press("Escape")
    expect(needs).to_have_count(1)
    expect(needs.get_by_role("button", name="Discard")).to_be_focused()
    for done in (1, 2):  # the one behind it is tried when it is its turn
        expect(needs).to_have_count(1)
        needs.get_by_role("button", name="Discard").click()
        page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        expect(page.locator("[data-list=done] li")).to_have_count(done)
    expect(page.locator("[data-sum=needs]")).to_have_text("0")
    expect(page.locator("[data-list=done]")).to_contain_text("discarded")


def test_what_was_overtaken_while_it_waited_is_sent_late_with_its_own_time(phone: BrowserContext, hall: Hall) -> None:
    [page] = phone.pages
    phone.set_offline(True)
    capture(page, hall, PACK, day="2026-10-04")
    page.goto(f"{hall.address}/w/queue")
    phone.set_offline(False)
    expect(page.locator("[data-sum=done]")).to_have_text("1")
    phone.set_offline(True)
    capture(page, hall, PACK, day="2026-10-05")
    earlier = f"{datetime.now(UTC) - timedelta(hours=2):%Y-%m-%dT%H:%M:00.000Z}"
    page.evaluate(LAY_BACK, earlier)
    phone.set_offline(False)
    page.goto(f"{hall.address}/w/queue")
    page.locator("[data-list=needs] li").get_by_role("button", name="Send late, as recorded offline").click()
    expect(page.locator("[data-sum=done]")).to_have_text("2")
    told = {record["event"]["body"]["happened_on"]: record for record in stored(page, "done")}
    event = told["2026-10-05"]["event"]
    assert event["body"]["late_reason"] == "offline"
    assert event["occurred_at"] == earlier
    assert told["2026-10-05"]["id"] in incidents(hall)


def test_who_is_signed_out_keeps_the_queue_and_another_organisation_does_not_send_it(
    phone: BrowserContext, hall: Hall
) -> None:
    before, [page] = incidents(hall), phone.pages
    phone.set_offline(True)
    capture(page, hall, PACK)
    phone.clear_cookies()
    phone.set_offline(False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#notices")).to_contain_text("Nobody is signed in")
    hall.sign_in(phone, "cq-motors")
    page.goto(f"{hall.address}/w/queue")
    expect(page.locator("[data-list=open] li")).to_contain_text("belongs to cq-repair")
    expect(page.locator("[data-why]")).to_contain_text("another organisation")
    assert incidents(hall) == before
    phone.clear_cookies()
    hall.sign_in(phone, "cq-repair")
    page.goto(f"{hall.address}/w/queue")
    expect(page.locator("[data-sum=done]")).to_have_text("1")
    assert incidents(hall).total() == before.total() + 1


def test_an_update_of_the_app_and_of_its_stores_keeps_the_queue(
    phone: BrowserContext, hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [old] = phone.pages
    phone.set_offline(True)
    capture(old, hall, PACK)
    [kept] = stored(old, "items")

    newer = shutil.copytree(scripts._OWN, tmp_path / "w")
    text = (newer / "queue.js").read_text()
    step = '  },\n  (database, transaction) => transaction.objectStore("items").createIndex("kind", "event.type"),\n];'
    assert text.count("  },\n];") == 1
    (newer / "queue.js").write_text(text.replace("  },\n];", step))
    monkeypatch.setattr(scripts, "_OWN", newer)
    scripts.present_scripts.cache_clear()

    phone.route("**/w/token", lambda route: route.abort())  # nothing is sent before the update
    phone.set_offline(False)
    page = phone.new_page()
    page.goto(f"{hall.address}/w/queue")
    expect(page.locator("[data-sum=waiting]")).to_have_text("1")
    [after] = stored(page, "items")
    assert {name: after[name] for name in ("id", "event", "seq")} == {
        name: kept[name] for name in ("id", "event", "seq")
    }
    assert page.evaluate("indexedDB.databases().then((all) => all.map((each) => each.version))") == [2]
    page.wait_for_function(KEPT_PAGE, arg=scripts.present_scripts().version)  # the pages offline need the new files
    scripts.present_scripts.cache_clear()
    with monkeypatch.context() as before:  # a page of before the update says so, and loses nothing
        before.setattr(scripts, "_OWN", scripts._STATIC / "w")
        old.goto(f"{hall.address}/w/queue")
        expect(old.locator("#notices")).to_contain_text("newer version")
        old.close()
    scripts.present_scripts.cache_clear()
    phone.unroute("**/w/token")
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("[data-sum=done]")).to_have_text("1")
    monkeypatch.undo()
    scripts.present_scripts.cache_clear()


def test_a_full_phone_takes_nothing_more_and_says_so(phone: BrowserContext, hall: Hall) -> None:
    [page] = phone.pages
    phone.set_offline(True)
    capture(page, hall, PACK)
    stored(page, "known", "sums", bytes=50_000_000)
    tell(page, hall, PACK)
    expect(page.locator("#notices")).to_contain_text("NOT kept")
    assert len(stored(page, "items")) == 1
    stored(page, "known", "sums", bytes=0)
    page.evaluate(FILL, 4_999)
    page.reload()
    capture(page, hall, PACK)
    tell(page, hall, PACK)
    expect(page.locator("#notices")).to_contain_text("NOT kept")
    expect(page.locator("#queue-badge")).to_contain_text("5000")


def test_a_phone_without_room_for_another_byte_says_so_and_goes_on_when_there_is(browser: Browser, hall: Hall) -> None:
    """The browser itself refuses: its QuotaExceededError, not a bound of ours. Something else has taken the room."""
    phone = hall.phone(browser, "cq-repair")
    page = phone.new_page()
    quota = {"origin": hall.address, "quotaSize": 30_000_000}  # before anything is stored: the browser remembers it
    phone.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    know_the_shell(page, hall.address)
    phone.set_offline(True)
    capture(page, hall, PACK)
    assert page.evaluate(CROWD) == "QuotaExceededError"
    tell(page, hall, PACK)
    expect(page.locator("#notices")).to_contain_text("NOT kept")
    assert len(stored(page, "items")) == 1
    page.evaluate(MAKE_ROOM)
    capture(page, hall, PACK)
    assert len(stored(page, "items")) == 2
    phone.close()


def test_a_clock_that_was_set_back_holds_nothing_up(phone: BrowserContext, hall: Hall) -> None:
    """What was to wait two minutes by the clock of before is sent at once: nobody waits until that time comes again."""
    [page], before = phone.pages, incidents(hall)
    phone.route("**/v1/events", lambda route: route.fulfill(status=429, headers={"Retry-After": "120"}, body="{}"))
    phone.set_offline(True)
    capture(page, hall, PACK)
    phone.set_offline(False)
    page.goto(f"{hall.address}/w/queue")
    expect(page.locator("[data-why]")).not_to_be_empty()
    [item] = stored(page, "items")
    phone.unroute("**/v1/events")
    page.reload()
    expect(page.locator("[data-why]")).not_to_be_empty()
    assert [each["id"] for each in stored(page, "items")] == [item["id"]]  # it waits as it was told to
    phone.clock.set_system_time(datetime.now(UTC) - timedelta(days=1))
    page.reload()
    expect(page.locator("[data-sum=done]")).to_have_text("1")
    assert incidents(hall) - before == Counter([item["id"]])


def test_the_pause_that_the_register_names_is_kept_by_every_page(phone: BrowserContext, hall: Hall) -> None:
    [page], tried, before = phone.pages, list[str](), incidents(hall)
    phone.on("request", lambda request: tried.append(request.url) if request.method == "POST" else None)
    phone.route("**/v1/events", lambda route: route.fulfill(status=429, headers={"Retry-After": "120"}, body="{}"))
    phone.set_offline(True)
    capture(page, hall, PACK)
    phone.set_offline(False)
    page.goto(f"{hall.address}/w/queue")
    expect(page.locator("[data-why]")).not_to_be_empty()
    [item], sent = stored(page, "items"), len(tried)  # the page that was left may have sent it too
    assert item["state"] == "waiting" and item["reason"]["status"] == 429 and sent
    assert 100_000 < item["nextAt"] - page.evaluate("Date.now()") <= 120_000
    phone.set_offline(True)
    capture(page, hall, HOSTILE)  # it is due at once, and waits none the less
    phone.set_offline(False)
    other = phone.new_page()
    other.goto(f"{hall.address}/w/queue")
    expect(other.locator("[data-sum=waiting]")).to_have_text("2")
    expect(other.locator("[data-why]")).not_to_be_empty()
    assert len(tried) == sent
    phone.unroute("**/v1/events")
    other.get_by_role("button", name="Send now").click()
    expect(other.locator("[data-sum=waiting]")).to_have_text("0")
    expect(other.locator("[data-sum=done]")).not_to_have_text("0")
    assert incidents(hall).total() > before.total()


def test_a_form_with_a_script_reads_what_the_server_reads(phone: BrowserContext, hall: Hall) -> None:
    """A decimal comma is no thousands; a field that is folded away says what is wrong with it; names are looked up."""
    [page] = phone.pages
    more = page.locator("form#record summary")
    page.goto(f"{hall.address}/w/b/{PACK}/report_soh")
    page.evaluate(SCRIPT)
    for field in page.locator("#record > .field input[required][data-type=integer]").all():
        field.fill("80")
    page.locator("#record [name=method]").first.evaluate(CHOOSE)
    more.click()
    folded = page.locator("[name=odometer_km]")
    folded.fill("3,5")
    more.click()
    page.get_by_role("button", name="Record it").click()
    expect(folded).to_be_visible()
    assert folded.evaluate("(input) => input.validationMessage") == "Write a number, for example 452.3"
    page.goto(f"{hall.address}/w/b/{PACK}/retire")
    page.evaluate(SCRIPT)
    page.locator("#record [name=reason]").first.evaluate(CHOOSE)
    more.click()
    page.locator("[name=to_operator]").fill("无名公司")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("alert")).to_contain_text("no organisation of this id or name is enrolled")
    assert stored(page, "items") == []


def test_a_verdict_offline_has_an_age_and_ends(phone: BrowserContext, hall: Hall) -> None:
    [page] = phone.pages
    phone.set_offline(True)
    band = page.locator("#verdict")
    kept = stored(page, "known", "snapshot")["keptAt"]
    for age, level, words in (
        (0, "ok", "OK when last seen"),
        (30 * 3_600_000, "ok", "Old: as the register stood"),
        (4 * DAY_MS, "none", "No verdict without a network"),
        (-DAY_MS, "none", "No verdict without a network"),
    ):
        stored(page, "known", "snapshot", keptAt=kept - age)
        page.goto(f"{hall.address}/w/b/{PACK}")
        expect(band).to_contain_text(words)
        expect(band).to_have_attribute("data-level", level)
        expect(page.get_by_role("button", name="Incident reported")).to_be_visible()
    page.goto(f"{hall.address}/w/b/{HOSTILE}")
    expect(band).to_contain_text("knows nothing of this battery")
    stored(page, "known", "snapshot", keptAt=kept, organisation="cq-motors")  # who was signed in before
    page.goto(f"{hall.address}/w/b/{PACK}")
    expect(band).to_contain_text("knows nothing of this battery")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_pages_of_the_phone_fit_and_axe_finds_nothing(browser: Browser, hall: Hall, locale: str) -> None:
    context = hall.phone(browser, "cq-repair", locale=locale, bypass_csp=True, viewport={"width": 320, "height": 640})
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    know_the_shell(page, hall.address)
    page.goto(f"{hall.address}/w/queue")
    _look(page)
    assert said == []
    context.set_offline(True)
    page.goto(f"{hall.address}/w/b/{NEVER}")
    page.locator("[data-kinds] button").first.click()
    page.locator("form.fields input[type=text], form.fields input:not([type])").first.fill("x")
    _look(page)
    for select in page.locator("form.fields select[required]").all():
        select.select_option(index=1)
    page.locator("form.fields button").click()
    expect(page.locator(".fate")).to_be_visible()
    _look(page)
    page.goto(f"{hall.address}/w/queue")
    expect(page.locator("[data-list=open] li")).to_have_count(1)
    _look(page)
    context.set_offline(False)  # which sends it
    expect(page.locator("[data-list=needs] li")).to_have_count(1)
    _look(page)
    page.locator("[data-list=needs] li .quiet").click()
    _look(page)
    context.close()


def _look(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    assert re.fullmatch("zh-Hans|en", page.evaluate("document.documentElement.lang"))
    assert violations(page) == [], page.url
