"""Every parameter of a query by itself: a value that fits an event, one that does not; which kinds need a look."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.epcis.errors import QueryParameterError
from service.epcis.naming import Names
from service.epcis.parameters import NAMED, parameter_of
from service.epcis.querying import is_parameter, parse_query
from service.epcis.shapes import CORRECT
from service.epcis.terms import NAMESPACE
from service.epcis.writing import write_events
from tests.needs import SHARED_DATA, missing
from tests.service.epcis.strategies import KINDS_TOLD, told_events

SCHEMA = SHARED_DATA / "epcis" / "schema" / "EPCIS-Query-JSON-Schema-root.json"
A, B = (f"https://id.gs1.org/01/09521234000013/21/{n}" for n in "AB")
LOT, PLACE = f"{NAMESPACE}product/black_mass/BM-1", f"{NAMESPACE}place/Fuling"
TIME = "2026-02-26T12:30:01.123Z"
LATER = "2026-02-26T20:30:01.124+08:00"
EVENT: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventID": "urn:uuid:1",
    "action": "OBSERVE",
    "bizStep": "inspecting",
    "disposition": "conformant",
    "persistentDisposition": {"set": ["completeness_verified"], "unset": ["retail_sold"]},
    "readPoint": {"id": PLACE, "packtrail:hall": "1"},
    "bizLocation": {"id": PLACE, "packtrail:hall": {"packtrail:gate": "2"}},
    "transformationID": "urn:uuid:2",
    "bizTransactionList": [{"type": "bol", "bizTransaction": A}, {"type": "po", "bizTransaction": B}],
    "sourceList": [{"type": "owning_party", "source": A}, {"type": "possessing_party", "source": B}],
    "destinationList": [{"type": "location", "destination": A}],
    "epcList": [A],
    "parentID": A,
    "inputEPCList": [A],
    "outputEPCList": [A],
    "quantityList": [{"epcClass": LOT, "quantity": 12}],
    "inputQuantityList": [{"epcClass": LOT, "quantity": 0.5, "uom": "KGM"}],
    "outputQuantityList": [{"epcClass": LOT, "quantity": 0, "uom": "GRM"}],
    "errorDeclaration": {
        "declarationTime": TIME,
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:3"],
        "packtrail:note": "typing",
        "packtrail:more": {"packtrail:pages": 3},
    },
    "ilmd": {"packtrail:mass_g": 300, "packtrail:made_on": "2026-02-24", "packtrail:of": {"packtrail:nickel": 7}},
    "packtrail:reset": True,
    "packtrail:codes": ["X1", "X2"],
    "packtrail:mass": {"packtrail:masses": [{"packtrail:steel": 5, "packtrail:on": TIME}]},
    "sensorElementList": [
        {
            "packtrail:element": "e",
            "packtrail:box": {"packtrail:row": 4},
            "sensorMetadata": {
                "time": TIME,
                "startTime": TIME,
                "endTime": TIME,
                "deviceID": A,
                "bizRules": A,
                "packtrail:bench": 2,
                "packtrail:box": {"packtrail:row": 4},
            },
            "sensorReport": [
                {"type": "gs1:Temperature", "value": -5, "uom": "CEL", "packtrail:probe": 1},
                {
                    "type": f"{NAMESPACE}StateOfCertifiedEnergy",
                    **dict.fromkeys(("minValue", "maxValue", "meanValue", "sDev", "percValue"), 88.5),
                    "uom": "P1",
                    "percRank": 50,
                    "dataProcessingMethod": A,
                    "microorganism": A,
                    "chemicalSubstance": A,
                    "uriValue": A,
                    "stringValue": "SOME",
                    "hexBinaryValue": "F0",
                    "booleanValue": True,
                    "packtrail:box": {"packtrail:row": 4},
                },
            ],
        }
    ],
}
"""Members that no event of the register has are in it too: what is asked for is told by the standard, not by us."""
_AMOUNTS = ("minValue", "maxValue", "meanValue", "sDev", "percValue")
CASES: dict[str, tuple[str, str]] = {
    "eventType": ("AssociationEvent|ObjectEvent", "AssociationEvent"),
    "EQ_action": ("OBSERVE", "ADD|DELETE"),
    "EQ_bizStep": ("urn:epcglobal:cbv:bizstep:inspecting", "repairing"),
    "EQ_disposition": ("https://ref.gs1.org/cbv/Disp-conformant", "damaged"),
    "EQ_persistentDisposition_set": ("completeness_verified", "retail_sold"),
    "EQ_persistentDisposition_unset": ("retail_sold", "completeness_verified"),
    "EQ_eventID": ("urn:uuid:1", "urn:uuid:2"),
    **dict.fromkeys(("EQ_readPoint", "WD_readPoint", "EQ_bizLocation", "WD_bizLocation"), (PLACE, A)),
    "EQ_transformationID": ("urn:uuid:2", "urn:uuid:1"),
    **dict.fromkeys(("MATCH_epc", "MATCH_parentID", "MATCH_inputEPC", "MATCH_outputEPC", "MATCH_anyEPC"), (A, B)),
    **dict.fromkeys(
        ("MATCH_epcClass", "MATCH_inputEPCClass", "MATCH_outputEPCClass", "MATCH_anyEPCClass"), (LOT, f"{LOT}0")
    ),
    "EXISTS_errorDeclaration": ("true", "false"),
    "EQ_errorReason": ("https://ref.gs1.org/cbv/ER-incorrect_data", "did_not_occur"),
    "EQ_correctiveEventID": ("urn:uuid:3", "urn:uuid:1"),
    **dict.fromkeys(("GE_errorDeclarationTime", "GE_errorDeclaration_Time"), (TIME, LATER)),
    **dict.fromkeys(("LT_errorDeclarationTime", "LT_errorDeclaration_Time"), (LATER, TIME)),
    **dict.fromkeys(("GE_time", "GE_startTime", "GE_endTime"), (TIME, LATER)),
    **dict.fromkeys(("LT_time", "LT_startTime", "LT_endTime"), (LATER, TIME)),
    "EXISTS_sensorElementList": ("true", "false"),
    "EQ_type": ("https://gs1.org/voc/Temperature", "Mass"),
    **dict.fromkeys(("EQ_deviceID", "EQ_bizRules", "EQ_dataProcessingMethod", "EQ_microorganism"), (A, B)),
    **dict.fromkeys(("EQ_chemicalSubstance", "EQ_uriValue"), (A, B)),
    "EQ_stringValue": ("SOME|MORE", "some"),
    "EQ_hexBinaryValue": ("F0", "F1"),
    "EQ_booleanValue": ("true", "false"),
    "GE_percRank": ("50", "50.1"),
    "GT_percRank": ("49", "50"),
    "LE_percRank": ("50", "49.9"),
    "LT_percRank": ("51", "50"),
    # families
    "EQ_bizTransaction_po": (B, A),
    "EQ_bizTransaction_urn:epcglobal:cbv:btt:bol": (A, B),
    "EQ_source_owning_party": (A, B),
    "EQ_source_possessing_party": (B, A),
    "EQ_destination_location": (A, B),
    "EQ_quantity": ("3|12", "0.5"),
    "GE_quantity": ("12", "13"),
    "GT_quantity_KGM": ("0.49", "0.5"),
    "LE_quantity_KGM": ("0.5", "0.4"),
    "LT_quantity_GRM": ("1", "0"),
    "EQ_quantity_GRM": ("0", "12"),
    "EQ_value_CEL": ("-5.0|7", "5"),
    "LT_value_CEL": ("0", "-5"),
    "GE_value_CEL": ("-5", "0"),
    "GT_value_CEL": ("-6", "-5"),
    "LE_value_CEL": ("-5", "-6"),
    **{f"GE_{each}_P1": ("88.5", "88.51") for each in _AMOUNTS},
    **{f"GT_{each}_P1": ("88.4", "88.5") for each in _AMOUNTS},
    **{f"LE_{each}_P1": ("88.50", "88") for each in _AMOUNTS},
    **{f"LT_{each}_P1": ("89", "88.5") for each in _AMOUNTS},
    "EQ_packtrail:reset": ("true", "false"),
    "EQ_packtrail:codes": ("X2", "x2"),
    "EXISTS_packtrail:codes": ("true", "false"),
    "EXISTS_packtrail:steel": ("false", "true"),
    "EXISTS_example:codes": ("false", "true"),
    "EXISTS_INNER_packtrail:steel": ("true", "false"),
    "EQ_INNER_packtrail:steel": ("5", "6"),
    "LT_INNER_packtrail:on": (LATER, TIME),
    "EQ_INNER_packtrail:on": ("2026-02-26T13:30:01.123+01:00", LATER),
    "EXISTS_INNER_packtrail:codes": ("false", "true"),
    "GE_ILMD_packtrail:mass_g": ("300", "301"),
    "GT_ILMD_packtrail:made_on": ("2026-02-23", "2026-02-24"),
    "LE_ILMD_packtrail:made_on": ("2026-02-24", "300"),
    "EXISTS_ILMD_packtrail:mass_g": ("true", "false"),
    "EQ_INNER_ILMD_packtrail:nickel": ("7", "8"),
    "EXISTS_INNER_ILMD_packtrail:nickel": ("true", "false"),
    "EQ_ERROR_DECLARATION_packtrail:note": ("typing", "Typing"),
    "EXISTS_ERROR_DECLARATION_packtrail:note": ("true", "false"),
    "LE_INNER_ERROR_DECLARATION_packtrail:pages": ("3", "2"),
    "EXISTS_INNER_ERROR_DECLARATION_packtrail:pages": ("true", "false"),
    "EQ_SENSORELEMENT_packtrail:element": ("e", "f"),
    "GT_INNER_SENSORELEMENT_packtrail:row": ("3", "4"),
    "GE_SENSORMETADATA_packtrail:bench": ("2", "3"),
    "EQ_INNER_SENSORMETADATA_packtrail:row": ("4", "5"),
    "EQ_SENSORREPORT_packtrail:probe": ("1", "2"),
    "LE_INNER_SENSORREPORT_packtrail:row": ("4", "3"),
    "EXISTS_SENSORELEMENT_packtrail:element": ("true", "false"),
    "EXISTS_SENSORMETADATA_packtrail:bench": ("true", "false"),
    "EXISTS_SENSORREPORT_packtrail:probe": ("true", "false"),
    "EQ_readPoint_packtrail:hall": ("1", "2"),
    "EQ_INNER_bizLocation_packtrail:gate": ("2", "1"),
}
VAIN = ("HASATTR_bizLocation", "EQATTR_bizLocation_country", "EQ_ATTR_readPoint_country", "EQ_example:colour")
"""Known, and true of no event of the register."""


def fits(name: str, value: str) -> bool:
    return parse_query({name: value}).fits(EVENT)


@pytest.mark.parametrize(("name", "match", "miss"), [(name, *pair) for name, pair in CASES.items()])
def test_a_parameter_finds_what_it_asks_for_and_nothing_else(name: str, match: str, miss: str) -> None:
    assert fits(name, match)
    assert not fits(name, miss)


def test_every_parameter_with_one_name_has_a_case() -> None:
    assert NAMED.keys() <= CASES.keys()


@pytest.mark.parametrize("name", VAIN)
def test_what_no_event_carries_is_known_and_finds_nothing(name: str) -> None:
    assert not fits(name, "country")


def test_every_parameter_of_the_query_schema_is_known() -> None:
    """Its names; of each of its patterns one name that it stands for. The patterns escape their colon twice."""
    if not SCHEMA.exists():
        missing("shared/data/epcis beside the project")
    query = json.loads(SCHEMA.read_bytes())["definitions"]["EPCIS-Query"]
    stands = {
        "[a-z][a-zA-Z0-9]*\\\\:\\\\w+": "example:colour",
        "[a-z][a-zA-Z0-9_]+": "po",
        "[A-Z0-9]{2,4}": "KGM",
        "\\\\w+_\\\\w+": "bizLocation_country",
    }
    names = []
    for pattern in query["patternProperties"]:
        text = pattern.strip("^$")
        for part, word in stands.items():
            text = text.replace(part, word)
        names.append(text)
    names += [each for each in query["properties"] if each != "@context"]
    assert len(names) > 150
    assert [each for each in names if not is_parameter(each)] == []


@pytest.mark.parametrize(
    "name",
    ["EQ_colour", "EQ_packtrail:", "EQ_value", "EQ_value_", "EQ_value_celsius", "LT_type", "EXISTS_ilmd",
     "EQ_quantity_", "EQ_OUTER_packtrail:x", "EXISTS_readPoint_packtrail:hall", "HASATTR_",
     "EXISTS_INNER_SENSORREPORT_packtrail:row",
     "EQ_bizTransaction_", "GE_readPoint_packtrail:hall", "MATCH_packtrail:x", "NE_packtrail:x", "EQ_packtrail:x\n"],
)  # fmt: skip
def test_a_name_that_the_standard_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(QueryParameterError, match="not known"):
        parse_query({name: "1"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("GE_value_CEL", "warm"), ("GE_value_CEL", "1|2"), ("EQ_value_CEL", "1|warm"), ("GE_value_CEL", "1e9"),
     ("GT_packtrail:mass_g", "heavy"), ("GT_packtrail:mass_g", "2026-02-30"), ("GE_time", "2026-02-26T12:30:01"),
     ("EXISTS_packtrail:x", "1"), ("EXISTS_packtrail:x", ["true", "false"]), ("EQ_packtrail:x", []),
     ("EQ_packtrail:x", None), ("EQ_packtrail:x", [{}]), ("maxEventCount", "0"), ("maxEventCount", "1001")],
)  # fmt: skip
def test_a_value_that_cannot_be_meant_is_refused(name: str, value: object) -> None:
    with pytest.raises(QueryParameterError, match=name):
        parse_query({name: value})


def test_a_stored_query_may_give_numbers_and_truth_as_json() -> None:
    asked = {"EQ_value_CEL": [-5, 7], "GE_ILMD_packtrail:mass_g": 300, "EXISTS_errorDeclaration": True}
    assert parse_query({**asked, "EXISTS_packtrail:codes": None}).fits(EVENT)
    assert not parse_query({**asked, "EQ_booleanValue": False}).fits(EVENT)


@pytest.mark.parametrize("kind", KINDS_TOLD)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_kind_is_looked_at_for_whatever_its_events_carry(kind: str, data: st.DataObject) -> None:
    """The index is walked for the kinds of which a parameter may be true: none may be left out."""
    for event in write_events(data.draw(told_events(kind)), Names("https://packtrail.example")):
        asked = {f"EXISTS_{name}": "true" for name in event if ":" in name}
        asked |= {f"EXISTS_ILMD_{name}": "true" for name in event.get("ilmd", ())}
        asked |= {"EXISTS_sensorElementList": "true"} if "sensorElementList" in event else {}
        asked |= {"EXISTS_errorDeclaration": "true"} if "errorDeclaration" in event else {}
        for each in [each for name in event if name.lower().endswith("quantitylist") for each in event[name]]:
            asked[f"EQ_quantity_{each['uom']}" if "uom" in each else "EQ_quantity"] = str(each["quantity"])
        for name, value in asked.items():
            row = parameter_of(name)
            assert row is not None
            assert kind == CORRECT or row.may(kind) or not row.test(event, (value,)), name
