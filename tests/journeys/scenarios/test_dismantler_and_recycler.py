"""Scenarios 14 to 19: at the gate, scrapped cars, recovered nickel, licences, second lives."""

import json
from typing import Any

import pytest

from tests.api.checking import problem
from tests.journeys.scenarios.stage import (
    BASE_URL,
    BUREAU,
    FLEET,
    GREEN,
    LAB,
    MAKER,
    MOTORS,
    OTHER_VIN,
    OUTLET,
    REPAIR,
    SCRAPYARD,
    VIN,
    Stage,
    code,
    enrol,
    second_life_code,
)
from tests.service.passports.contents import content

PACK, OTHER_PACK = code(1), code(2)
LICENCE = {"licence": "pollutant_discharge", "number": "PWX-500112-7", "valid_from": "2024-05-01"}


def waiting_at_the_gate(stage: Stage, *packs: str, by: str = MOTORS) -> None:
    """Packs that were retired on 2 May 2026."""
    stage.today("2026-05-02")
    stage.register_batteries(*packs)
    for each in packs:
        stage.must(by, "retire", each)


def collect(stage: Stage, pack: str, at: str, **body: Any) -> Any:
    return stage.tell(GREEN, "collect", pack, at=at, from_operator=MOTORS, **body)


def test_14_a_recycler_scans_a_pack_offline_and_sends_it_later(stage: Stage) -> None:
    """The times of the scan and of the upload are both kept; the 30 days of Order 73, Art. 24(7), run between them."""
    waiting_at_the_gate(stage, PACK, OTHER_PACK)
    stage.today("2026-06-03")  # thirty days after the scan: the last day
    assert collect(stage, PACK, "2026-05-04").status_code == 201
    stage.today("2026-06-10")
    assert collect(stage, OTHER_PACK, "2026-05-04").status_code == 201

    for pack, day in ((PACK, "2026-06-03"), (OTHER_PACK, "2026-06-10")):
        step = stage.events(pack)[-1]
        assert step["occurred_at"] == "2026-05-04T02:00:00.000Z"
        assert step["received_at"].startswith(day)
    [case] = stage.see("/v1/duties/late", BUREAU)["cases"]
    assert (case["duty"], case["operator"], case["code"]) == ("cn73-recycler-in", GREEN, OTHER_PACK)
    assert (case["since"], case["due_on"], case["answered_on"]) == ("2026-05-04", "2026-06-03", "2026-06-10")
    assert (case["days_late"], case["article"]) == (7, "MIIT Order 73, Art. 24(7)")


def test_14_a_recycler_sends_a_scan_after_somebody_told_something_newer(stage: Stage) -> None:
    waiting_at_the_gate(stage, PACK)
    stage.today("2026-05-10")
    stage.must(
        MOTORS, "report_incident", PACK, incident="mechanical_damage", severity="minor", happened_on="2026-05-10"
    )
    stage.today("2026-05-20")
    [fault] = problem(collect(stage, PACK, "2026-05-04"), 409)["errors"]
    assert (fault["code"], fault["pointer"]) == ("late-reason", "/body/late_reason")
    assert collect(stage, PACK, "2026-05-04", late_reason="offline").status_code == 201
    assert [step["type"] for step in stage.events(PACK)] == ["register", "retire", "report_incident", "collect"]
    assert stage.state(PACK)["last_occurred_at"].startswith("2026-05-10")


def scrap(stage: Stage, pack: str | None, **body: Any) -> dict[str, Any]:
    found = [] if pack is None else [pack]
    return stage.must(SCRAPYARD, "scrap_vehicle", *found, vin=VIN, certificate_no="HS-9", pack_found=pack, **body)


@pytest.mark.parametrize("found", [OTHER_PACK, None])
def test_15_a_scrapyard_finds_another_pack_than_was_installed_or_none(stage: Stage, found: str | None) -> None:
    stage.today("2026-05-04")
    stage.register_batteries(PACK, OTHER_PACK)
    stage.must(MOTORS, "install", PACK, vin=VIN)
    stage.today("2026-08-01")
    scrapped = scrap(stage, found)

    missing = stage.see("/v1/missing-batteries", BUREAU)
    assert (missing["title_zh"], missing["source"]) == ("电池缺失", "MIIT Order 73 (article: source needed)")
    [case] = missing["cases"]
    assert (case["code"], case["found"], case["entry"]) == (PACK, found, scrapped["index"])
    assert (case["certificate_no"], case["operator"]) == ("HS-9", SCRAPYARD)
    assert VIN not in json.dumps(missing)

    stage.today("2026-08-05")
    event = scrapped["entry"]["event"]
    stage.must(
        SCRAPYARD, "correct", *event["subjects"],
        event_id=event["id"], reason="incorrect_data", note="record attached", replacement="GH-2026-88",
    )  # fmt: skip
    assert stage.see("/v1/missing-batteries", BUREAU)["cases"] == []


