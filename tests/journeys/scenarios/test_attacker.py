"""Scenarios 24 and 25: copied labels come to light; what is replayed, forged or smuggled in changes nothing."""

import base64
import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from sqlalchemy import select

from ledger.entry import build_event
from ledger.signing.jws import Ed25519EventSigner, sign_event
from service.db.scan_tables import sighting
from tests.api.checking import problem
from tests.journeys.scenarios.stage import (
    AUTHORITY,
    BUREAU,
    GREEN,
    MAKER,
    MOTORS,
    ORIGIN,
    OTHER_MAKER,
    Stage,
    code,
)
from tests.service.domain.story import PACK_MODEL

PACK = code(1)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
FORMULA = '=HYPERLINK("http://evil.example","税务局")'
SIGNERS = {each: Ed25519EventSigner(f"{each}/own", seed * 32) for each, seed in ((MAKER, b"m"), (OTHER_MAKER, b"o"))}


@pytest.fixture(autouse=True)
def _with_keys_of_their_own(stage: Stage) -> None:
    stage.today("2026-05-04")
    for operator, signer in SIGNERS.items():
        key = {"name": "own", "public_key": base64.b64encode(signer.public_key).decode()}
        assert stage.post(f"/v1/operators/{operator}/keys", AUTHORITY, key).status_code == 201


def signed(stage: Stage, *, by: str = MAKER, actor: str = MAKER, **changes: Any) -> dict[str, Any]:
    """The registration of PACK as `actor`'s, signed with the key of `by`."""
    told = stage.told("register", PACK, at="2026-03-01")
    id_ = "019e0000-0000-7000-8000-000000000001"
    members = told | {"actor": actor, "id": id_, "log": ORIGIN, "v": 1} | changes
    return {"event": members, "jws": sign_event(build_event(members).data, SIGNERS[by])}


def test_24_somebody_copies_a_label_and_it_is_scanned_in_chongqing_and_in_hamburg(stage: Stage) -> None:
    stage.register_batteries(PACK)
    chongqing, hamburg = "wm7b9", "u1x0e"
    sightings = f"/v1/batteries/{PACK}/sightings"
    before = stage.size()
    assert stage.post(sightings, None, {"cell": chongqing}).get_json()["suspicious"] is False
    stage.clock.now += timedelta(hours=1)
    assert stage.post(sightings, None, {"cell": hamburg}).get_json()["signs"] == ["too_fast"]
    for operator in (MAKER, BUREAU):
        [alert] = stage.see("/v1/copy-alerts", operator)["alerts"]
        assert (alert["code"], alert["title"]) == (PACK, "seen at two places faster than it can have travelled")
        assert (alert["first"]["place"], alert["second"]["place"]) == (chongqing, hamburg)
    assert stage.see("/v1/copy-alerts", OTHER_MAKER)["alerts"] == []
    page = stage.get(f"/b/{PACK}", accept="text/html", lang="en").text
    assert "This label may have been copied." in page
    assert chongqing not in page
    with stage.register.read() as reader:
        kept = reader.connection.execute(select(sighting)).mappings().all()
    assert [dict(row) | {"id": 0, "at": ""} for row in kept] == [
        {"id": 0, "code": PACK, "at": "", "cell": cell, "operator": None} for cell in (chongqing, hamburg)
    ]
    assert stage.size() == before


