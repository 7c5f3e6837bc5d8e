"""The register's page for the authority: its health first, and somebody's checkpoint held against it."""

import json
import re
from dataclasses import asdict
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.desk.ledger import Age, age_of
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.cosignature import Ed25519Cosigner
from service.clock import wall_clock
from service.people.roles import PersonRole
from service.verification.selfcheck import STATUS, Status
from service.witnessing.roll import add_witness, note_failure, note_success, remove_witness
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import AUTHORITY, BUREAU, LAB, ORIGIN
from tests.service.domain.story import PACK

PATH = "/desk/ledger?lang=en"
AT = "2026-05-01T04:00:00.000Z"


@pytest.fixture
def inspector(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register, PersonRole.READER, BUREAU))


def newest(register: Register) -> tuple[int, bytes]:
    with register.read() as reader:
        return reader.size(), reader.checkpoint()


def compare(browser: FlaskClient, note: bytes, lang: str = "en") -> TestResponse:
    """As a browser sends the lines of a text field."""
    return send(browser, f"/desk/ledger?lang={lang}", checkpoint=note.decode().replace("\n", "\r\n"))


def signed(register: Register, size: int) -> bytes:
    return sign_checkpoint(Checkpoint(ORIGIN, size, b"x" * 32), register.signers)


def test_the_health_of_the_register_comes_first(inspector: FlaskClient, register: Register) -> None:
    size, _ = newest(register)
    file = register.settings.data / STATUS
    file.write_text(json.dumps(asdict(Status(wall_clock().timestamp(), size))))
    page = inspector.get(PATH).text
    health = page.partition("</section>")[0]
    assert f"<dd>{size}</dd>" in health
    assert "minutes ago" in health or "minute ago" in health
    assert f"{size} entries, all sound" in health
    assert "late duties: 0" in health and "No witness is on the roll" in health
    file.write_text(json.dumps(asdict(Status(failed=1.0, failure="entry 3: <b>"))))
    assert "damage found, entry 3: &lt;b&gt;" in inspector.get(PATH).text
    assert "发现损坏" in inspector.get("/desk/ledger?lang=zh").text
    file.unlink()
    assert "Not yet" in inspector.get(PATH).text


def test_witnesses_are_listed_with_what_keeps_them(inspector: FlaskClient, register: Register) -> None:
    size, _ = newest(register)
    with register.write_beside() as connection:
        for name in ("one", "two"):
            vkey = Ed25519Cosigner(name, name.encode()[:2] * 16, timestamp=0).vkey
            add_witness(connection, name, vkey, "https://w.example.cn", at=AT)
        note_success(connection, ["one"], size=size - 1, at=AT)
        note_failure(connection, ["two"], "<i>away</i>", at=AT)
    page = inspector.get(PATH).text
    assert "1 of 2; 0 entries are witnessed" in page
    assert "1 entry behind" in page and f"{size} entries behind" in page
    assert "&lt;i&gt;away" in page
    with register.write_beside() as connection:
        for name in ("one", "two"):
            remove_witness(connection, name)


def test_a_checkpoint_that_one_holds_is_compared_in_words(inspector: FlaskClient, register: Register) -> None:
    size, note = newest(register)
    assert "Your checkpoint: the same" in compare(inspector, note).text
    assert "您持有的检查点：一致" in compare(inspector, note, "zh").text
    newer = compare(inspector, signed(register, size + 1)).text
    assert "newer than the register" in newer and "rolled back" in newer
    with register.read() as reader:
        old = next(note for _, note in reader.checkpoints())
    older = compare(inspector, old).text
    assert "older and consistent" in older and "Consistency proof" in older
    assert 'class="verdict ok"' in older and 'class="verdict ok"' not in newer


def test_of_a_contradiction_both_checkpoints_are_shown_and_what_to_do(
    inspector: FlaskClient, register: Register
) -> None:
    size, note = newest(register)
    other = signed(register, size)
    page = compare(inspector, other).text
    assert "Your checkpoint: contradictory" in page and "keep both checkpoints" in page
    shown = page.partition('id="verdict"')[2].partition("</section>")[0]
    for each in (note, other):
        for line in each.decode().splitlines():
            assert line.replace("+", "&#43;") in shown or line in shown


@pytest.mark.parametrize("note", ["", "nonsense", "a\nb\n\n— c d", "x" * 300_001])
def test_what_is_no_checkpoint_is_told_on_the_page(inspector: FlaskClient, note: str) -> None:
    for lang, words in (("en", "this is no checkpoint"), ("zh", "这不是检查点")):
        answer = send(inspector, f"/desk/ledger?lang={lang}", checkpoint=note)
        assert answer.status_code == 422 and words in answer.text


def test_entries_are_linked_and_a_place_that_is_none_is_refused(inspector: FlaskClient, register: Register) -> None:
    size, _ = newest(register)
    page = inspector.get(PATH).text
    assert f'href="/desk/entries/{size - 1}?lang=en"' in page
    assert f'href="/b/{PACK}?lang=en"' in page
    page = inspector.get(f"{PATH}&before=2").text
    assert 'href="/desk/entries/1?' in page and 'href="/desk/entries/2?' not in page
    assert "No entries before this one." in inspector.get(f"{PATH}&before=0").text
    for place in ("x", "-1", "9" * 5000, ""):
        assert inspector.get(f"{PATH}&before={place}").status_code == 422


def test_it_is_for_regulators_and_the_authority(app: Flask, register: Register, visitor: FlaskClient) -> None:
    for path in ("/desk/ledger", "/desk/entries/0", "/desk/cases", "/desk/cases/late.csv"):
        assert visitor.get(path).headers["Location"].startswith("/login")
        for operator, status in ((LAB, 403), (BUREAU, 200), (AUTHORITY, 200)):
            browser = browser_of(app, new_person(register, PersonRole.READER, operator))
            assert browser.get(path).status_code == status
            assert ('href="/desk/ledger"' in browser.get("/desk").text) == (status == 200)


@pytest.mark.parametrize(
    ("minutes", "age"),
    [
        (-5, Age("ledger.minutes", 0)),
        (119, Age("ledger.minutes", 119)),
        (120, Age("ledger.hours", 2)),
        (2879, Age("ledger.hours", 47)),
        (2880, Age("ledger.days", 2)),
    ],
)
def test_an_age_is_told_in_the_unit_that_fits(minutes: int, age: Age) -> None:
    now = wall_clock()
    assert age_of(now - timedelta(minutes=minutes), now) == age


@pytest.mark.parametrize(
    ("path", "room", "current"),
    [
        ("/desk", "/desk", "page"),
        ("/desk/ledger", "/desk/ledger", "page"),
        ("/desk/ledger/consistency", "/desk/ledger", "true"),
        ("/desk/entries/0", "/desk/ledger", "true"),
        ("/desk/licences", "/desk/duties", "true"),
    ],
)
def test_the_menu_shows_to_which_room_a_page_belongs(
    inspector: FlaskClient, path: str, room: str, current: str
) -> None:
    found = re.findall(r'<a href="([^"?]+)[^"]*" aria-current="([^"]+)"', inspector.get(path).text)
    assert found == [(room, current)]
