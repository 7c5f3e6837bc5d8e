"""What the authority looks into: each list a page at a time and as a file, alerts closed with a note."""

import csv
import io
import re
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from api.desk import cases
from service.db.batch_tables import recovery_sum
from service.db.duties import save_cases
from service.db.duty_tables import duty_case, vehicle_case
from service.db.engine import writing
from service.db.missing import save_missing
from service.db.scan_tables import copy_alert
from service.domain.copies import CopySign
from service.domain.duties.cases import DutyCase
from service.domain.duties.vehicles import MissingBattery
from service.domain.materials.batch import Family
from service.domain.recovery.sums import Measure, Stage
from service.domain.rules_use import date_in_china
from service.exports.stamp import END
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import BUREAU, LAB, MAKER, MOTORS, QUIET, pack
from tests.service.domain.story import PACK

PATH = "/desk/cases?lang=en"
AT = "2026-05-01T04:00:00.000Z"


@pytest.fixture
def inspector(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register, PersonRole.READER, BUREAU))


@pytest.fixture(autouse=True)
def _nothing_open(register: Register) -> None:
    with register.write_beside() as connection:
        for table in (duty_case, vehicle_case, copy_alert, recovery_sum):
            connection.execute(delete(table))


def late(register: Register, count: int) -> None:
    day = date_in_china(register.clock()) - timedelta(days=10)
    found = [DutyCase(5, pack(n), "cn73-install", MOTORS, day, day) for n in range(1, count + 1)]
    with register.write_beside() as connection:
        save_cases(writing(connection), found)


def missing(register: Register, *codes: str) -> None:
    found = [MissingBattery(6 + n, code, "", f"<HZ>{n}", MOTORS, date(2026, 5, 1)) for n, code in enumerate(codes)]
    with register.write_beside() as connection:
        save_missing(writing(connection), found)


def alerts(register: Register, count: int) -> None:
    row = {"sign": CopySign.TOO_FAST.value, "maker": MAKER, "holder": MAKER, "raised_at": AT, "first_at": AT,
           "first_cell": "wm7b9", "second_at": AT, "second_cell": "u1x0e", "times": 3}  # fmt: skip
    with register.write_beside() as connection:
        connection.execute(copy_alert.insert(), [row | {"code": pack(n)} for n in range(1, count + 1)])


def recycled(register: Register, out_mg: int) -> None:
    """A whole chain of one recycler, of which so many millionths came out."""
    values = {"operator": QUIET, "month": f"{date_in_china(register.clock()):%Y-%m}", "stage": Stage.WHOLE.value}
    values |= {"family": Family.LITHIUM.value, "measure": Measure.EFFICIENCY.value}
    amounts = {"in_mg": 1_000_000, "out_mg": out_mg, "passed_mg": 0, "unknown_in_g": 0, "unknown_out_g": 0}
    with register.write_beside() as connection:
        connection.execute(recovery_sum.insert().values(values | amounts | {"batches": 1}))


def read_file(browser: FlaskClient, name: str, query: str = "") -> tuple[list[dict[str, str]], dict[str, Any]]:
    """The rows of a file, and what its end mark says, which has to fit."""
    answer = browser.get(f"/desk/cases/{name}.csv{query}")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, no-store"
    text = answer.data.decode("utf-8-sig")
    *rows, end = csv.reader(io.StringIO(text))
    assert end[0] == END
    told = orjson.loads(end[1])
    assert told["sha256"] == sha256(answer.data[: answer.data.rindex(END.encode())]).hexdigest()
    header, *values = rows
    assert told["count"] == len(values)
    return [dict(zip(header, each, strict=True)) for each in values], told


def test_where_nothing_is_open_the_page_says_so_in_words(inspector: FlaskClient) -> None:
    page = inspector.get(PATH).text
    for words in ("Nobody is late", "No scrapped vehicle lacks", "No label is suspected", "No rate is below"):
        assert words in page
    assert ".csv" not in page
    assert "没有疑似被复制的标签" in inspector.get("/desk/cases?lang=zh").text
    for name in cases.LISTS:
        assert read_file(inspector, name)[0] == []


def test_each_case_leads_to_its_battery_and_its_entry(inspector: FlaskClient, register: Register) -> None:
    late(register, 1)
    missing(register, PACK, "")
    alerts(register, 1)
    page = inspector.get(PATH).text
    assert "10 days late" in page and "noticed 3 times" in page and "wm7b9 → u1x0e" in page
    assert "A pack that the register does not know" in page
    assert "&lt;HZ&gt;0" in page and "<HZ>" not in page
    for path in (f"/b/{pack(1)}", f"/b/{PACK}", "/desk/entries/5", "/desk/entries/6", "/desk/entries/7"):
        assert f'href="{path}?lang=en"' in page


