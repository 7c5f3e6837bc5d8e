"""The page of labels: look, print, and what was printed."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import LAB, size
from tests.service.domain.story import PACK


def test_looking_shows_the_label_in_millimetres_and_records_nothing(maker: FlaskClient, register: Register) -> None:
    before = size(register)
    page = send(
        maker, "/desk/labels?lang=en", batteries=PACK, act="look", template="P0", side_width=200, side_height=100
    )
    assert page.status_code == 200, page.text
    assert "150 × 100 mm; 1 in all" in page.text
    src = page.text.partition('src="/desk/labels/preview')[2].partition('"')[0].replace("&amp;", "&")
    preview = maker.get(f"/desk/labels/preview{src}")
    assert (preview.status_code, preview.content_type) == (200, "image/svg+xml")
    assert b'width="150mm"' in preview.data and preview.data.count(b"<path") == 2
    assert size(register) == before


def test_the_symbol_is_of_the_size_of_a_cylinder_and_metals_stand_under_it(maker: FlaskClient) -> None:
    fields = {"batteries": PACK, "act": "look", "template": "P0", "Cd": "1"}
    page = send(maker, "/desk/labels?lang=en", **fields, cylinder_diameter=21, cylinder_length=70)
    assert page.status_code == 200, page.text
    src = page.text.partition('src="/desk/labels/preview')[2].partition('"')[0].replace("&amp;", "&")
    assert "cylinder_diameter=21&cylinder_length=70&Cd=1" in src
    with_symbol = maker.get(f"/desk/labels/preview{src}").data
    assert with_symbol.count(b"<path") == 2
    assert with_symbol != maker.get(f"/desk/labels/preview{src.replace('=70', '=90')}").data


def test_printing_gives_the_file_and_the_log_tells_of_it_in_both_languages(
    maker: FlaskClient, register: Register
) -> None:
    before = size(register)
    fields = {"batteries": f" {PACK.lower()}\n", "act": "print", "format": "zpl", "copies": "2"}
    reason = {"reprint_reason": "additional"}
    answer = send(maker, "/desk/labels", **fields, **reason)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{PACK}.zpl"'
    assert answer.data.count(b"^XA") == 2
    assert size(register) == before + 1
    assert "2 printed" in maker.get("/desk/labels?lang=en").text
    assert "打印2张" in maker.get("/desk/labels?lang=zh").text
    again = send(maker, "/desk/labels?lang=zh", **fields)
    assert again.status_code == 409
    assert "请说明重打原因" in again.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"batteries": ""}, "at least one battery"),
        ({"batteries": '"><script>alert(1)</script>'}, "a battery code has"),
        ({"template": "X"}, "from the lists"),
        ({"format": "exe"}, "from the list"),
        ({"copies": "1000"}, "a whole number from 1 to 100"),
        ({"side_width": "10"}, "both lengths"),
        ({"side_width": "10", "side_height": "10"}, "goes on the packaging"),
        ({"cylinder_length": "70"}, "the diameter and the length"),
        ({"side_width": "90", "side_height": "90", "cylinder_diameter": "21", "cylinder_length": "70"}, "not both"),
        ({"reprint_reason": "fun"}, "a reason from the list"),
        ({"dpi": "299"}, "a resolution from the list"),
    ],
)
def test_a_wrong_form_says_what_to_mend_and_keeps_what_was_typed(
    maker: FlaskClient, register: Register, fields: dict[str, str], words: str
) -> None:
    before = size(register)
    page = send(maker, "/desk/labels?lang=en", **({"batteries": PACK, "act": "print"} | fields))
    assert 400 <= page.status_code < 500
    assert words in page.text
    assert "<script>alert" not in page.text
    assert size(register) == before


def test_who_only_reads_sees_the_log_and_no_form(app: Flask, register: Register) -> None:
    reader = browser_of(app, new_person(register, PersonRole.READER))
    assert "<textarea" not in reader.get("/desk/labels").text
    assert send(reader, "/desk/labels", batteries=PACK, act="print").status_code == 403


def test_the_log_of_another_organisation_stays_its_own(app: Flask, register: Register) -> None:
    other = browser_of(app, new_person(register, PersonRole.RECORDER, LAB))
    assert "No label has been printed" in other.get("/desk/labels?lang=en").text
