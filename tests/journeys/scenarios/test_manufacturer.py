"""Scenarios 1 to 7: the manufacturer registers batteries, links them, corrects itself and publishes passports."""

import base64
import hashlib
import io
import json
import subprocess
import sys
from typing import Any

import orjson
import pytest
import zxingcpp
from PIL import Image

from service.imports.working import do_waiting
from service.recording.recorder import Recorder
from tests.api.checking import problem
from tests.journeys.scenarios.stage import BASE_URL, BUREAU, MAKER, OTHER_MAKER, Stage, code
from tests.service.passports.contents import content

PACK = code(1)
OWN_SCRIPT = """
import base64, hashlib, json, sys
receipt = json.load(sys.stdin)
entry = json.dumps(receipt["entry"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
print(base64.b64encode(hashlib.sha256(b"\\0" + entry).digest()).decode())
"""
"""What anybody can write after reading ledger/README.md: nothing of this project is imported."""


@pytest.fixture(autouse=True)
def _in_march(stage: Stage) -> None:
    stage.today("2026-03-02")


def register(stage: Stage, battery: str, operator: str = MAKER, **body: Any) -> Any:
    return stage.tell(operator, "register", battery, **body)


def test_1_a_maker_registers_a_pack_and_its_label_leads_to_it(stage: Stage) -> None:
    before = stage.size()
    answer = register(stage, PACK)
    assert answer.status_code == 201
    receipt = answer.get_json()
    assert stage.size() == before + 1
    assert (receipt["index"], answer.headers["Location"]) == (before, f"/v1/entries/{before}")
    hashed = subprocess.run(
        [sys.executable, "-I", "-c", OWN_SCRIPT], input=answer.text, capture_output=True, text=True, check=True
    )
    assert hashed.stdout.strip() == receipt["leaf_hash"]

    label = stage.get(f"/v1/batteries/{PACK}/label", MAKER, format="png")
    assert label.content_type == "image/png"
    links = [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(label.data)).convert("L"))]
    [link] = [each for each in links if "://" in each]
    assert link.lower().startswith(BASE_URL)
    page = stage.get(link[len(BASE_URL) :], accept="text/html")
    assert page.status_code == 200
    assert PACK in page.text.replace("<wbr>", "").replace(" ", "") or f"/b/{PACK}" in page.text


@pytest.mark.parametrize("who", [MAKER, OTHER_MAKER])
def test_2_a_maker_registers_the_same_code_again_and_is_told_who_has_it(stage: Stage, who: str) -> None:
    first = register(stage, PACK).get_json()["index"]
    before = stage.size()
    told = problem(register(stage, PACK, who), 409)
    [fault] = told["errors"]
    assert (fault["code"], fault["pointer"]) == ("already-registered", "/subjects/0")
    assert (told["current"]["maker"], told["current"]["op_state"]) == (MAKER, "REGISTERED")
    assert stage.see(f"/v1/batteries/{PACK}/history")["steps"][0]["index"] == first
    assert PACK in fault["message"] and MAKER in fault["message"] and MAKER in fault["message_zh"]
    assert stage.size() == before == first + 1


@pytest.mark.parametrize(
    ("battery", "position"),
    [
        (PACK[:14] + "G20" + PACK[17:], 17),  # 31 February 2026
        (PACK[:14] + "G33" + PACK[17:], 15),  # tomorrow
        (PACK[:14] + "H11" + PACK[17:], 15),  # next year
        (PACK[:4] + "H" + PACK[5:], 5),  # there is no chemistry H
    ],
    ids=["no such day", "tomorrow", "next year", "no such chemistry"],
)
def test_3_a_maker_mistypes_a_code_and_is_told_which_character(stage: Stage, battery: str, position: int) -> None:
    before = stage.size()
    [fault] = problem(register(stage, battery), 422)["errors"]
    assert (fault["code"], fault["pointer"]) == ("code", "/subjects/0")
    assert f"position {position}" in fault["message"]
    assert f"第{position}位" in fault["message_zh"]
    assert stage.size() == before