@pytest.mark.parametrize(
    ("name", "fill"), [("late", late), ("copies", alerts), ("missing", lambda r, n: missing(r, *map(pack, range(n))))]
)
def test_a_list_goes_on_on_the_next_page_and_is_whole_as_a_file(
    inspector: FlaskClient, register: Register, monkeypatch: pytest.MonkeyPatch, name: str, fill: Any
) -> None:
    monkeypatch.setattr(cases, "PAGE", 2)
    monkeypatch.setattr(cases, "ROWS_AT_ONCE", 2)
    fill(register, 5)
    seen, path = list[str](), PATH
    for pages in range(3):  # noqa: B007
        part = inspector.get(path).text.partition(f'id="{name}"')[2].partition("</section>")[0]
        seen += re.findall(r'href="/b/(\w+)\?', part)
        following = re.search(rf'href="([^"]*&(?:amp;)?{name}=[^"#]*)', part)
        path = following[1].replace("&amp;", "&") if following else ""
    assert path == "" and len(seen) == len(set(seen)) == 5
    rows, told = read_file(inspector, name)
    assert [row["code"] for row in rows] == seen and told["filter"]["next"] == ""
    monkeypatch.setattr(cases, "MAX_ROWS", 2)
    first, told = read_file(inspector, name)
    second, _ = read_file(inspector, name, f"?after={told['filter']['next']}")
    assert [row["code"] for row in (*first, *second)] == seen[:4]


def test_a_rate_below_its_target_is_listed_and_one_that_meets_it_is_not(
    inspector: FlaskClient, register: Register
) -> None:
    recycled(register, 640_000)
    page = inspector.get(PATH).text.partition('id="recovery"')[2]
    assert "whole battery" in page and "64.00 %; at least 65.00 % is asked for" in page
    [*rows] = read_file(inspector, "recovery")[0]
    assert {(row["operator"], row["rate_ppm"], row["ppm"]) for row in rows} >= {(QUIET, "640000", "650000")}
    with register.write_beside() as connection:
        connection.execute(delete(recovery_sum))
    recycled(register, 990_000)
    assert "No rate is below" in inspector.get(PATH).text


def test_a_rate_below_its_target_is_a_case_with_notes_that_stay_when_it_is_met(
    inspector: FlaskClient, register: Register
) -> None:
    recycled(register, 640_000)
    page = inspector.get(f"{PATH}&kind=recovery").text
    [case] = {unquote(path) for path in re.findall(r'/desk/cases/recovery/[^"?]+', page) if "whole." in path}
    shown = inspector.get(f"{case}?lang=en").text
    for words in ("whole battery", "64%", "At least asked for", "65%", "missed", "Recycling batches"):
        assert words in shown, words
    assert send(inspector, f"{case}/notes", note="asked for the slag book").status_code == 303
    with register.write_beside() as connection:
        connection.execute(delete(recovery_sum))
    recycled(register, 700_000)
    shown = inspector.get(f"{case}?lang=en").text
    assert "asked for the slag book" in shown and "70%" in shown and "missed" not in shown
    document = orjson.loads(inspector.get(f"{case}.json").data)
    assert document["case"]["facts"]["rate_ppm"] == 700_000 and document["case"]["operator"] == QUIET
    for wrong in (f"/desk/cases/recovery/{QUIET}~x", "/desk/cases/recovery/x", f"{case}x"):
        assert inspector.get(wrong).status_code == 404


def test_an_alert_is_closed_with_what_was_found(inspector: FlaskClient, register: Register) -> None:
    alerts(register, 2)
    [first, second] = re.findall(r'action="(/desk/cases/copies/\d+/close)\?', inspector.get(PATH).text)
    for note, words in (
        ("", "say what was found"),
        ("x" * 501, "say what was found"),
        (" " * 20, "say what was found"),
    ):
        answer = send(inspector, f"{first}?lang=en", note=note)
        assert answer.status_code == 422 and words in answer.text
    assert first in inspector.get(PATH).text
    closed = send(inspector, f"{first}?lang=en", note="scrapped housing")
    assert (closed.status_code, closed.headers["Location"]) == (303, PATH)
    page = inspector.get(PATH).text
    assert first not in page and second in page
    with register.read() as reader:
        row = reader.connection.execute(copy_alert.select().order_by(copy_alert.c.id)).first()
    assert row is not None and (row.closed_by, row.note) == (BUREAU, "scrapped housing")
    again = send(inspector, f"{first}?lang=zh", note="x")
    assert again.status_code == 409 and "已由他人关闭" in again.text
    for number in ("99999", "9" * 30):
        assert send(inspector, f"/desk/cases/copies/{number}/close", note="x").status_code == 404


def test_an_alert_is_closed_by_supervisors_only(app: Flask, register: Register) -> None:
    alerts(register, 1)
    browser = browser_of(app, new_person(register, PersonRole.ADMIN, LAB))
    assert send(browser, "/desk/cases/copies/1/close", note="x").status_code == 403


def test_a_place_or_a_list_that_is_none_is_refused(inspector: FlaskClient) -> None:
    for query in ("late=x", "missing=1", "copies=-1", f"copies={'9' * 5000}"):
        assert inspector.get(f"{PATH}&{query}").status_code == 422
    assert inspector.get("/desk/cases/late.csv?after=x").status_code == 422
    assert inspector.get("/desk/cases/others.csv").status_code == 404