def lines_of(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What the server logged since this was asked last."""
    return [line for text in capfd.readouterr().err.splitlines() if "trace_id" in (line := json.loads(text))]


def refused(stage: Stage, capfd: pytest.CaptureFixture[str], operator: str, event: object, status: int) -> Any:
    """The problem that answers an event: nothing is appended, and the attempt is logged under the caller's key."""
    before = stage.size()
    capfd.readouterr()
    answer = stage.post("/v1/events", operator, event)
    told = problem(answer, status)
    [line] = lines_of(capfd)
    assert (line["trace_id"], line["status"], line["operator"]) == (told["trace_id"], status, operator)
    assert line["key"] == stage.keys[operator].split("_")[1]
    assert stage.size() == before
    return told


def test_25_somebody_replays_a_signed_event(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    event = signed(stage)
    first = stage.post("/v1/events", MAKER, event)
    assert first.status_code == 201
    before = stage.size()
    again = stage.post("/v1/events", MAKER, event)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.get_json()["index"] == first.get_json()["index"]
    assert stage.size() == before

    refused(stage, capfd, OTHER_MAKER, event, 403)
    new_id = {"event": event["event"] | {"id": "019e0000-0000-7000-8000-000000000002"}, "jws": event["jws"]}
    told = refused(stage, capfd, MAKER, new_id, 403)
    assert told["code"] == "not-permitted"
    elsewhere = signed(stage, log="another.example/log", id="019e0000-0000-7000-8000-000000000003")
    [fault] = refused(stage, capfd, MAKER, elsewhere, 422)["errors"]
    assert (fault["code"], fault["pointer"]) == ("log", "/event/log")


def test_25_somebody_signs_with_the_key_of_another_organisation(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    own_name_wrong_key = signed(stage, by=OTHER_MAKER)
    refused(stage, capfd, MAKER, own_name_wrong_key, 403)
    refused(stage, capfd, OTHER_MAKER, own_name_wrong_key, 403)
    header, _, mine = sign_event(build_event(signed(stage)["event"]).data, SIGNERS[MAKER]).split(".")
    theirs = own_name_wrong_key["jws"].split(".")[2]
    forged = own_name_wrong_key | {"jws": f"{header}..{theirs}"}
    assert mine != theirs
    refused(stage, capfd, MAKER, forged, 403)
    assert stage.get(f"/v1/batteries/{PACK}").status_code == 404
    assert stage.post("/v1/events", None, signed(stage)).status_code == 401


def test_25_somebody_rolls_the_clock_of_an_event_back(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    stage.register_batteries(PACK)
    stage.must(MOTORS, "install", PACK, vin="LSVAU2A34N2183294", at="2026-03-10")
    stage.must(MOTORS, "sell", PACK, at="2026-03-20", sold_on="2026-03-20")
    for day in ("2026-02-01", "2026-03-15"):
        told = refused(stage, capfd, MAKER, stage.told("begin_service", PACK, at=day), 409)
        assert told["errors"][0]["code"] == "late-reason"
        told = refused(stage, capfd, MAKER, stage.told("begin_service", PACK, at=day, late_reason="offline"), 409)
        assert told["errors"][0]["code"] == "before-last-change"
    unborn = stage.told("report_soh", PACK, at="2026-01-01", late_reason="offline")
    assert refused(stage, capfd, MOTORS, unborn, 422)["errors"][0]["code"] == "before-production"
    ahead = stage.told("report_soh", PACK, at="2026-05-05")
    assert refused(stage, capfd, MOTORS, ahead, 422)["errors"][0]["code"] == "in-the-future"


def test_25_somebody_sets_the_clock_of_the_machine_back(stage: Stage) -> None:
    stage.register_batteries(PACK)
    newest = stage.events(PACK)[-1]["received_at"]
    stage.today("2026-04-01")
    stage.must(MAKER, "report_soh", PACK, at="2026-03-30")
    step = stage.events(PACK)[-1]
    assert step["received_at"] >= newest
    assert step["received_at"].startswith("2026-05-04")


def test_25_somebody_uploads_a_picture_that_is_a_program(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    before = stage.size()
    answer = stage.client.post("/v1/events", data=SVG, content_type="image/svg+xml", headers=stage.bearer(MAKER))
    assert problem(answer, 415)["code"] == "unsupported-media-type"
    assert stage.size() == before
    refused(stage, capfd, MAKER, stage.told("register", PACK, site=f"{SVG}\u202e"), 422)

    name = SVG.replace("http://www.w3.org/2000/svg", "x")
    model = PACK_MODEL | {"model_id": "CQ-X", "specification": "19", "name": name, "gtin": None, "hazard_zh": SVG}
    stage.must(MAKER, "publish_model", **model)
    told = PACK[:5] + "19" + PACK[7:]
    stage.must(MAKER, "register", told, model_id="CQ-X", site=SVG)
    for language in ("zh", "en"):
        page = stage.get(f"/b/{told}", accept="text/html", lang=language)
        assert page.status_code == 200
        assert "<svg xmlns" not in page.text and "<svg x" not in page.text.replace("<svg xmlns", "<svg x")
        assert "&lt;svg xmlns" in page.text
        assert "script-src" in page.headers["Content-Security-Policy"]
    label = stage.get(f"/v1/batteries/{told}/label", MAKER, format="svg")
    assert label.content_type.startswith("image/svg+xml")
    drawn = list(fromstring(label.text).iter())
    assert {each.tag.rpartition("}")[2] for each in drawn} & {"script", "foreignObject", "a", "use", "image"} == set()
    assert [name for each in drawn for name in each.attrib if name.lower().startswith("on")] == []


def test_25_somebody_writes_a_formula_where_a_report_becomes_a_table(stage: Stage) -> None:
    stage.register_batteries(PACK)
    stage.must(MOTORS, "retire", PACK)
    stage.must(GREEN, "collect", PACK, from_operator=MOTORS, transport_document=FORMULA)
    period = "from=2026-05-01&to=2026-05-31"
    for reader, whose in ((GREEN, ""), (BUREAU, f"&operator={GREEN}")):
        report = stage.get(f"/v1/reports?duty=cn73-recycler-in&format=csv&{period}{whose}", reader)
        assert report.status_code == 200, report.text
        cells = [cell for row in csv.reader(io.StringIO(report.data.decode("utf-8-sig"))) for cell in row]
        assert [cell for cell in cells if FORMULA in cell] == [f"'{FORMULA}"]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
