"""The pages of models: published by a form or a file, looked over before, and each with how its passport stands."""

import io
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.filled import boxes_of_page
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import LAB, size
from tests.service.documents.files import PDF
from tests.service.domain.story import PACK_MODEL

NEW, PATH = "/desk/new-model", "/desk/models"


def from_file(browser: FlaskClient, body: object) -> str:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = send(browser, f"{NEW}?lang=en", act="file", file=(io.BytesIO(data), "model.json"))
    return answer.text


def test_a_model_from_a_file_is_mended_looked_over_and_published(maker: FlaskClient, register: Register) -> None:
    before = size(register)
    page = from_file(maker, {**PACK_MODEL, "model_id": "CQ 200", "specification": "20", "gtin": "09521234000044"})
    assert "does not have the required form" in page and 'aria-invalid="true"' in page
    typed = boxes_of_page(page) | {"m.model_id": "CQ-200"}
    assert (typed["m.capacity_mah"], typed["m.composition_g.nickel"]) == ("150", "36")
    check = send(maker, f"{NEW}?lang=en", act="check", **typed)
    assert check.status_code == 200 and "350 V" in check.text and size(register) == before
    hidden = boxes_of_page(check.text)
    done = send(maker, f"{NEW}?lang=en", act="publish", **hidden)
    assert (done.status_code, done.headers["Location"]) == (303, f"{PATH}/CQ-200?lang=en")
    assert size(register) == before + 1
    with register.read() as reader:
        assert register.current_registry(reader.connection).models["CQ-200"].body.capacity_mah == 150_000

    again = send(maker, f"{NEW}?lang=zh", act="publish", **hidden)
    assert again.status_code == 409 and 'href="#m.model_id"' in again.text and size(register) == before + 1
    listed = maker.get(f"{PATH}?lang=en").text
    assert 'href="/desk/models/CQ-200?lang=en"' in listed and "0 of 33 mandatory" not in listed
    assert "2 of 33 mandatory" in listed
    similar = boxes_of_page(maker.get(f"{NEW}?lang=en&like=CQ-200").text)
    assert (similar["m.model_id"], similar["m.gtin"], similar["m.voltage_mv"]) == ("", "", "350")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "a JSON object of at most 100 kB"),
        (b"[" * 200_000, "a JSON object of at most 100 kB"),
        ({"model_id": "X", "colour": "red"}, "a model has no such field"),
        ({"model_id": {"a": 1}, "composition_g": [], "mass_g": "many"}, "this field is required"),
    ],
)
def test_a_file_that_is_no_model_says_so(maker: FlaskClient, register: Register, body: object, words: str) -> None:
    before = size(register)
    assert words in from_file(maker, body)
    assert size(register) == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"m.mass_g": "heavy"}, "a number is needed"),
        ({"m.mass_g": "60000"}, "must lie between 0.001 and 50,000 kg"),
        ({"m.mass_g": "1"}, "composition"),
        ({"m.gtin": "09521234000014"}, "check digit"),
    ],
)
def test_a_wrong_form_says_it_at_the_field_and_keeps_what_was_typed(
    maker: FlaskClient, register: Register, changes: dict[str, str], words: str
) -> None:
    typed = boxes_of_page(from_file(maker, {**PACK_MODEL, "model_id": "CQ-300", "gtin": "09521234000051"})) | changes
    before = size(register)
    page = send(maker, f"{NEW}?lang=en", act="publish", **typed)
    assert page.status_code == 422 and words in page.text
    assert boxes_of_page(page.text) == typed
    assert size(register) == before


def test_a_model_shows_its_documents_and_another_organisation_does_not_see_it(
    maker: FlaskClient, app: Flask, register: Register
) -> None:
    page = maker.get(f"{PATH}/CQ-150?lang=en").text
    assert "0 of 5 mandatory" in page and "mandatory data points are missing" in page
    link = 'href="/desk/documents?lang=en&amp;subject=model%3ACQ-150#add"'
    assert link in page.replace("&subject", "&amp;subject")
    assert 'value="model:CQ-150"' in maker.get("/desk/documents?subject=model:CQ-150").text
    sent = {"subject": "model:CQ-150", "kind": "test_report", "file": (io.BytesIO(PDF), "un383.pdf")}
    assert send(maker, "/desk/documents", **sent).status_code == 303
    assert "un383.pdf" in maker.get(f"{PATH}/CQ-150").text

    other = browser_of(app, new_person(register, PersonRole.RECORDER, LAB))
    assert other.get(f"{PATH}/CQ-150").status_code == 403
    assert "no model yet" in other.get(f"{PATH}?lang=en").text
    assert "Only a person of a maker" in other.get(f"{NEW}?lang=en").text
    assert maker.get(f"{PATH}/none").status_code == 404


def test_who_only_reads_sees_models_and_publishes_none(app: Flask, register: Register) -> None:
    reader = browser_of(app, new_person(register, PersonRole.READER))
    assert "CQ-150" in reader.get(PATH).text and 'href="/desk/new-model"' not in reader.get(PATH).text
    assert "<textarea" not in reader.get(NEW).text
    assert send(reader, NEW, act="check").status_code == 403