def test_15_a_scrapyard_finds_the_pack_that_a_workshop_put_in(stage: Stage) -> None:
    stage.today("2026-05-04")
    stage.register_batteries(PACK, OTHER_PACK)
    stage.must(MOTORS, "install", PACK, vin=VIN)
    stage.must(REPAIR, "replace_pack", PACK, OTHER_PACK, vin=VIN)
    scrap(stage, OTHER_PACK)
    assert stage.see("/v1/missing-batteries", BUREAU)["cases"] == []


def test_16_a_recycler_takes_200_cells_out_of_a_pack_by_one_event(stage: Stage) -> None:
    """A cell-to-pack battery has more parts than an event names, so they stand in runs, as its maker listed them."""
    stage.today("2026-05-02")
    cells = [f"001CE12ABCDEFGG2T{n:07d}" for n in range(1, 201)]
    listed = {"cells": [{"first": cells[0], "count": 200, "mass_g": 1_200}], "modules": None, "housing_mass_g": 40_000}
    stage.must(MAKER, "register_pack", PACK, at="2026-02-26", **listed)
    stage.must(MOTORS, "retire", PACK)
    stage.must(GREEN, "collect", PACK, from_operator=MOTORS, mass_g=300_000)
    rest: dict[str, Any] = {"casing_mass_g": 50_000, "residual_mass_g": 10_000}
    most = {"first": cells[0], "count": 198, "outcome": "recovered"}
    before = stage.size()
    [fault] = problem(stage.tell(GREEN, "dismantle", PACK, parts=[most], **rest), 409)["errors"]
    assert (fault["code"], fault["pointer"]) == ("parts-missing", "/subjects")
    assert cells[198] in fault["message"]
    assert cells[198] in fault["message_zh"]
    twice = [most, {"first": cells[197], "count": 3, "outcome": "missing"}]
    [fault] = problem(stage.tell(GREEN, "dismantle", PACK, parts=twice, **rest), 409)["errors"]
    assert (fault["code"], fault["pointer"]) == ("part-twice", "/body/parts/1/first")
    assert "重复" in fault["message_zh"]
    assert stage.size() == before

    parts = [most, {"first": cells[198], "count": 2, "outcome": "missing"}]
    stage.must(GREEN, "dismantle", PACK, parts=parts, **rest)
    assert stage.size() == before + 1
    assert (stage.state(cells[150])["op_state"], stage.state(cells[150])["holder"]) == ("COLLECTED", GREEN)
    assert stage.state(cells[199])["op_state"] == "LOST"
    history = stage.see(f"/v1/batteries/{cells[150]}/history", GREEN)
    assert (history["whole"], history["count"], history["accounted_in"]["code"]) == (True, 0, PACK)
    assert history["accounted_in"]["type"] == "dismantle"
    assert cells[150] in stage.get(f"/b/{cells[150]}", accept="text/html").text
    behind = stage.see(f"/v1/batteries/{PACK}/genealogy", BUREAU, direction="down", depth="5")
    assert behind["complete"]
    assert {"first": cells[0], "last": cells[197], "count": 198}.items() <= next(
        node for node in behind["nodes"] if node["kind"] == "parts"
    ).items()
    told = stage.see("/epcis/events", GREEN, MATCH_epc=f"{BASE_URL}/b/{cells[150]}")
    [event] = [each for each in told["epcisBody"]["queryResults"]["resultsBody"]["eventList"] if "childEPCs" in each]
    assert (len(event["childEPCs"]), event["packtrail:parts"][1]["packtrail:count"]) == (198, 2)

    outputs = [{"material": "black_mass", "mass_g": 60_000, "lot": "B-200"}]
    for n in range(0, 128, 64):
        batch_ = {"input_mass_g": 76_800, "loss_mass_g": 16_800, "outputs": [outputs[0] | {"lot": f"B-{n}"}]}
        stage.must(GREEN, "recycle", *cells[n : n + 64], **batch_)
    assert stage.state(cells[127])["op_state"] == "RECYCLED"
    [fault] = problem(stage.tell(GREEN, "recycle", *cells[:1], outputs=outputs), 409)["errors"]
    assert fault["code"] == "life-ended"


def batch(stage: Stage, pack: str, nickel_g: int, material: str = "nickel", mass_g: int | None = None) -> Any:
    """The answer to a batch of 100 kg; what is no nickel is lost."""
    outputs = [{"material": material, "mass_g": mass_g or nickel_g, "lot": "NI-1"}]
    body: dict[str, Any] = {
        "input_mass_g": 100_000,
        "loss_mass_g": 100_000 - nickel_g,
        "outputs": outputs,
        "batch_no": "B-1",
    }
    return stage.tell(GREEN, "recycle", pack, **body)


