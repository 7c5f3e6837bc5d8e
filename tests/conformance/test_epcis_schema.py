"""Whatever is told in the words of EPCIS is valid against the schema of GS1."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from service.clock import wall_clock
from service.epcis.documents import capture_document, query_document
from service.epcis.naming import Names
from service.epcis.writing import write_events
from tests.needs import SHARED_DATA, missing
from tests.service.epcis.strategies import CODES, KINDS_TOLD, committed, told_events

FILE = SHARED_DATA / "epcis" / "schema" / "EPCIS-JSON-Schema.json"
NAMES = Names("https://id.example.cn", items={CODES[0]: ("09521234000013", "ABCDEFGG2T0000001")})


@cache
def validator() -> Draft7Validator:
    if not FILE.is_file():
        missing("shared/data/epcis/schema beside the project")
    return Draft7Validator(json.loads(FILE.read_text(encoding="utf-8")))


def faults(document: dict[str, Any]) -> list[str]:
    """What the schema finds, at the event and the member: its own list of alternatives says too much at once."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(document)]


@pytest.mark.parametrize("kind", KINDS_TOLD)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_every_kind_of_event_is_valid_as_it_is_told_and_as_it_is_signed(kind: str, data: st.DataObject) -> None:
    told = data.draw(told_events(kind))
    signed, _ = committed(told)
    events = [*write_events(told, NAMES), *write_events(signed, NAMES)]
    assert faults(capture_document(events, wall_clock())) == []


@pytest.mark.parametrize("kind", ["register", "swap", "report_soh", "recycle", "dismantle"])
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_a_correction_and_an_answer_to_a_query_are_valid(kind: str, data: st.DataObject) -> None:
    corrected, told = data.draw(told_events(kind)), data.draw(told_events("correct"))
    events = write_events(told, NAMES, corrected)
    assert events[0]["errorDeclaration"]
    assert faults(query_document(events, wall_clock(), records=[{"packtrail:index": 1}])) == []
