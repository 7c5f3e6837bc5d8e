"""The authority's figures: one filter, numbers that are their rows, reports that never change, notes on cases."""

import csv
import io
import re
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from html import unescape
from itertools import count
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Locator, Page, expect

from api.csrf import token_for
from api.session_cookie import SESSION
from ledger.entry import format_time
from service.db.engine import writing
from service.db.frozen_tables import frozen_report
from service.db.missing import save_missing
from service.db.scan_tables import copy_alert
from service.domain.copies import CopySign
from service.domain.duties.vehicles import MissingBattery
from service.domain.rules_use import date_in_china
from service.errors import SettingsError
from service.exports.stamp import END
from service.figures.figures import FIGURES
from service.figures.following import Follower
from service.frozen.reports import read_report
from service.verification.days import FILE, Verified, note_day
from tests.applications import app_on
from tests.pages.desk import check, open_page, sign_in
from tests.pages.life import (
    BASE_URL,
    MADE,
    NEVER,
    PACK,
    RATED,
    RECYCLED,
    Story,
    live,
    make_batteries,
    open_story,
    vin,
)
from tests.pages.test_browser import LANGUAGES
from tests.pages.test_cost import statements

AUTHORITY, MAKER = "cq-city", "cq-cells"
LATE = "001PE12ABCDEFGG2T0000007"
LOOKALIKE = "001PE12ABCDEFHG2T0000001"
"""One character is not as in PACK."""
IN_A_TABLE = re.compile(r'<td class="number"><a href="([^"]+)">([^<]+)</a>')
NUMBER = re.compile(r'<a class="number[^"]*" href="([^"]+)"><b>([^<]+)</b>')
PATHS = ("/desk/figures", "/desk/figures/flows?by=month", "/desk/figures/overdue/rows", "/desk/reports", "/desk/duties",
         "/desk/organisations", f"/desk/organisations/{MAKER}", "/desk/cases?kind=near")  # fmt: skip


NUMBERS = count(1)


def fold(story: Story) -> None:
    """Bring the figures up to the newest entry."""
    follower = Follower(story.register)
    follower.work(threading.Event())
    follower.refresh()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Story]:
    """A register where most figures have something to count."""
    told = open_story(tmp_path_factory.mktemp("figures") / "register", database_url)
    make_batteries(told)
    told.on("2026-04-20")
    for code in (LATE, LOOKALIKE):
        told.tell("cq-cells", "register", (code,), **RATED, **MADE)
    told.on("2026-06-20")
    told.tell("cq-motors", "install", (LATE,), late=50, odometer_km=12, private={"vin": vin(7)})
    live(told)
    told.on("2026-09-01")
    now = told.register.clock()
    alert = {"sign": CopySign.TOO_FAST.value, "maker": "cq-cells", "holder": "cq-motors", "raised_at": format_time(now),
             "second_at": format_time(now), "second_cell": "u1x0e", "times": 2}  # fmt: skip
    day = date_in_china(now) - timedelta(days=30)
    with told.register.write_beside() as connection:
        connection.execute(copy_alert.insert(), [alert | {"code": code} for code in (PACK, RECYCLED)])
        save_missing(writing(connection), [MissingBattery(21, PACK, RECYCLED, "HZ-1", "cq-recycle", day)])
    fold(told)
    yield told
    told.register.close()


@pytest.fixture
def cookie(story: Story) -> str:
    """Of a session that begins now: the story's clock goes on while it is told."""
    return sign_in(story, AUTHORITY, f"admin.{next(NUMBERS)}")


