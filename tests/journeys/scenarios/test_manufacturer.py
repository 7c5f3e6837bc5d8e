"""Scenarios 1 to 7: the manufacturer registers batteries, links them, corrects itself and publishes passports."""

import base64
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import zxingcpp
from PIL import Image

from service.domain.uuid7 import make_uuid7
from tests.api.checking import problem
from tests.applications import app_on
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


ROWS, CHUNK = 10_000, 1_000
BAD = {2: "chemistry", 4_711: "day", 9_999: "mass"}
"""Three rows of the list, from 0, and what is wrong with each."""


def listed_rows(stage: Stage) -> list[dict[str, Any]]:
    """A list of 10,000 packs as events, each with an id that follows from its row."""
    rows = []
    for n in range(ROWS):
        event = stage.told("register", code(n + 1), at="2026-03-01")
        event["id"] = make_uuid7(1_772_300_000_000, hashlib.sha256(b"list 7, row %d" % n).digest()[:10])
        rows.append(event)
    rows[2]["subjects"] = [PACK[:4] + "H" + PACK[5:17] + "0000003"]
    rows[4_711]["subjects"] = [PACK[:14] + "G20" + "0004712"]
    rows[9_999]["body"]["mass_g"] = -1
    return rows


@pytest.fixture
def uploaded(stage: Stage) -> Iterator[Any]:
    """Upload a list in chunks; results by row. The description of the API is not checked 60,000 times over."""
    client = app_on(stage.register).test_client()

    def upload(rows: list[dict[str, Any]], *, atomic: bool) -> list[Any]:
        answers = []
        for start in range(0, len(rows), CHUNK):
            answer = client.post(
                f"/v1/events:batch?receipts=brief&atomic={str(atomic).lower()}",
                data=b"\n".join(orjson.dumps(row) for row in rows[start : start + CHUNK]),
                content_type="application/x-ndjson",
                headers=stage.bearer(MAKER),
            )
            answers.append((answer.status_code, answer.data))
        return answers

    yield upload


@pytest.mark.slow
def test_4_a_maker_uploads_ten_thousand_packs_of_which_three_are_wrong(stage: Stage, uploaded: Any) -> None:
    """The rows are sent as events in chunks of 1,000, the most of one request; reading a CSV file is no part of this.

    Without `atomic` every good row counts and each bad one is reported by its line. With it a chunk is all or nothing,
    so the seven chunks without a bad row are recorded whole, and the three others not at all.
    """
    rows, before = listed_rows(stage), stage.size()
    first = [orjson.loads(line) for _, data in uploaded(rows, atomic=False) for line in data.splitlines()]
    refused = {n: row["problem"] for n, row in enumerate(first) if row["status"] != 201}
    assert [row["status"] for row in first].count(201) == 9_997
    assert refused.keys() == BAD.keys()
    assert [refused[n]["errors"][0]["pointer"] for n in BAD] == ["/subjects/0", "/subjects/0", "/body/mass_g"]
    assert all(refused[n]["errors"][0]["message_zh"] for n in BAD)
    assert stage.size() == before + 9_997

    again = [orjson.loads(line) for _, data in uploaded(rows, atomic=False) for line in data.splitlines()]
    assert {row["status"] for n, row in enumerate(again) if n not in BAD} == {200}
    assert [row.get("index") for row in again] == [row.get("index") for row in first]
    since = range(before + 9_997, stage.size())
    assert {stage.see(f"/v1/entries/{n}", BUREAU)["entry"]["event"]["type"] for n in since} <= {"commit_map"}


@pytest.mark.slow
def test_4_a_maker_uploads_the_list_all_or_nothing(stage: Stage, uploaded: Any) -> None:
    """As above: all or nothing holds for what one request carries."""
    rows, before = listed_rows(stage), stage.size()
    answers = uploaded(rows, atomic=True)
    assert [status for status, _ in answers] == [422, 200, 200, 200, 422, 200, 200, 200, 200, 422]
    told = json.loads(answers[4][1])
    assert [fault["pointer"] for fault in told["errors"]] == ["/711/subjects/0"]
    assert {row["status"] for n, row in enumerate(told["results"]) if n != 711} == {409}
    assert stage.size() == before + 7_000
    assert stage.get(f"/v1/batteries/{code(1)}").status_code == 404, "its chunk has a bad row"
    assert stage.get(f"/v1/batteries/{code(1_001)}").status_code == 200


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