def with_12_kg_of_nickel(stage: Stage) -> str:
    small = code(1, kind="P15")
    waiting_at_the_gate(stage, small)
    stage.must(GREEN, "collect", small, from_operator=MOTORS, mass_g=100_000)
    return small


@pytest.mark.parametrize(
    ("material", "mass_g"),
    [("nickel", 13_000), ("nickel_sulfate", 58_219)],
    ids=["as metal", "as a salt with its water: 22.33 % of it is nickel"],
)
def test_16_a_recycler_reports_more_nickel_than_there_was(stage: Stage, material: str, mass_g: int) -> None:
    small = with_12_kg_of_nickel(stage)
    before = stage.size()
    [fault] = problem(batch(stage, small, 13_000, material, mass_g), 422)["errors"]
    assert (fault["code"], fault["pointer"]) == ("element-mass", "/body/outputs")
    assert "13000 g of nickel" in fault["message"] and "12000 g" in fault["message"]
    assert "镍" in fault["message_zh"]
    assert stage.size() == before
    assert stage.see("/v1/recovery", GREEN)["rows"] == []


@pytest.mark.parametrize(
    ("nickel_g", "rate_ppm", "china"), [(11_760, 980_000, "pass"), (11_400, 950_000, "fail")], ids=["98 %", "95 %"]
)
def test_16_a_recycler_reports_nickel_and_is_held_against_the_targets(
    stage: Stage, nickel_g: int, rate_ppm: int, china: str
) -> None:
    assert batch(stage, with_12_kg_of_nickel(stage), nickel_g).status_code == 201
    for reader in (GREEN, BUREAU):
        rows = stage.see(f"/v1/recovery?from=2026-05&to=2026-05&operator={GREEN}", reader)["rows"]
        [row] = [row for row in rows if (row["measure"]["word"], row["stage"]["word"]) == ("nickel", "whole")]
        assert (row["in_mg"], row["out_mg"]) == (12_000_000, nickel_g * 1_000)
        assert (row["rate_ppm"], row["impossible"]) == (rate_ppm, False)
        verdicts = {each["target"]: each for each in row["verdicts"]}
        assert (verdicts["cn-nickel"]["outcome"]["word"], verdicts["cn-nickel"]["ppm"]) == (china, 980_000)
        of_2031 = verdicts["eu-nickel-2031"]
        assert (of_2031["outcome"]["word"], of_2031["ppm"], of_2031["since"]) == ("pass", 950_000, "2031-12-31")


def refusals(stage: Stage, reason: str) -> float:
    """How often events were refused for this reason, as Prometheus reads it."""
    name = f'packtrail_events_refused_total{{code="{reason}"}} '
    lines = [line for line in stage.get("/metrics").text.splitlines() if line.startswith(name)]
    return float(lines[0].removeprefix(name)) if lines else 0.0


