"""Every kind of event, with any body, is the same again after it was an EPCIS event."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.entry import format_hash, format_time
from service.domain.uuid7 import make_uuid7
from service.epcis.fields_read import ENVELOPE
from service.epcis.naming import Names
from service.epcis.reading import Reader
from service.epcis.terms import NAMESPACE, PREFIX, fields_by_name
from service.epcis.writing import Told, event_id, ids_behind, write_events
from service.errors import RefusedError
from tests.service.epcis.strategies import KINDS_TOLD, committed, told_events

NAMES = Names("https://id.example.cn", items={"001PE12ABCDEFGG2T0000001": ("09521234000013", "ABCDEFGG2T0000001")})
READER = Reader(
    Names(
        "https://id.example.cn",
        codes={"https://id.gs1.org/01/09521234000013/21/ABCDEFGG2T0000001": "001PE12ABCDEFGG2T0000001"},
    ),
    "cq-cells",
    "packtrail.test/log",
    {PREFIX: NAMESPACE},
)


def through_json(told: Told) -> dict[str, object]:
    main: dict[str, object] = json.loads(json.dumps(write_events(told, NAMES)[0]))
    return main


@pytest.mark.parametrize("kind", KINDS_TOLD)
@settings(max_examples=25)
@given(data=st.data())
def test_what_an_operator_tells_in_custody_is_read_back_as_it_was_told(kind: str, data: st.DataObject) -> None:
    told = data.draw(told_events(kind))
    read = READER.read(through_json(told))
    assert read.members == {
        "id": told.id,
        "type": kind,
        "subjects": list(told.subjects),
        "occurred_at": format_time(told.occurred_at),
        "body": told.body,
    }
    assert (read.private, read.jws, read.dropped) == ({}, None, ())


@pytest.mark.parametrize("kind", KINDS_TOLD)
@settings(max_examples=15)
@given(data=st.data())
def test_what_an_operator_signed_is_read_back_with_its_signature_and_its_salts(kind: str, data: st.DataObject) -> None:
    signed, privates = committed(data.draw(told_events(kind)))
    values = {name: each.value for name, each in privates.items()}
    salts = {name: format_hash(each.salt) for name, each in privates.items()}
    told = replace(signed, values=values, salts=salts, actor="cq-cells", log="packtrail.test/log", jws="a..b")
    read = READER.read(through_json(told))
    assert read.members == {
        "v": 1,
        "id": told.id,
        "log": "packtrail.test/log",
        "actor": "cq-cells",
        "type": kind,
        "subjects": list(told.subjects),
        "occurred_at": format_time(told.occurred_at),
        "body": signed.body,
    }
    assert read.jws == "a..b"
    assert read.private == {name: {"value": values[name], "salt": salts[name]} for name in privates}


@pytest.mark.parametrize("kind", KINDS_TOLD)
@settings(max_examples=15)
@given(data=st.data())
def test_a_value_that_may_not_be_shown_stands_nowhere_in_the_event(kind: str, data: st.DataObject) -> None:
    signed, privates = committed(data.draw(told_events(kind)))
    told = replace(signed, actor="cq-cells", log="packtrail.test/log", jws="a..b")
    events = write_events(told, NAMES)
    read = READER.read(events[0])
    assert read.members["body"] == signed.body
    assert read.private == {}
    told_values = json.dumps([value for event in events for name, value in leaves(event) if name in privates])
    assert told_values == "[]"


def leaves(value: object, name: str = "") -> list[tuple[str, object]]:
    """Every member of a JSON value that is a field, with its name."""
    if isinstance(value, dict):
        inner = [(key.removeprefix("packtrail:"), each) for key, each in value.items() if "Commitments" not in key]
        return [*inner, *(leaf for key, each in inner for leaf in leaves(each, key))]
    return [leaf for each in value for leaf in leaves(each, name)] if isinstance(value, list) else []


def test_no_field_has_the_name_of_a_member_that_every_event_has() -> None:
    assert all(ENVELOPE.isdisjoint(fields_by_name(kind)) for kind in KINDS_TOLD)


@given(number=st.integers(0, 3), ms=st.integers(0, 1 << 47), noise=st.binary(min_size=10, max_size=10))
def test_every_part_of_an_event_has_an_id_that_leads_back_to_it(number: int, ms: int, noise: bytes) -> None:
    id_ = make_uuid7(ms, noise)
    assert id_ in ids_behind(event_id(id_, number))


def foreign_dismantling(count: int) -> dict[str, object]:
    """As somebody else's system tells it: each part that came out by its address."""
    return {
        "type": "AssociationEvent",
        "action": "DELETE",
        "bizStep": "disassembling",
        "eventTime": "2034-06-21T02:00:00.000Z",
        "eventTimeZoneOffset": "+08:00",
        "parentID": "https://id.example.cn/b/001PE12ABCDEFGG2T0000002",
        "childEPCs": [f"https://id.example.cn/b/001CE12ABCDEFGG2R{n:07d}" for n in range(1, count + 1)],
    }


@pytest.mark.parametrize(("count", "named", "runs"), [(63, 64, None), (200, 1, [200])])
def test_more_parts_than_an_event_names_are_read_into_runs(count: int, named: int, runs: list[int] | None) -> None:
    members = READER.read(foreign_dismantling(count)).members
    assert len(members["subjects"]) == named
    parts = members["body"].get("parts")
    assert runs == (parts and [each["count"] for each in parts])


def test_a_part_that_stands_in_no_run_of_the_event_is_refused() -> None:
    parts = [{"first": "001CE12ABCDEFGG2R0000001", "count": 200, "outcome": "recovered"}]
    body = {"casing_mass_g": 1, "residual_mass_g": 1, "missing": [], "parts": parts}
    moment, pack = datetime(2034, 6, 21, tzinfo=UTC), "001PE12ABCDEFGG2T0000002"
    told = Told(make_uuid7(0, bytes(10)), "dismantle", moment, [pack], body)
    event = through_json(told)
    assert len(cast(list[str], event["childEPCs"])) == 200
    assert READER.read(event).members["body"] == body
    event["packtrail:parts"] = [{"packtrail:first": parts[0]["first"], "packtrail:count": 199}]
    with pytest.raises(RefusedError, match="0000200"):
        READER.read(event)


@pytest.mark.parametrize("text", ["", "urn:uuid:", "urn:uuid:x", "ni:///sha-256;00", "urn:uuid:" + "0" * 36])
def test_another_event_id_leads_nowhere(text: str) -> None:
    assert ids_behind(text) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    ["type", "action", "bizStep", "eventTime", "eventID", "epcList", "parentID", "ilmd", "sensorElementList",
     "bizTransactionList", "sourceList", "readPoint", "bizLocation", "outputQuantityList", "errorDeclaration",
     "packtrail:type", "packtrail:subjects", "packtrail:jws", "packtrail:fieldCommitments", "packtrail:outputs"]
)  # fmt: skip


@settings(max_examples=300)
@given(kind=st.sampled_from(KINDS_TOLD), change=st.dictionaries(MEMBERS, JSON, max_size=3), data=st.data())
def test_any_object_is_read_or_refused(kind: str, change: dict[str, object], data: st.DataObject) -> None:
    event = through_json(data.draw(told_events(kind))) | change
    try:
        READER.read(event)
    except RefusedError as error:
        assert all(fault.message_en and fault.message_zh for fault in error.faults)
