"""Forms of the fields of a body: what stands in the boxes is read back as the value that it stands for."""

from typing import Any

import pytest

from api.desk.field_boxes import Box, Boxes, Told, boxes_of, faults_by_box
from api.desk.field_texts import NONE_AT_ALL, read_texts, texts_of_form, texts_of_value
from api.language import LANGUAGES, catalogue
from service.domain.bodies import PublishModel
from service.domain.fields import fields_of
from service.domain.passport.datapoints import RECORDED
from service.domain.passport.shapes import SHAPES
from tests.service.domain.story import PACK_MODEL
from tests.service.passports.contents import CONTENT

BODIES = {nr: (SHAPES[int(nr)], value) for nr, value in CONTENT.items()} | {"model": (PublishModel, PACK_MODEL)}


def form_of(boxes: list[Box | Boxes]) -> dict[str, str]:
    """The form that a browser would send."""
    sent = {}
    for box in boxes:
        if isinstance(box, Box):
            sent[box.name] = box.text
        else:
            sent |= {each.name: each.text for row in box.rows for each in row}
            sent |= {f"{box.name}.{NONE_AT_ALL}": "1"} if box.none else {}
    return sent


@pytest.mark.parametrize("nr", BODIES)
def test_a_value_goes_through_a_form_unchanged(nr: str) -> None:
    shape, value = BODIES[nr]
    specs = fields_of(shape)
    boxes = boxes_of(specs, texts_of_value(specs, value), "p", Told(catalogue("en"), {}))
    assert read_texts(specs, texts_of_form(specs, form_of(boxes), "p")).value == value


def test_an_empty_list_is_a_value_where_it_says_something() -> None:
    specs = fields_of(SHAPES[13])
    boxes = boxes_of(specs, texts_of_value(specs, {"substances": []}), "p", Told(catalogue("en"), {}))
    assert read_texts(specs, texts_of_form(specs, form_of(boxes), "p")).value == {"substances": []}
    assert read_texts(specs, texts_of_form(specs, {}, "p")).value is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [("350", 350_000), ("350.125", 350_125), (" 350 ", 350_000), ("3.5e2", None), ("350,5", None), ("350.1234", None),
     ("３５０", None), ("1" * 30, None)],
)  # fmt: skip
def test_numbers_are_read_exactly_in_the_unit_that_people_use(text: str, kept: int | None) -> None:
    specs = fields_of(SHAPES[26])
    sent = read_texts(specs, texts_of_form(specs, {"p.voltage_mv": text}, "p"))
    assert (sent.value or {}).get("voltage_mv") == kept
    assert [problem.pointer for problem in sent.problems] == ([] if kept else ["/voltage_mv"])


def test_rows_that_are_empty_are_none_and_a_fault_stands_at_its_box() -> None:
    specs: Any = fields_of(SHAPES[46])
    form = {"p.parts.0.name": "", "p.parts.1.name": "module", "p.parts.4.name": "lid", "p.parts.4.number": "L"}
    texts = texts_of_form(specs, form, "p")
    assert read_texts(specs, texts).value == {"parts": [{"name": "module"}, {"name": "lid", "number": "L"}]}
    sent = read_texts(fields_of(SHAPES[15]), texts_of_form(fields_of(SHAPES[15]), {"p.materials.3.mass_g": "x"}, "p"))
    assert list(faults_by_box(sent.problems, "p")) == ["p.materials.0.mass_g"]


def test_every_box_has_a_label_in_both_languages() -> None:
    for nr, shape in SHAPES.items():
        specs = fields_of(shape)
        for language in LANGUAGES if nr not in RECORDED else ():
            boxes = boxes_of(specs, texts_of_value(specs, {}), "p", Told(catalogue(language), {}))
            assert all(box.label for box in boxes), nr
