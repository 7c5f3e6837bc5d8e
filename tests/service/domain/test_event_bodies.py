"""Bodies of events: read from JSON with every fault at once, written back the same, described for forms."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidBody
from service.domain.events import KINDS, body_mapping, fields_of, parse_body
from service.domain.fields import FieldSpec
from service.domain.restricted import RESTRICTED
from service.domain.titles import TITLES
from service.domain.units import COUNTED, DISPLAYS, unit_of
from tests.service.domain.story import BODIES

KINDS_WITH_BODY = {row.name: row.body for row in KINDS.values() if row.body is not None}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def problems(kind: str, mapping: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidBody) as caught:
        parse_body(kind, mapping)
    assert all(each.message_en and each.message_zh for each in caught.value.problems)
    return [(each.pointer, each.code) for each in caught.value.problems]


def test_the_story_has_a_body_for_every_kind() -> None:
    assert set(BODIES) == set(KINDS_WITH_BODY)


@pytest.mark.parametrize("kind", KINDS_WITH_BODY)
def test_a_body_read_and_written_is_the_same(kind: str) -> None:
    body = parse_body(kind, BODIES[kind])
    written = body_mapping(body)
    assert written == BODIES[kind]
    assert json.loads(json.dumps(written)) == written
    assert parse_body(kind, written) == body


@pytest.mark.parametrize("kind", KINDS_WITH_BODY)
def test_every_missing_field_is_named_at_once(kind: str) -> None:
    body_class = KINDS_WITH_BODY[kind]
    required = [(f"/{field.name}", "missing") for field in fields_of(body_class) if field.required]
    assert problems(kind, {}) == required


FIELDS = [(kind, field.name) for kind, body_class in KINDS_WITH_BODY.items() for field in fields_of(body_class)]


@given(value=json_values)
def test_no_field_takes_null_or_the_wrong_type(value: object) -> None:
    for kind, name in FIELDS:
        body = BODIES[kind] | {name: value}
        try:
            read = parse_body(kind, body)
        except InvalidBody as error:
            assert all(each.pointer.startswith(f"/{name}") for each in error.problems), kind
        else:
            assert value is not None, kind
            assert body_mapping(read) == body
            assert type(body_mapping(read)[name]) is type(value), kind


@given(value=json_values)
def test_anything_at_all_is_read_or_refused(value: object) -> None:
    assert [kind for kind in KINDS_WITH_BODY if not problems(kind, value)] == []


def test_every_fault_of_a_body_is_found_in_the_order_of_the_fields() -> None:
    body = {"soce_ppm": True, "full_cycles": -1, "method": "guess", "note": "", "a/b~c": 1, "temperature_mc": 1.0}
    assert problems("report_soh", body) == [
        ("/soce_ppm", "type"),
        ("/remaining_capacity_mah", "missing"),
        ("/full_cycles", "range"),
        ("/method", "choice"),
        ("/temperature_mc", "type"),
        ("/note", "length"),
        ("/a~1b~0c", "unknown"),
    ]


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        ("report_soh", {"soce_ppm": 1_100_001}, [("/soce_ppm", "range")]),
        ("report_soh", {"note": " x"}, [("/note", "characters")]),
        ("report_soh", {"note": "x\u3000"}, [("/note", "characters")]),
        ("report_soh", {"note": "a\nb"}, [("/note", "characters")]),
        ("report_soh", {"note": "a\u202eb"}, [("/note", "characters")]),
        ("report_soh", {"note": "\ud800"}, [("/note", "characters")]),
        ("report_soh", {"note": "e\u0301"}, [("/note", "characters")]),
        ("report_soh", {"note": "x" * 501}, [("/note", "length")]),
        ("register", {"made_on": "20260226"}, [("/made_on", "date")]),
        ("register", {"made_on": "2026-W09-4"}, [("/made_on", "date")]),
        ("register", {"made_on": "2026-02-30"}, [("/made_on", "date")]),
        ("register", {"made_on": 20260226}, [("/made_on", "type")]),
        ("register", {"gtin": "09521234000014"}, [("/gtin", "invalid")]),
        ("register", {"model_id": "a b"}, [("/model_id", "pattern")]),
        ("register", {"model_id": "abc\n"}, [("/model_id", "pattern")]),
        ("sell", {"region": "500199"}, [("/region", "invalid")]),
        ("install", {"vin": "LSVAA49J412345678"}, [("/vin", "invalid")]),
        ("install", {"vin": "LSVAU2A34N218329O"}, [("/vin", "pattern")]),
        ("install", {"vin_commitment": "A" * 43 + "="}, [("/vin_commitment", "unknown")]),
        ("erase_values", {"commitments": ["A" * 42 + "B="]}, [("/commitments/0", "pattern")]),
        ("erase_values", {"commitments": []}, [("/commitments", "length")]),
        ("repair", {"safety_test_passed": 1}, [("/safety_test_passed", "type")]),
        ("repair", {"removed": "001ME12ABCDEFGG2X0000001"}, [("/removed", "invalid")]),
        ("dismantle", {"missing": ["x", 1]}, [("/missing/0", "pattern"), ("/missing/1", "type")]),
        ("dismantle", {"missing": ["001ME12ABCDEFGG2R0000001"] * 2}, [("/missing", "repeated")]),
        ("dismantle", {"missing": "none"}, [("/missing", "type")]),
        ("recycle", {"outputs": []}, [("/outputs", "length")]),
        (
            "recycle",
            {"outputs": [{"material": "gold", "mass_g": 0, "lot": "L"}, 7]},
            [("/outputs/0/material", "choice"), ("/outputs/0/mass_g", "range"), ("/outputs/1", "type")],
        ),
        (
            "publish_model",
            {"composition_g": {"nickel": 0, "gold": 1, "lithium": 1}},
            [("/composition_g/nickel", "range"), ("/composition_g/gold", "choice")],
        ),
        ("publish_model", {"composition_g": {}}, [("/composition_g", "length")]),
        ("publish_model", {"composition_g": []}, [("/composition_g", "type")]),
        ("enrol_operator", {"roles": ["maker", "maker"]}, [("/roles", "repeated")]),
        ("enrol_operator", {"roles": ["king"]}, [("/roles/0", "choice")]),
        ("enrol_operator", {"operator_id": "A"}, [("/operator_id", "pattern")]),
        ("enrol_operator", {"uscc": "91350100M000100Y44"}, [("/uscc", "invalid")]),
    ],
)
def test_a_value_out_of_bounds_is_refused_at_its_place(
    kind: str, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert problems(kind, BODIES[kind] | change) == expected


def test_the_bounds_of_a_quantity_are_inside() -> None:
    for field in fields_of(KINDS_WITH_BODY["report_soh"]):
        if field.kind == "integer":
            assert field.minimum is not None
            for value in (field.minimum, field.maximum):
                parse_body("report_soh", BODIES["report_soh"] | {field.name: value})
            assert problems("report_soh", BODIES["report_soh"] | {field.name: field.minimum - 1})


@pytest.mark.parametrize("kind", ["open_log", "register_key", "revoke_key", "melt", ""])
def test_a_kind_without_a_body_here_is_refused(kind: str) -> None:
    assert problems(kind, {}) == [("", "kind")]


def all_fields() -> list[FieldSpec]:
    direct = [field for body in KINDS_WITH_BODY.values() for field in fields_of(body)]
    return direct + [inner for field in direct for inner in field.items]


def test_every_field_can_be_described_to_people_and_programs() -> None:
    for field in all_fields():
        assert (field.title_en, field.title_zh) == TITLES[field.name]
        if field.kind in ("integer", "amounts"):
            assert field.unit in DISPLAYS or field.unit in COUNTED
            assert field.unit in COUNTED or field.unit == (unit_of(field.name) or DISPLAYS["g"]).unit
        if field.kind in ("choice", "choices", "amounts"):
            assert field.choices
        if field.kind in ("text", "code", "codes", "model", "operator", "region", "commitment"):
            assert field.max_length
    assert {field.name for field in all_fields()} <= set(TITLES)


def test_a_description_names_what_is_optional() -> None:
    optional = {field.name for field in fields_of(KINDS_WITH_BODY["repair"]) if not field.required}
    assert optional == {"removed", "inserted", "late_reason"}


@pytest.mark.parametrize("kind", sorted(RESTRICTED))
def test_a_restricted_field_may_be_missing_where_its_value_was_erased(kind: str) -> None:
    rest = {name: value for name, value in BODIES[kind].items() if name not in RESTRICTED[kind]}
    body = parse_body(kind, rest, withheld=RESTRICTED[kind])
    assert {name for name in RESTRICTED[kind] if getattr(body, name) is not None} == set()
    assert body_mapping(body) == rest
    needed = {field.name for field in fields_of(KINDS_WITH_BODY[kind]) if field.required} & RESTRICTED[kind].keys()
    if needed:
        assert {pointer for pointer, _ in problems(kind, rest)} == {f"/{name}" for name in needed}


def test_every_restriction_is_of_a_field_that_there_is_and_names_its_source() -> None:
    for kind, rows in RESTRICTED.items():
        specs = {field.name: field for field in fields_of(KINDS_WITH_BODY[kind])}
        for name, row in rows.items():
            assert specs[name].kind in ("integer", "text", "region", "choice", "date"), name
            assert row.source
            assert row.commitment not in specs


def test_the_fields_stand_in_the_order_of_the_class() -> None:
    for body in KINDS_WITH_BODY.values():
        assert [field.name for field in fields_of(body)] == [field.name for field in fields(body)]  # type: ignore[arg-type]