def client_of(app: Flask, cookie: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(SESSION, cookie, domain="id.example.cn", secure=True)
    return client


@pytest.fixture
def desk(app: Flask, cookie: str) -> FlaskClient:
    return client_of(app, cookie)


def get(client: FlaskClient, path: str, *, status: int = 200) -> str:
    answer = client.get(path, base_url=BASE_URL, headers={"Accept-Language": "en"})
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def post(client: FlaskClient, cookie: str, path: str, **fields: str) -> Any:
    sent = {"csrf_token": token_for(cookie)} | fields
    return client.post(path, data=sent, base_url=BASE_URL, headers={"Origin": BASE_URL, "Accept-Language": "en"})


def numbers(html: str) -> list[tuple[str, str]]:
    """Where each number of the dashboard leads, and what it says."""
    return [(unescape(path), unescape(value)) for path, value in NUMBER.findall(html)]


def rows_of(text: str) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """The rows of a file, and what its end mark says."""
    header, *rows, end = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert end[0] == END
    return [dict(zip(header, row, strict=True)) for row in rows], orjson.loads(end[1])


def main_of(html: str) -> str:
    return html[html.index("<main") : html.index("</main>")]


def test_all_sixteen_figures_are_on_the_dashboard_below_the_health_of_the_ledger(desk: FlaskClient) -> None:
    page = main_of(get(desk, "/desk/figures"))
    assert page.index("Newest checkpoint") < page.index("Witnesses in agreement") < page.index("Recovery of materials")
    assert len(FIGURES) == 16
    assert [slug for slug in FIGURES if f'href="/desk/figures/{slug}?' not in page] == []
    for slug in FIGURES:
        shown = get(desk, f"/desk/figures/{slug}")
        assert f"GET {BASE_URL}/v1/figures/{slug}?by=" in shown and "entries of the register" in shown
        assert 'class="chart"' not in shown or re.search(r"<title id=.*?</title><desc id=.*?</desc>", shown)


def test_a_stock_is_drawn_where_every_move_that_made_it_is_counted(desk: FlaskClient) -> None:
    """Each month of it has its place, also one in which nothing moved."""
    page = get(desk, "/desk/figures/flows?by=month")
    chart = page[page.index('<svg class="chart"') :].partition("</svg>")[0]
    first, last = re.findall(r">(\d{4}-\d{2})</text>", chart)
    months = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) + 1
    tones = len(re.findall("<pattern ", chart))
    assert chart.count("<rect") == tones + (1 + months) * 6 and months > 2
    for narrowed in ("since=2026-04", "operator=cq-motors", "district=50"):
        page = get(desk, f"/desk/figures/flows?by=month&{narrowed}")
        assert '<svg class="chart"' not in page and 'class="matrix"' in page, narrowed


def test_a_number_says_how_many_rows_are_behind_it(desk: FlaskClient) -> None:
    found = {}
    for path, value in numbers(get(desk, "/desk/figures")):
        if "/rows?" not in path:
            continue
        rows, end = rows_of(get(desk, path.replace("/rows?", "/rows.csv?")))
        list_ = str(end["filter"]["list"])
        number = sum(int(row["events"]) for row in rows) if list_ == "unlicensed" else len(rows)
        assert int(value) == number and end["count"] == len(rows), list_
        assert not rows or "<td" in get(desk, path)
        found[list_] = number
    assert {name for name, number in found.items() if number} >= {"late", "near", "copies", "missing", "unlicensed"}


def test_a_number_in_a_table_leads_to_the_rows_that_it_counts(desk: FlaskClient) -> None:
    """In every grouping of every figure; a mass leads to the batches that it is the sum of."""
    found = Counter[str]()
    for slug, figure in FIGURES.items():
        for by in figure.by:
            page = main_of(get(desk, f"/desk/figures/{slug}?by={by}"))
            for path, value in IN_A_TABLE.findall(page[page.index('id="table"') :]):
                rows, end = rows_of(get(desk, unescape(path).replace("/rows?", "/rows.csv?")))
                list_, number = str(end["filter"]["list"]), int(re.sub("[^0-9]", "", value))
                found[list_] += bool(rows)
                if list_ == "unlicensed":
                    assert number == sum(int(row["events"]) for row in rows), path
                elif list_ == "outlets":
                    assert number in (len(rows), sum(int(row["active"]) for row in rows)), path
                elif list_ != "batches":
                    assert number == len(rows), path
    some = {name for name, number in found.items() if number}
    assert some >= {"batches", "copies", "farthest", "late", "missing", "near", "outlets", "state", "unlicensed"}


