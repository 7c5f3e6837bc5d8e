"""Scenarios 11 to 13: a swap station, a workshop that finds a pack elsewhere, a repair that names one part only."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from service.failpoints import VARIABLE
from tests.api.checking import problem
from tests.journeys.scenarios.stage import (
    BASE_URL,
    MAKER,
    MOTORS,
    OTHER_VIN,
    REPAIR,
    SWAP,
    VIN,
    Stage,
    code,
)
from tests.scene import Scene, Server

EMPTY, FULL = code(1), code(2)


@pytest.fixture(autouse=True)
def _in_may(stage: Stage) -> None:
    stage.today("2026-05-04")


def drive_in(stage: Stage) -> None:
    """A car with a pack that runs low, and a full pack at the station."""
    stage.register_batteries(EMPTY, FULL)
    stage.must(SWAP, "install", EMPTY, vin=VIN, odometer_km=12)


def the_swap(stage: Stage) -> dict[str, Any]:
    return stage.told("swap", EMPTY, FULL, vin=VIN, station="CQ-07", soc_out_ppm=80_000, soc_in_ppm=970_000)


def where_they_are(stage: Stage) -> tuple[str, str]:
    return stage.state(EMPTY)["op_state"], stage.state(FULL)["op_state"]


def test_11_a_station_swaps_a_pack_and_both_halves_are_one_entry(stage: Stage) -> None:
    drive_in(stage)
    before = stage.size()
    swapped = stage.post("/v1/events", SWAP, the_swap(stage))
    assert swapped.status_code == 201
    assert stage.size() == before + 1
    assert where_they_are(stage) == ("IN_SWAP_POOL", "IN_USE")
    [out], [put_in] = ([step for step in stage.events(each) if step["type"] == "swap"] for each in (EMPTY, FULL))
    assert out["index"] == put_in["index"] == swapped.get_json()["index"]


def test_11_a_station_without_a_network_tells_a_swap_after_a_report_of_health(stage: Stage) -> None:
    drive_in(stage)
    stage.today("2026-05-06")
    stage.must(MOTORS, "report_soh", EMPTY, soce_ppm=870_000)
    before = stage.size()
    late = {"vin": VIN, "station": "CQ-07", "soc_out_ppm": 80_000, "soc_in_ppm": 970_000, "soce_out_ppm": 880_000}
    [fault] = problem(stage.tell(SWAP, "swap", EMPTY, FULL, at="2026-05-05", **late), 409)["errors"]
    assert (fault["code"], fault["pointer"]) == ("late-reason", "/body/late_reason")
    assert stage.size() == before
    stage.must(SWAP, "swap", EMPTY, FULL, at="2026-05-05", late_reason="offline", **late)
    assert where_they_are(stage) == ("IN_SWAP_POOL", "IN_USE")
    step = stage.events(EMPTY)[-1]
    assert (step["type"], step["occurred_at"][:10], step["received_at"][:10]) == ("swap", "2026-05-05", "2026-05-06")
    state = stage.state(EMPTY, MOTORS)
    assert (state["soce_ppm"], state["last_occurred_at"][:10]) == (870_000, "2026-05-06")


@pytest.mark.parametrize("half", [[EMPTY], [FULL]])
def test_11_a_station_tells_one_half_of_a_swap(stage: Stage, half: list[str]) -> None:
    drive_in(stage)
    before = stage.size()
    [fault] = problem(stage.post("/v1/events", SWAP, the_swap(stage) | {"subjects": half}), 422)["errors"]
    assert (fault["code"], fault["pointer"]) == ("subject-count", "/subjects")
    assert stage.size() == before
    assert where_they_are(stage) == ("INSTALLED", "REGISTERED")


@contextmanager
def served(stage: Stage, dies_at: str = "") -> Iterator[Server]:
    """A server of its own process in front of the same register, told to die at a point."""
    environment = {"PACKTRAIL_BASE_URL": BASE_URL, VARIABLE: dies_at}
    server = Server(Scene(stage.settings, stage.keys[SWAP], ()), 1, environment=environment)
    server.start()
    try:
        yield server
    finally:
        server.end()


def send(server: Server, stage: Stage, event: dict[str, Any]) -> int | None:
    """The status of the answer; None where the line went dead."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = stage.bearer(SWAP) | {"Content-Type": "application/json"}
    try:
        line.request("POST", "/v1/events", json.dumps(event), headers)
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()


@pytest.mark.parametrize("moment", ["signed", "written"])
def test_11_the_power_fails_in_the_middle_of_a_swap_and_neither_half_is_there(stage: Stage, moment: str) -> None:
    drive_in(stage)
    event = the_swap(stage) | {"id": "01a0b0c0-0000-7000-8000-00000000000b"}
    with served(stage, moment) as server:
        assert send(server, stage, event) is None
    assert [step["type"] for each in (EMPTY, FULL) for step in stage.events(each)] == [
        "register",
        "install",
        "register",
    ]
    assert where_they_are(stage) == ("INSTALLED", "REGISTERED")
    with served(stage) as server:
        assert send(server, stage, event) == 201
        assert send(server, stage, event) == 200, "the station does not know whether it came through"
    assert [step["type"] for step in stage.events(FULL)] == ["register", "swap"]
    assert where_they_are(stage) == ("IN_SWAP_POOL", "IN_USE")


def test_12_a_workshop_installs_a_pack_that_is_in_another_car(stage: Stage) -> None:
    stage.register_batteries(EMPTY)
    stage.must(MOTORS, "install", EMPTY, vin=VIN)
    before = stage.size()
    told = problem(stage.tell(REPAIR, "install", EMPTY, vin=OTHER_VIN), 409)
    [fault] = told["errors"]
    assert (fault["code"], fault["pointer"]) == ("in-a-vehicle", "/subjects/0")
    assert (told["current"]["op_state"], told["current"]["in_vehicle"]) == ("INSTALLED", True)
    assert VIN not in json.dumps(told)
    assert stage.size() == before


def test_13_a_workshop_changes_a_module_and_does_not_say_which_came_out(stage: Stage) -> None:
    pack, old, new = code(1), code(1, kind="M12"), code(2, kind="M12")
    stage.register_batteries(pack, old, new)
    stage.must(MAKER, "assemble", pack, old)
    stage.must(MOTORS, "install", pack, vin=VIN)
    before = stage.size()
    [fault] = problem(stage.tell(REPAIR, "repair", pack, new, inserted=new), 422)["errors"]
    assert (fault["code"], fault["pointer"]) == ("replacement-incomplete", "/body/removed")
    assert fault["message_zh"] and "MIIT Order 73, Art. 12" in fault["source"]
    assert stage.size() == before
    assert stage.tell(REPAIR, "repair", pack, old, new, removed=old, inserted=new).status_code == 201
    assert stage.state(pack)["children"] == [new]