def test_17_a_recycler_whose_licence_expired_yesterday_takes_a_pack_in(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    """What alerts is the counter of refusals by rule, and the line that the server writes for every answer."""
    waiting_at_the_gate(stage, PACK)
    enrol(stage, GREEN, ["recycler"], licences=[LICENCE | {"valid_until": "2026-05-03"}])
    stage.today("2026-05-04")
    before = stage.size()
    capfd.readouterr()
    refused = collect(stage, PACK, "2026-05-04")
    told = problem(refused, 403)
    [fault] = told["errors"]
    assert (told["code"], fault["code"], fault["pointer"]) == ("not-permitted", "licence", "/actor")
    assert "2026-05-03" in fault["message"] and "2026-05-03" in fault["message_zh"]
    assert "Art. 18" in fault["source"]
    assert stage.size() == before
    assert refusals(stage, "licence") == 1
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    [line] = [line for line in lines if line["trace_id"] == told["trace_id"]]
    assert (line["status"], line["operator"], line["route"]) == (403, GREEN, "/v1/events")

    assert collect(stage, PACK, "2026-05-03").status_code == 201, "on its last day the licence was valid"


def taken_apart(stage: Stage, modules: dict[str, list[str]]) -> None:
    """Packs on the European market that came back, were dismantled, and whose modules were found fit to go on."""
    stage.today("2027-03-01")
    assert stage.publish_passport(content()).status_code == 201
    for pack, parts in modules.items():
        stage.register_batteries(*parts, pack)
        stage.must(MAKER, "assemble", pack, *parts)
        assert stage.place(pack, on="2027-03-01").status_code == 201
        stage.must(MOTORS, "install", pack, vin=VIN if pack == PACK else OTHER_VIN)
        stage.must(MOTORS, "retire", pack)
        stage.must(OUTLET, "collect", pack, from_operator=MOTORS)
        stage.must(GREEN, "receive", pack, from_operator=OUTLET)
        stage.must(GREEN, "dismantle", pack, *parts, casing_mass_g=100_000, residual_mass_g=20_000)
        for part in parts:
            measured: dict[str, Any] = {
                "remaining_capacity_mah": 120_000,
                "soce_ppm": 800_000,
                "decision": "second_life",
            }
            stage.must(LAB, "test", part, **measured)


def test_18_a_recycler_makes_a_storage_of_three_modules_from_two_packs(stage: Stage) -> None:
    parts = [code(n, kind="M12") for n in (1, 2, 3, 4)]
    taken_apart(stage, {PACK: parts[:2], OTHER_PACK: parts[2:]})
    stage.today("2027-06-02")
    storage, used = second_life_code(1, "2027-06-01"), parts[:3]
    made = stage.must(
        GREEN, "repurpose", storage, *used,
        operation="preparation_for_repurposing", application="stationary_storage",
        capacity_mah=300_000, energy_wh=40_000, mass_g=290_000, made_on="2027-06-01",
    )  # fmt: skip
    assert made["entry"]["event"]["subjects"] == [storage, *used]

    path = f"/v1/batteries/{storage}/passport"
    whole = {"points": content(without=(33, 61)), "category": "stationary"}
    assert stage.client.put(path, json=whole, headers=stage.bearer(GREEN)).status_code == 200
    assert stage.post(f"{path}:publish", GREEN, None).status_code == 201
    assert stage.place(storage, operator=GREEN, on="2027-06-02").status_code == 201

    passport = stage.see(path)
    assert (passport["status"], passport["life_status"], passport["code"]) == ("active", "repurposed", storage)
    assert passport["responsible"]["operator_id"] == GREEN
    assert set(passport["originals"]) == {PACK, OTHER_PACK}
    assert passport["derived_from"] == used
    for original in (PACK, OTHER_PACK):
        shown = stage.see(f"/v1/batteries/{original}/passport")
        assert (shown["status"], "10" in shown["points"]) == ("archived", True)
        assert shown["responsible"]["operator_id"] == MAKER
        assert stage.get(f"/b/{original}", accept="text/html").status_code in (200, 410)
    assert {stage.state(module)["consumed_into"] for module in used} == {storage}
    assert stage.state(parts[3])["op_state"] == "TESTED"
    behind = stage.see(f"/v1/batteries/{storage}/genealogy", BUREAU, direction="back", depth="5")
    assert {PACK, OTHER_PACK, *used} <= {node["id"] for node in behind["nodes"]}


def test_19_a_recycler_calls_a_pack_remanufactured_at_88_percent(stage: Stage) -> None:
    waiting_at_the_gate(stage, PACK)
    stage.must(GREEN, "collect", PACK, from_operator=MOTORS)
    stage.must(LAB, "test", PACK, remaining_capacity_mah=132_000, soce_ppm=880_000, decision="second_life")
    stage.today("2026-07-01")
    output, before = second_life_code(1, "2026-06-30"), stage.size()
    claim: dict[str, Any] = {"capacity_mah": 132_000, "energy_wh": 45_000, "mass_g": 300_000, "made_on": "2026-06-30"}
    claim["application"] = "traction"
    [fault] = problem(stage.tell(GREEN, "remanufacture", output, PACK, **claim), 422)["errors"]
    assert (fault["code"], fault["pointer"]) == ("remanufactured-capacity", "/body/capacity_mah")
    assert "record this as repurposing or re-use" in fault["message"]
    assert "可记录为改变用途或再使用" in fault["message_zh"]
    assert "Art. 3(1)(32)" in fault["source"]
    assert stage.size() == before
    assert stage.get(f"/v1/batteries/{output}").status_code == 404

    stage.must(GREEN, "prepare_reuse", output, PACK, **claim)
    assert stage.state(output)["life_status"] == "re-used"


def test_19_a_recycler_takes_the_other_offer_and_repurposes_it(stage: Stage) -> None:
    waiting_at_the_gate(stage, PACK, by=FLEET)
    stage.must(GREEN, "collect", PACK, from_operator=FLEET)
    stage.must(LAB, "test", PACK, remaining_capacity_mah=132_000, soce_ppm=880_000, decision="second_life")
    stage.today("2026-07-01")
    output = second_life_code(1, "2026-06-30")
    claim: dict[str, Any] = {"capacity_mah": 132_000, "energy_wh": 45_000, "mass_g": 300_000, "made_on": "2026-06-30"}
    assert stage.tell(GREEN, "remanufacture", output, PACK, **claim).status_code == 422
    stage.must(GREEN, "repurpose", output, PACK, application="stationary_storage", **claim)
    assert stage.state(output)["life_status"] == "repurposed"