def test_what_rows_are_narrowed_down_to_is_said_and_kept(desk: FlaskClient) -> None:
    page = get(desk, "/desk/figures/copied-labels/rows?list=copies&of=too_fast")
    assert "Only: seen at two places faster" in page and "of=too_fast" in page
    assert "Only: not known" in get(desk, "/desk/figures/copied-labels/rows?list=farthest&of=unknown")
    assert "the list has no rows of that kind" in get(desk, "/desk/figures/overdue/rows?list=late&of=x", status=422)
    assert "<td" in get(desk, "/desk/figures/overdue/rows?list=late&state=RETIRED")  # no list of one state
    assert "counted and never listed" in get(desk, "/desk/figures/state-of-health")
    duties, organisation = get(desk, "/desk/duties"), get(desk, f"/desk/organisations/{MAKER}")
    for path in re.findall(r'"(/desk/figures/overdue/rows[^"]+)"', duties):
        assert "<td" in get(desk, unescape(path))
    [late] = re.findall(
        r'"(/desk/figures/overdue/rows[^"]*operator=cq-motors[^"]*)">([0-9]+)</a>',
        get(desk, "/desk/organisations/cq-motors"),
    )
    assert len(rows_of(get(desk, unescape(late[0]).replace("/rows?", "/rows.csv?")))[0]) == int(late[1])
    [held] = re.findall(r'"(/desk/figures/flows/rows\?[^"]*REGISTERED[^"]*)">([0-9]+)</a>', organisation)
    assert len(rows_of(get(desk, unescape(held[0]).replace("/rows?", "/rows.csv?")))[0]) == int(held[1])


def test_ninety_days_of_verification_are_a_strip_and_a_table(desk: FlaskClient, story: Story) -> None:
    folder, today = story.register.settings.data, date_in_china(story.register.clock())
    note_day(folder, today, Verified(40))
    note_day(folder, today - timedelta(days=3), Verified(failure="entry 7: changed"))
    note_day(folder, today - timedelta(days=3), Verified(30))
    try:
        shown, page = get(desk, "/desk/figures"), get(desk, "/desk/figures/chain-integrity?by=day")
    finally:
        (folder / FILE).unlink()
    for each in (shown, page):
        assert "1 day found sound" in each and "1 day with damage found" in each and "88 days without" in each
    assert page.count("entry 7: changed") == 1 and page.count("<tr>") == 1 + 90
    assert shown.index("Newest checkpoint") < shown.index("1 day found sound") < shown.index("Narrow down")


def test_passports_and_footprints_stand_with_their_tables_and_files(desk: FlaskClient) -> None:
    page = get(desk, "/desk/passports?model=CQ-150")
    assert "Packs that lack data points" in page and "No published passport of a model" in page
    for name in ("/desk/passports.csv", "/desk/passports/footprints.csv"):
        rows, end = rows_of(get(desk, f"{name}?model=CQ-150"))
        assert end["filter"]["model"] == "CQ-150" and end["count"] == len(rows)
    get(desk, "/desk/passports?model=none", status=404)


def test_one_filter_drives_all_cards_and_stays_in_every_address(desk: FlaskClient) -> None:
    everything = numbers(get(desk, "/desk/figures"))
    page = get(desk, "/desk/figures?operator=cq-motors&since=2026-03")
    narrowed = numbers(page)
    assert len(narrowed) == len(everything)
    for path, _ in narrowed:
        assert "operator=cq-motors" in path and "since=2026-03" in path
    made = [value for path, value in narrowed if path.startswith("/desk/figures/flows")]
    assert made[0] == "0" and "Not narrowed down by" in page  # a vehicle maker registers no pack
    for path in ("/desk/figures/flows.csv?operator=cq-motors&by=month", "/desk/figures.csv?operator=cq-motors"):
        _, end = rows_of(get(desk, path))
        assert end["filter"]["operator"] == "cq-motors"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=2026-13", "write the month as 2026-05"),
        ("since=2026-05&until=2026-04", "the last month is before the first"),
        ("operator=nobody", "no organisation here has this id"),
        ("district=990000", "no division of GB/T 2260 has this code"),
    ],
)
def test_a_filter_that_is_wrong_is_said_and_nothing_is_counted(desk: FlaskClient, query: str, said: str) -> None:
    for path in ("/desk/figures", "/desk/figures/flows", "/desk/figures/flows/rows"):
        page = get(desk, f"{path}?{query}", status=422)
        assert said in page and not numbers(page) and "<td" not in page