ROWS = 10_000
"""As many as all-or-nothing takes, which is one commit: PACKTRAIL_IMPORT_ATOMIC_ROWS."""
HEADER = "电池编码,发生时间,型号,质量（千克）,额定容量（毫安时）,额定能量（瓦时）,生产日期,生产厂"


def listed(rows: int) -> bytes:
    """A list of packs as a spreadsheet saves it: chemistry H, 31 February, and last a mass below nothing are in it."""
    packs = [[code(n + 1), "300.5"] for n in range(rows)]
    packs[2][0] = f"{PACK[:4]}H{PACK[5:17]}0000003"
    packs[rows // 2][0] = f"{PACK[:14]}G20{rows // 2 + 1:07d}"
    packs[-1][1] = "-1"
    lines = (f"{pack},2026-03-01 12:00,CQ-150,{mass},150000,52000,2026-02-26,重庆两江工厂" for pack, mass in packs)
    return "\ufeff".encode() + "\r\n".join([HEADER, *lines, ""]).encode()


def bad(rows: int) -> dict[int, str]:
    """The three rows of such a file, the header being row 1, and the column at fault."""
    return {4: "电池编码", rows // 2 + 2: "电池编码", rows + 1: "质量（千克）"}


def upload(stage: Stage, data: bytes, mode: str, **more: str) -> Any:
    """What is answered to a file of packs, with the worker of a served register at work until nothing waits."""
    asked = {"kind": "packs", "mode": mode} | more
    answer = stage.client.post(
        "/v1/imports", query_string=asked, data=data, content_type="text/csv", headers=stage.bearer(MAKER)
    )
    do_waiting(Recorder(stage.register), lambda: False, processes=1)
    return answer


def became(stage: Stage, answer: Any) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
    """The counts of an import, and its refused rows by their number."""
    done = stage.see(answer.headers["Location"], MAKER)
    assert done["state"] == "finished", done
    table = stage.get(done["rows"], MAKER, rows="refused", format="ndjson").data.splitlines()
    return done["counts"], {row["row"]: row for row in map(orjson.loads, table[:-1])}


@pytest.mark.slow
def test_4_a_maker_uploads_ten_thousand_packs_of_which_three_are_wrong(stage: Stage) -> None:
    """Good rows only. The refused rows are told with column and reason; the very same file again adds nothing."""
    data, before = listed(ROWS), stage.size()
    first = upload(stage, data, "good")
    assert first.status_code == 202, first.text
    counts, refused = became(stage, first)
    assert (counts["total"], counts["accepted"], counts["refused"]) == (10_000, 9_997, 3)
    assert {number: row["errors"][0]["column"] for number, row in refused.items()} == bad(ROWS)
    assert all(row["errors"][0]["message"] and row["errors"][0]["message_zh"] for row in refused.values())
    assert stage.size() == before + 9_997
    assert stage.get(f"/v1/batteries/{code(10_000 - 1)}").status_code == 200

    again = upload(stage, data, "good")
    assert (again.status_code, again.get_json()["again"]) == (200, True)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert stage.size() == before + 9_997


def test_4_a_maker_uploads_a_list_all_or_nothing(stage: Stage) -> None:
    """Of 500 packs: a dry run tells all bad rows; in earnest a fault of form keeps all others out untried.

    With a row more than one commit takes, the file is refused before anything is tried.
    """
    data, before = listed(500), stage.size()
    counts, refused = became(stage, upload(stage, data, "all", dry_run="true"))
    assert (counts["accepted"], counts["refused"], set(refused)) == (497, 3, set(bad(500)))
    counts, refused = became(stage, upload(stage, data, "all"))
    assert (counts["accepted"], counts["refused"], counts["not_tried"]) == (0, 1, 499)
    assert {number: row["errors"][0]["column"] for number, row in refused.items()} == {501: "质量（千克）"}
    assert stage.size() == before
    assert stage.get(f"/v1/batteries/{code(1)}").status_code == 404

    longer = upload(stage, listed(ROWS + 1), "all")
    told = stage.see(longer.headers["Location"], MAKER)
    assert (told["state"], told["error"]["code"]) == ("failed", "atomic-rows")
    assert stage.size() == before


def test_5_a_maker_links_a_module_that_is_in_another_pack(stage: Stage) -> None:
    modules = [code(n, kind="M12") for n in (1, 2, 3)]
    packs = [code(1), code(2)]
    stage.register_batteries(*modules, *packs)
    stage.must(MAKER, "assemble", packs[0], *modules[:2])
    before = stage.size()
    told = problem(stage.tell(MAKER, "assemble", packs[1], modules[2], modules[1]), 409)
    [fault] = told["errors"]
    assert (fault["code"], fault["pointer"]) == ("part-of-another", "/subjects/2")
    assert packs[0] in fault["message"]
    assert told["current"]["parent"] == packs[0]
    assert stage.size() == before
    assert stage.state(packs[1])["op_state"] == "REGISTERED"


def test_6_a_maker_publishes_a_passport_that_lacks_data_point_33(stage: Stage) -> None:
    stage.today("2027-06-01")
    before = stage.size()
    lacking = content(without=(33, 17))
    [fault] = problem(stage.publish_passport(lacking), 422)["errors"]
    assert fault["code"] == "data-point-33"
    assert "Annex XIII" in fault["source"] and fault["message_zh"]
    assert stage.size() == before

    light = stage.publish_passport(content(without=(33, 17, 61)), model_id="CQ-LMT")
    assert light.status_code == 201, light.text
    whole = stage.publish_passport(content(without=(17,)))
    assert whole.status_code == 201, whole.text
    assert 17 not in whole.get_json()["entry"]["event"]["body"]["points"]


def test_6_a_maker_places_a_battery_on_the_market_whose_passport_lacks_a_data_point(stage: Stage) -> None:
    stage.today("2027-06-01")
    light, heavy = code(1, kind="P13"), code(1)
    stage.register_batteries(heavy, light)
    lacking = content(without=(33, 17), **{"65": {"rate_ppm": 20_000}})  # 65 is asked for light means of transport only
    assert stage.publish_passport(lacking, model_id="CQ-LMT").status_code == 201
    told = problem(stage.place(heavy, on="2027-06-01"), 422)
    assert "data-point-33" in [fault["code"] for fault in told["errors"]]
    placed = stage.place(light, on="2027-06-01")
    assert placed.status_code == 201, placed.text
    assert stage.see(f"/v1/batteries/{light}/passport")["status"] == "active"


def test_7_a_maker_finds_a_wrong_mass_later_and_corrects_it(stage: Stage) -> None:
    told = register(stage, PACK, mass_g=310_000).get_json()
    entry = stage.see(f"/v1/entries/{told['index']}", BUREAU)
    stage.today("2026-04-20")
    correction = stage.must(
        MAKER, "correct", PACK,
        event_id=told["entry"]["event"]["id"], reason="incorrect_data", note="weighed again", mass_g=300_000,
    )  # fmt: skip

    assert stage.see(f"/v1/batteries/{PACK}")["mass_g"] == 300_000
    first, second = stage.events(PACK)
    assert first["entry"]["event"]["body"]["mass_g"] == 310_000
    assert second["entry"]["event"]["body"]["mass_g"] == 300_000
    assert (second["type"], second["index"]) == ("correct", correction["index"])
    assert second["entry"]["event"]["body"]["event_id"] == first["entry"]["event"]["id"]

    later = stage.see(f"/v1/entries/{told['index']}", BUREAU)
    assert later["leaf_hash"] == entry["leaf_hash"] == told["leaf_hash"] == first["leaf_hash"]
    assert later["entry"] == entry["entry"]
    written = json.dumps(later["entry"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert base64.b64encode(hashlib.sha256(b"\0" + written).digest()).decode() == told["leaf_hash"]
