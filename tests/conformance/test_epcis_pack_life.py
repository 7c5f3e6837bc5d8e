"""The life of one pack in 14 events of somebody else, captured by its nine organisations into an empty register.

The document tells less than the law asks for. COMPLETED says what each organisation adds to its events, as members of
our namespace; EARLIER and BETWEEN what must have been recorded for them to be possible. All else is as it stands.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.access import SCOPES, make_api_key
from service.db import views
from service.domain.vin import vin_check_digit
from service.founding import Founder, found_register
from service.operators import enrol_operator, make_custodial_key, record_as
from service.recording.recorder import Recorder
from service.settings import read_settings
from service.work import Register
from tests.applications import app_on
from tests.needs import SHARED_DATA, missing
from tests.service.domain.story import BODIES, MODULE_MODEL, MODULES, NEW_MODULE, PACK, PACK_MODEL, SPARE

FILE = SHARED_DATA / "epcis" / "pack-life" / "pack-lifecycle.jsonld"
NOW = datetime(2034, 7, 2, tzinfo=UTC)
DAY = "2034-07-02T00:00:00Z"
OUTPUT = "001ME12R6M0000001RM"
ROLES = {
    "013": ["maker"], "020": ["vehicle_maker"], "037": ["dealer"], "044": ["workshop"], "051": ["swap_operator"],
    "068": ["workshop"], "075": ["collector", "workshop"], "082": ["dismantler", "recycler"], "099": ["recycler"],
}  # fmt: skip
"""By the last digits of the GLN of each place: the roles of the organisation there."""
TOLD_VIN = "LXXAB1C2XTC000001"
VIN = TOLD_VIN[:8] + vin_check_digit(TOLD_VIN) + TOLD_VIN[9:]
GS1 = "https://id.gs1.org/01"
SPARE_EPC = f"{GS1}/09521234000020/21/{NEW_MODULE[7:]}"

COMPLETED: dict[int, dict[str, Any]] = {
    1: {"packtrail:mass_g": 300_000},
    2: {"packtrail:odometer_km": 12},
    3: {"packtrail:sold_on": "2026-03-20", "packtrail:region": "500103", "packtrail:owner_type": "private"},
    4: {"packtrail:full_cycles": 640, "packtrail:method": "bms"},
    6: {"packtrail:soc_out_ppm": 80_000, "packtrail:soc_in_ppm": 970_000},
    8: {"packtrail:reason": "module fault", "packtrail:soce_ppm": 900_000, "packtrail:safety_test_passed": True},
    9: {"packtrail:reason": "capacity"},
    10: {"packtrail:casing_mass_g": 20_000, "packtrail:residual_mass_g": 10_000, "packtrail:missing": []},
    11: {
        **{f"packtrail:{name}": value for name, value in BODIES["repurpose"].items()},
        "packtrail:subjects": [OUTPUT, MODULES[0]],
    },
    12: {
        "packtrail:input_mass_g": 90_000,
        "packtrail:loss_mass_g": 86_900,
        "packtrail:route": "hydrometallurgy",
        "packtrail:outputs": [
            {"packtrail:material": "nickel_sulfate", "packtrail:mass_g": 11_200, "packtrail:lot": "NISO4-2607"},
            {"packtrail:material": "lithium_carbonate", "packtrail:mass_g": 3_050, "packtrail:lot": "LI2CO3-2607"},
        ],
    },
}


def org(gln: str) -> str:
    return f"org-{gln}"


class Desk:
    """Nine organisations before one register."""

    def __init__(self, register: Register, recorder: Recorder) -> None:
        self.register, self.recorder = register, recorder
        self.client: FlaskClient = app_on(register, recorder).test_client()
        self.keys: dict[str, str] = {}
        for gln, roles in ROLES.items():
            enrolment = {"operator_id": org(gln), "name": "经营者", "roles": roles, "region": "500112"}
            enrol_operator(recorder, enrolment)
            make_custodial_key(recorder, org(gln))
            with register.write_beside() as connection:
                self.keys[gln] = make_api_key(connection, org(gln), now=NOW, scopes=SCOPES)
        record_as(recorder, org("013"), "publish_model", PACK_MODEL)
        record_as(recorder, org("013"), "publish_model", MODULE_MODEL)

    def tell(self, gln: str, kind: str, day: str, *subjects: str, **body: Any) -> None:
        event = {"type": kind, "subjects": list(subjects), "occurred_at": f"{day}T02:00:00.000Z"}
        answer = self.client.post(
            "/v1/events",
            json=event | {"body": BODIES[kind] | body},
            headers={"Authorization": f"Bearer {self.keys[gln]}"},
        )
        assert answer.status_code == 201, answer.json

    def capture(self, gln: str, context: Any, events: list[dict[str, Any]]) -> dict[str, Any]:
        document = {"@context": context, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": DAY}
        answer = self.client.post(
            "/epcis/capture",
            json=document | {"epcisBody": {"eventList": events}},
            headers={"Authorization": f"Bearer {self.keys[gln]}"},
        )
        assert answer.status_code == 202, answer.json
        job: dict[str, Any] = answer.json
        assert job["success"], job["errors"]
        return job

    def state(self, code: str) -> Any:
        with self.register.read() as reader:
            return views.load_states(reader.connection, [code])[code]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = read_settings({"PACKTRAIL_BASE_URL": "https://id.example.cn"}, data=tmp_path)
    found_register(
        settings, Founder("packtrail.test/log", "cq-city", "重庆市", "Chongqing", "500000"), clock=lambda: NOW
    )
    register = Register(settings, clock=lambda: NOW)
    yield Desk(register, Recorder(register))
    register.close()


def read_life() -> tuple[Any, list[dict[str, Any]]]:
    if not FILE.is_file():
        missing("shared/data/epcis/pack-life beside the project")
    text = FILE.read_text(encoding="utf-8").replace(TOLD_VIN, VIN)
    document = json.loads(text)
    return document["@context"], document["epcisBody"]["eventList"]


def replaced_by_spare(event: dict[str, Any]) -> dict[str, Any]:
    """The other half of a part replaced, which the document leaves out."""
    return event | {"action": "ADD", "childEPCs": [SPARE_EPC]}


def test_the_life_of_a_pack_is_captured_whole_and_ends_as_it_is_told(desk: Desk) -> None:
    context, events = read_life()
    for at, members in COMPLETED.items():
        events[at] |= members
    events[10]["childEPCs"].append(SPARE_EPC)
    made = "2026-02-24"
    for code in (*MODULES, NEW_MODULE):
        model = {"model_id": "CQ-50M", "mass_g": 90_000, "capacity_mah": 150_000, "energy_wh": 17_000, "made_on": made}
        desk.tell("013", "register", made, code, **model)
    desk.tell("013", "register", "2026-02-26", SPARE)
    jobs = [desk.capture("013", context, events[0:2])]
    jobs += [desk.capture(gln, context, [events[at]]) for gln, at in (("020", 2), ("037", 3), ("044", 4))]
    jobs.append(desk.capture("051", context, events[5:7]))
    jobs.append(desk.capture("068", context, [events[7], replaced_by_spare(events[7]), events[8]]))
    jobs.append(desk.capture("075", context, [events[9]]))
    collected = {"from_operator": org("075"), "mass_g": 300_000, "transport_document": "YD-1"}
    desk.tell("082", "collect", "2034-06-02", PACK, **collected)
    jobs.append(desk.capture("082", context, [events[10]]))
    desk.tell("082", "test", "2034-06-20", MODULES[0])
    jobs.append(desk.capture("082", context, [events[11]]))
    jobs.append(desk.capture("099", context, events[12:14]))
    assert desk.state(PACK).op_state == "DISMANTLED"
    assert desk.state(SPARE).op_state == "IN_USE"
    assert desk.state(MODULES[0]).op_state == "CONSUMED"
    assert desk.state(OUTPUT).derived_from == (MODULES[0],)
    assert (desk.state(MODULES[1]).op_state, desk.state(MODULES[1]).passport) == ("RECYCLED", "ceased")
    dropped = {name for job in jobs for each in job["packtrail:events"] for name in each.get("notRecorded", ())}
    assert {"ilmd/example:ratedCapacityAh", "sourceList/0", "example:derivedFrom"} <= dropped


def test_without_what_the_law_asks_for_an_event_is_refused_and_says_what_is_missing(desk: Desk) -> None:
    context, events = read_life()
    desk.capture("013", context, [events[0]])
    answer = desk.client.post(
        "/epcis/events",
        json={"@context": context, **events[2]},
        headers={"Authorization": f"Bearer {desk.keys['020']}"},
    )
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json["errors"]] == ["/packtrail:odometer_km"]