def test_a_frozen_report_stays_when_figures_change(desk: FlaskClient, cookie: str, story: Story) -> None:
    answer = post(desk, cookie, "/desk/figures/freeze", operator="cq-cells")
    assert answer.status_code == 303
    path = answer.headers["Location"]
    page, file, before = get(desk, path), desk.get(f"{path}.json", base_url=BASE_URL).data, get(desk, "/desk/figures")
    digest = path.rpartition("/")[2]
    assert sha256(file).hexdigest() == digest and digest in page and digest in get(desk, "/desk/reports")
    document = orjson.loads(file)
    end = document[END]
    assert end["sha256"] == sha256(file[: file.rindex(f'"{END}"'.encode())]).hexdigest()
    assert [table["figure"] for table in document["rows"]] and end["count"] == len(document["rows"]) == 16
    assert end["filter"] == {"operator": "cq-cells"} and document["checkpoint"].startswith(story.register.origin)

    story.tell("cq-cells", "register", ("001PE12ABCDEFGG2T0000008",), **RATED, **MADE)
    fold(story)
    assert numbers(get(desk, "/desk/figures")) != numbers(before)
    assert main_of(get(desk, path)) == main_of(page)
    assert desk.get(f"{path}.json", base_url=BASE_URL).data == file
    get(desk, f"/desk/reports/{'0' * 64}", status=404)

    raw = bytes.fromhex(digest)
    with story.register.write_beside() as connection:
        kept = read_report(story.register, raw)
        connection.execute(frozen_report.insert().values(
            digest=b"x" * 32, made_at=format_time(kept.report.made_at), operator=AUTHORITY, figures=1, rows=1, size=1,
            filter="{}", bytes=1, content=__import__("zlib").compress(file),
        ))  # fmt: skip
    with pytest.raises(SettingsError, match="not as it was made"):
        read_report(story.register, b"x" * 32)


def test_a_note_on_a_case_is_kept_and_goes_into_its_file(desk: FlaskClient, cookie: str) -> None:
    [late] = re.findall(r'/desk/cases/late/[^"]+', get(desk, "/desk/cases?kind=late"))
    assert LATE in get(desk, late) and "No note yet" in get(desk, late)
    assert post(desk, cookie, f"{late}/notes", note="").status_code == 422
    assert post(desk, cookie, f"{late}/notes", note="asked for the waybill").status_code == 303
    assert "asked for the waybill" in get(desk, late)
    document = orjson.loads(get(desk, f"{late}.json"))
    assert document["rows"][0]["note"] == "asked for the waybill" and document[END]["count"] == 1
    assert document["case"]["code"] == LATE and document["entries"][0]["entry"]["event"]["subjects"] == [LATE]
    for wrong in (
        "/desk/cases/late/1~~",
        "/desk/cases/nothing/1~2",
        "/desk/cases/copies/99999999999999999999",
        "/desk/cases/near/~nobody",
        "/desk/cases/near/~",
        f"/desk/cases/near/~{NEVER}",
        f"/desk/cases/near/99999999~{LOOKALIKE}",
    ):
        get(desk, wrong, status=404)


