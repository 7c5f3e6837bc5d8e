"""One entry for the authority: what it says, its bytes, its chain, its proof; and a reading of it."""

import html

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from ledger.entry import format_hash, parse_entry
from ledger.signing.keys import Dispute
from ledger.tree import hash_leaf
from service.db.access_tables import access_reading
from service.disclosure.collecting import collect_readings
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person
from tests.api.town import BUREAU, MAKER
from tests.service.domain.story import PACK


@pytest.fixture
def inspector(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register, PersonRole.READER, BUREAU))


def stored(register: Register) -> list[bytes]:
    with register.read() as reader:
        return list(reader.entries(0, reader.size()))


def test_an_entry_is_shown_down_to_its_bytes(inspector: FlaskClient, register: Register) -> None:
    entries = stored(register)
    index = len(entries) - 1
    page = html.unescape(inspector.get(f"/desk/entries/{index}?lang=en").text)
    entry = parse_entry(entries[index])
    assert "Registered" in page and f'href="/b/{PACK}?lang=en"' in page
    assert entries[index].decode() in page
    for digest in (hash_leaf(entries[index]), entry.previous):
        assert format_hash(digest) in page
    assert "Checked just now" in page
    assert f'href="/desk/entries/{index - 1}?lang=en"' in page and 'rel="next"' not in page
    for name in entry.event.body:
        assert f'<code translate="no">{name}</code>' in page
    assert "刚刚核验" in inspector.get(f"/desk/entries/{index}?lang=zh").text


def test_the_first_entry_has_none_before_it(inspector: FlaskClient) -> None:
    page = inspector.get("/desk/entries/0?lang=en").text
    assert 'rel="prev"' not in page and 'rel="next"' in page
    assert "This entry names no battery." in page


def test_an_entry_that_is_not_there_is_not_found(inspector: FlaskClient) -> None:
    for index in ("999", str(2**63 - 2), "9" * 40, "-1", "x"):
        assert inspector.get(f"/desk/entries/{index}").status_code == 404


def test_whoever_reads_an_entry_about_a_battery_leaves_a_reading(inspector: FlaskClient, register: Register) -> None:
    inspector.get(f"/desk/entries/{len(stored(register)) - 1}")
    collect_readings(register)
    column = access_reading.c
    with register.read() as reader:
        query = select(access_reading).where(column.operator == BUREAU, column.route == "/desk/entries/<int:index>")
        reading = reader.connection.execute(query.order_by(column.seq.desc())).first()
    assert reading is not None
    assert (reading.owner, reading.subject) == (MAKER, PACK) and "entry" in reading.parts
    assert reading.shown_at > reading.at


def test_an_entry_signed_with_a_disputed_key_says_so(inspector: FlaskClient, register: Register) -> None:
    words, index = "is said to have been in wrong hands", 5
    path = f"/desk/entries/{index}?lang=en"
    assert words not in inspector.get(path).text
    kid = parse_entry(stored(register)[index]).jws.header.kid
    ring = register.registry.ring
    ring.disputes.append(Dispute(index + 1, kid, index, index + 1, "stolen"))
    assert words in inspector.get(path).text
    ring.disputes.pop()
