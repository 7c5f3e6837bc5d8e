"""The page of documents: add one by a form, fetch it, remove it; what is wrong stands on the page."""

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person, send
from tests.service.documents.files import PDF, PLACE, picture
from tests.service.domain.story import PACK

PATH = "/desk/documents"


@pytest.fixture
def maker(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register, PersonRole.RECORDER))


def add(
    browser: FlaskClient, data: bytes, *, kind: str = "photo", subject: str = PACK, lang: str = "en"
) -> TestResponse:
    file = (io.BytesIO(data), "../<b>.jpg")
    return send(browser, f"{PATH}?lang={lang}", subject=subject, kind=kind, file=file)


def test_a_document_is_added_fetched_and_removed_without_script(maker: FlaskClient) -> None:
    assert "No documents yet" in maker.get(f"{PATH}?lang=en").text
    added = add(maker, picture())
    assert (added.status_code, added.headers["Location"]) == (303, f"{PATH}?lang=en")
    page = maker.get(f"{PATH}?lang=en").text
    assert "&lt;b&gt;.jpg" in page and "<b>.jpg" not in page
    assert "for persons with a legitimate interest" in page
    [id_] = re.findall(rf"{PATH}/([0-9a-f-]{{36}})\?", page)
    file = maker.get(f"{PATH}/{id_}")
    assert file.content_type == "image/jpeg" and PLACE.encode() not in file.data
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert send(maker, f"{PATH}/{id_}/remove").status_code == 303
    assert maker.get(f"{PATH}/{id_}").status_code == 404
    assert "还没有文件" in maker.get(f"{PATH}?lang=zh").text


@pytest.mark.parametrize(
    ("data", "kind", "subject", "words"),
    [
        (b"<html>", "photo", PACK, "not a whole PDF"),
        (b"", "photo", PACK, "not a whole PDF"),
        (picture(), "test_report", PACK, "is a PDF"),
        (PDF, "nothing", PACK, "choose what the document is"),
        (PDF, "photo", "nowhere", "character"),
        (PDF, "photo", PACK[:-1] + "9", "no such"),
        (PDF, "photo", "model:none", "no such"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_on_the_page_and_nothing_is_kept(
    maker: FlaskClient, data: bytes, kind: str, subject: str, words: str
) -> None:
    answer = add(maker, data, kind=kind, subject=subject)
    assert answer.status_code in (404, 422)
    assert words.lower() in answer.text.lower()
    assert "No documents yet" in maker.get(f"{PATH}?lang=en").text


def test_a_reader_may_look_and_not_add(app: Flask, register: Register) -> None:
    reader = browser_of(app, new_person(register, PersonRole.READER))
    page = reader.get(f"{PATH}?lang=en").text
    assert "Add a document" not in page
    assert add(reader, PDF).status_code == 403


def test_who_is_not_signed_in_is_sent_to_the_door(visitor: FlaskClient) -> None:
    for path in (PATH, "/desk/access"):
        assert visitor.get(path).headers["Location"].startswith("/login")