def test_each_kind_of_case_says_how_many_there_are(desk: FlaskClient) -> None:
    page = get(desk, "/desk/cases")
    kinds = dict(re.findall(r'\?kind=([a-z]+)"[^>]*>[^<]* <span>([0-9,]+)</span>', page))
    assert len(kinds) == 9 and int(kinds["late"]) == 1 and int(kinds["copies"]) == 2 and int(kinds["near"]) > 0
    for kind in kinds:
        get(desk, f"/desk/cases?kind={kind}")
    near = get(desk, "/desk/cases?kind=near")
    assert near.count("/desk/cases/near/") == min(25, int(kinds["near"]))
    assert LOOKALIKE in get(desk, re.findall(r'/desk/cases/near/[^"]+', near)[0])


def test_only_a_regulator_and_the_authority_see_them(app: Flask, story: Story) -> None:
    maker = client_of(app, sign_in(story, MAKER, "maker.one"))
    for path in (*PATHS, "/desk/figures.csv", "/desk/figures/flows.csv", f"/desk/reports/{'0' * 64}.json"):
        get(maker, path, status=403)
        assert app.test_client().get(path, base_url=BASE_URL).status_code == 303, path


def test_the_dashboard_asks_the_database_as_much_of_a_young_register_as_of_an_old_one(app: Flask, story: Story) -> None:
    asked = []
    for codes in (range(20, 21), range(21, 50)):
        for number in codes:
            story.tell("cq-cells", "register", (f"001PE12ABCDEFGG2T00000{number}",), **RATED, **MADE)
        fold(story)
        client = client_of(app, sign_in(story, AUTHORITY, f"admin.{next(NUMBERS)}"))
        get(client, "/desk/figures")
        with statements(story) as found:
            get(client, "/desk/figures")
        asked.append(len(found))
    assert asked[0] == asked[1]


def reach(page: Page, target: Locator) -> None:
    """Walk there with the keyboard alone: over the link that skips the navigation, then with the Tab key."""
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError("the Tab key does not lead there")


@pytest.mark.both_engines
@pytest.mark.browser
def test_the_authority_walks_from_a_number_to_a_report_and_a_note_by_keyboard(
    browser: Browser, address: str, cookie: str
) -> None:
    page = open_page(browser, address, "en-GB", cookie)
    page.goto(f"{address}/desk/figures")
    reach(page, page.locator("a.number[href*='list=late']"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Late duties")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(f"{address}/desk/figures/overdue")
    reach(page, page.get_by_role("button", name="Freeze as report"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Report of figures")
    page.goto(f"{address}/desk/cases?kind=missing")
    reach(page, page.get_by_role("link", name=f"Open case: {PACK}"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Missing batteries")
    reach(page, page.get_by_label("Add a note"))
    page.keyboard.type("looked at the yard")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".note-text")).to_have_text("looked at the yard")
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("locale", LANGUAGES)
def test_states_that_a_visit_does_not_show_are_accessible_too(
    browser: Browser, address: str, cookie: str, locale: str
) -> None:
    page = open_page(browser, address, locale, cookie, bypass_csp=True)
    for path in ("/desk/figures?since=x", "/desk/figures/flows?by=month", "/desk/cases?kind=near"):
        page.goto(address + path)
        check(page, locale)
    page.goto(f"{address}/desk/reports")
    page.locator(".rows a").first.click()
    check(page, locale)
    page.emulate_media(media="print")
    assert page.locator(".rooms").is_hidden() and page.locator("h1").is_visible()
    page.context.close()


def test_an_empty_register_says_what_will_be_here(tmp_path_factory: pytest.TempPathFactory) -> None:
    told = open_story(tmp_path_factory.mktemp("empty") / "register")
    client = client_of(app_on(told.register, told.recorder), sign_in(told, AUTHORITY, "admin.one"))
    assert "newer entries are not counted yet" in get(client, "/desk/figures")
    fold(told)
    page = get(client, "/desk/figures")
    assert "newer entr" not in page and {value for path, value in numbers(page) if "/rows?" in path} == {"0"}
    assert "Nothing was recorded that this figure counts" in get(client, "/desk/figures/flows")
    assert "No report yet" in get(client, "/desk/reports")
    for path in PATHS:
        get(client, path)
    told.register.close()
