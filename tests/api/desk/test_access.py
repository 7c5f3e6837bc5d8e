"""The page of the access log: an organisation sees who read its data, and whether the list is whole."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from service.access import Caller
from service.db.access_tables import access_reading
from service.disclosure.collecting import collect_readings
from service.disclosure.readings import Disclosed, Way, note_readings
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person
from tests.api.town import BUREAU, LAB, MAKER
from tests.service.domain.story import PACK

PATH = "/desk/access?lang=en"


def note(register: Register, operator: str, purpose: str = "", *, supervised: bool = False) -> None:
    shown = [Disclosed(PACK, MAKER, frozenset({"pt4"}), supervised)]
    note_readings(register, Caller(operator, frozenset({"read"}), "key"), shown, Way("/v1/x", purpose))


@pytest.fixture
def reader(app: Flask, register: Register) -> Iterator[FlaskClient]:
    yield browser_of(app, new_person(register, PersonRole.READER))


def test_readings_stand_on_the_page_with_what_the_reader_said_and_no_markup_of_it(
    reader: FlaskClient, register: Register
) -> None:
    note(register, LAB, "<img src=x onerror=alert(1)>")
    note(register, BUREAU, "inquiry", supervised=True)
    page = reader.get(PATH).text
    assert PACK in page and "pt4" in page
    assert "&lt;img src=x" in page and "<img src=x" not in page
    assert "inquiry" not in page
    assert "Each reading on this page follows on the one before it." in page
    assert "谁查阅过贵单位的受限数据" in reader.get("/desk/access?lang=zh").text
    assert "No readings" in reader.get(f"{PATH}&subject=model:x").text


def test_a_reading_that_was_changed_is_seen_on_the_page(reader: FlaskClient, register: Register) -> None:
    for _ in range(3):
        note(register, LAB)
    collect_readings(register)
    with register.write_beside() as connection:
        column = access_reading.c
        newest = update(access_reading).where(column.owner == MAKER, column.seq == 2)
        connection.execute(newest.values(operator="nobody"))
    assert "do not follow on each other" in reader.get(PATH).text


def test_older_readings_are_a_page_away_and_a_place_that_is_none_is_refused(
    reader: FlaskClient, register: Register
) -> None:
    for _ in range(101):
        note(register, LAB)
    page = reader.get(PATH).text
    assert "Older ones" in page
    before = page.partition("before=")[2].partition('"')[0]
    assert "Older ones" not in reader.get(f"{PATH}&before={before}").text
    assert reader.get(f"{PATH}&before=x").status_code == 422
